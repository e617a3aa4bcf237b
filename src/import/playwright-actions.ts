/**
 * Calls and steps of a Playwright trace.
 *
 * ```
 * test.trace      test.step "Ask" ─┬─ pw:api "Fill …"     │ the same call twice: the runner knows the step that it is in,
 *                                  └─ pw:api "Click"      │ the library what it was called with
 * 0-trace.trace   Frame.fill, Frame.click                 │ tied by stepId, by callId since 1.58, by name and time before 1.44
 * ```
 * Steps are `test.step`, `tracing.group`, and the runner's hooks around them.
 */

import { present } from '../model/attributes.ts';
import type { Layer } from '../model/layer.ts';
import type { UnixNano } from '../model/time.ts';
import { isObject, type Json, number, text } from './json-value.ts';
import { firstLine, type PlaywrightContext } from './playwright-context.ts';
import type { Warn } from './playwright-trace.ts';
import type { RecordedPart } from './recording.ts';
import { shortUrl } from './url-parts.ts';

interface Call {
  readonly key: string;
  readonly before: Json;
  readonly after: Json | undefined;
  readonly context: PlaywrightContext;
  readonly startUnixNano: UnixNano;
  readonly endUnixNano: UnixNano;
}

/** All contexts' calls, each once, by start; parents are steps or calls that are there. */
export function actionsOf(contexts: readonly PlaywrightContext[], warn: Warn): RecordedPart[] {
  const calls = contexts.flatMap((context) => callsOf(context, warn));
  const runner = calls.filter(({ context }) => context.isTest);
  const ownByStep = new Map(runner.flatMap((call) => stepIdsOf(call).map((id) => [id, call] as const)));
  const insideByOwn = new Map<Call, Call>();
  const rest = calls.filter((call) => {
    const own = call.context.isTest ? undefined : matched(call, ownByStep);
    if (own) insideByOwn.set(own, call);
    return !own;
  });
  const keys = new Set(rest.map(({ key }) => key));
  return rest
    .map((call) => partOf(call, insideByOwn.get(call), keys))
    .sort((a, b) => (a.startUnixNano < b.startUnixNano ? -1 : a.startUnixNano > b.startUnixNano ? 1 : 0));
}

const matched = (call: Call, ownByStep: ReadonlyMap<string, Call>): Call | undefined =>
  stepIdsOf(call)
    .map((id) => ownByStep.get(id))
    .find((own) => own !== undefined);

function stepIdsOf({ before }: Call): string[] {
  const named = [text(before.stepId), text(before.callId)].filter(Boolean);
  const apiName = text(before.apiName);
  return apiName && before.wallTime !== undefined ? [...named, `${apiName}@${text(before.wallTime)}`] : named;
}

function callsOf(context: PlaywrightContext, warn: Warn): Call[] {
  const afterById = new Map<string, Json>();
  for (const line of context.lines) if (line.type === 'after') afterById.set(text(line.callId), line);
  const lastUnixNano = lastOf(context);
  const seen = new Set<string>();
  return context.lines.flatMap((before) => {
    if (before.type !== 'before') return [];
    const callId = text(before.callId);
    const start = context.unixNano(before.startTime);
    if (!callId || start === undefined || seen.has(callId)) {
      warn(
        'bad_call',
        context.name,
        `a call "${nameOf(before)}" has no id of its own, or no time: it was left out`,
      );
      return [];
    }
    seen.add(callId);
    const after = afterById.get(callId);
    const end = context.unixNano(after?.endTime) ?? lastUnixNano ?? start;
    const endUnixNano = end < start ? start : end;
    return { key: `${context.name} ${callId}`, before, after, context, startUnixNano: start, endUnixNano };
  });
}

/** When the recorder was last heard: what has no end was still going on. */
function lastOf({ lines, unixNano }: PlaywrightContext): UnixNano | undefined {
  let last: UnixNano | undefined;
  for (const line of lines) {
    const at = unixNano(line.endTime ?? line.startTime ?? line.time);
    if (at !== undefined && (last === undefined || at > last)) last = at;
  }
  return last;
}

function partOf(call: Call, inside: Call | undefined, keys: ReadonlySet<string>): RecordedPart {
  const { before, after, context, key, startUnixNano, endUnixNano } = call;
  const parentKey = `${context.name} ${text(before.parentId)}`;
  const error = after ? errorOf(after) : 'unfinished';
  const shown = {
    key,
    ...(keys.has(parentKey) && parentKey !== key && { parentKey }),
    ...(error !== undefined && { error }),
    startUnixNano,
    endUnixNano,
  };
  const kind = kindOf(before);
  if (isStep(kind, before)) return { ...shown, type: 'step', name: titleOf(before) };
  const name = OWN_WORDS.has(kind) ? titleOf(before) : nameOf(inside?.before ?? before);
  return {
    ...shown,
    type: 'action',
    name: kind === 'expect' ? expectName(before) : name,
    ...layerOf(name),
    attributes: present({
      'headwater.action.target': targetOf(inside?.before ?? before) ?? targetOf(before),
    }),
  };
}

/** `test.step`, `hook`, `fixture`, `pw:api`, `expect`: before version 8 only the id says so. */
function kindOf(before: Json): string {
  if (before.class === 'Tracing' && before.method === 'tracingGroup') return 'group';
  if (before.class !== 'Test') return 'call';
  const prefix = /^([a-z:.]+)@/.exec(text(before.callId))?.[1] ?? '';
  return KINDS.has(prefix) ? prefix : text(before.method);
}
const KINDS: ReadonlySet<string> = new Set([
  'test.step',
  'hook',
  'fixture',
  'pw:api',
  'expect',
  'test.attach',
  'attach',
]);

/** Named by the runner after what the suite's author wrote: nothing was typed into these. */
const OWN_WORDS: ReadonlySet<string> = new Set(['hook', 'fixture']);

const isStep = (kind: string, before: Json): boolean =>
  kind === 'test.step' || kind === 'group' || (kind === 'hook' && !before.parentId);

const MAX_NAME_CHARS = 200;
const titleOf = (before: Json): string =>
  (firstLine(text(before.title)) || firstLine(text(before.apiName)) || text(before.method) || 'step').slice(
    0,
    MAX_NAME_CHARS,
  );

/** Calls that a page has and a locator has not, with no selector. */
const RECEIVER: Readonly<Record<string, string>> = {
  Frame: 'page',
  Page: 'page',
  BrowserContext: 'context',
  ElementHandle: 'elementHandle',
  APIRequestContext: 'request',
};

/** `page.goto`, `locator.click`: as the probe names them. A title may repeat what was typed, from its first quote on. */
function nameOf(before: Json): string {
  const apiName = text(before.apiName);
  if (before.class === 'Test' || apiName) {
    const said = (apiName || text(before.title)).replace(/[("'`“].*$/s, '').trim();
    return (said || text(before.method) || 'call').slice(0, MAX_NAME_CHARS);
  }
  const params = isObject(before.params) ? before.params : {};
  const owner = text(before.class);
  const receiver =
    owner === 'Frame' && text(params.selector)
      ? 'locator'
      : (RECEIVER[owner] ?? owner.replace(/^[A-Z]/, (c) => c.toLowerCase()));
  return `${receiver}.${text(before.method)}`.slice(0, MAX_NAME_CHARS);
}

/** `expect.toHaveText` */
function expectName(before: Json): string {
  const matcher = /\bto[A-Z]\w*/.exec(
    `${text(before.apiName)} ${text(before.title)}`.slice(0, MAX_NAME_CHARS),
  )?.[0];
  return matcher ? `expect.${matcher}` : 'expect';
}

const layerOf = (name: string): { layer?: Layer } =>
  name.endsWith('.waitForTimeout') ? { layer: 'think' } : {};

/** Selector, address or waiting time, where the call has one. */
function targetOf(before: Json): string | undefined {
  const params = isObject(before.params) ? before.params : {};
  const found = text(params.selector) || text(params.locator) || text(params.url);
  if (found) return shortUrl(found);
  const ms = number(params.waitTimeout ?? params.timeout);
  return text(before.method) === 'waitForTimeout' && ms > 0 ? `${ms} ms` : undefined;
}

/** `{message}` or, since version 4, `{error: {message}}`. */
function errorOf(after: Json): string | undefined {
  if (!isObject(after.error)) return undefined;
  const inner = isObject(after.error.error) ? after.error.error : after.error;
  return firstLine(text(inner.message)) || 'failed';
}
