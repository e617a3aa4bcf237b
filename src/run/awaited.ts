/**
 * Who has not spoken yet of a run that has ended, as far as the run itself and the one before it can tell.
 *
 * ```
 * // this run        web ──► inventory:80 ✓     web ──► inventory:80 …     answered, but its span is not here yet
 * // the run before  web ──► postgres:5432 ✓    this run  …                the database's log has not come at all
 * // a span          its parent was not reported                           the parent's program has not sent it yet
 * ```
 * What was missing in the run before too is not waited for: it will not come.
 */
import { HEADWATER, isAnsweredIn } from '../model/attributes.ts';
import { NOT_ASKED, type Warning } from '../model/span.ts';
import type { Span, Trace } from '../model/trace.ts';
import { UNKNOWN_BEYOND } from '../stitch/lost-context.ts';
import { stitch } from '../stitch/stitch.ts';
import type { Store } from '../store/store.ts';
import { runSpans } from './named-traces.ts';

/** How far back the last run of the same journey is looked for. */
const RUNS_LISTED = 100;

export const SILENT = 'source.silent';

export interface Awaited {
  /** Is somebody awaited still? Looks at all that is stored of the run. */
  isWaiting(): boolean;
  /** One warning for each that the run before heard and this one did not. */
  silent(): Warning[];
}

type Kept = Pick<Store, 'spans' | 'lastAppend' | 'runs' | 'run'>;

export function awaitedBy(traceId: string, journey: string, store: Kept): Awaited {
  let earlier: Heard | undefined;
  const now = () => {
    earlier ??= heardIn(traceBefore(traceId, journey, store));
    return heardIn(stitch(runSpans(traceId, store).spans));
  };
  return {
    isWaiting() {
      const heard = now();
      const isNews = (gaps: ReadonlySet<string>, known: ReadonlySet<string>) =>
        [...gaps].some((gap) => !known.has(gap));
      return missing(heard, earlier!).length > 0 || isNews(heard.gaps, earlier!.gaps);
    },
    silent: () => missing(now(), earlier!).map(warningOf),
  };
}

/**
 * A source that has spoken since is not silent, and servers that were not asked and told all the same are not missing:
 * what is said of a run depends on its spans alone.
 */
export const stillSilent = (trace: Trace): readonly Warning[] => {
  const { warnings } = trace;
  if (!warnings.some(({ code }) => code === SILENT || code === NOT_ASKED)) return warnings;
  const speakers = new Set(trace.spans.filter(isAnswer).map(({ component }) => component));
  const isHeard = ({ code, where }: Warning) =>
    (code === SILENT && speakers.has(where)) || (code === NOT_ASKED && speakers.size > 0);
  return warnings.filter((warning) => !isHeard(warning));
};

function traceBefore(traceId: string, journey: string, store: Kept): Trace | undefined {
  const before = store
    .runs(RUNS_LISTED)
    .find((run) => run.journey === journey && run.status === 'ok' && run.traceId !== traceId);
  return before && store.run(before.traceId)?.trace;
}

interface Heard {
  /** Place → who asks there. */
  readonly asked: ReadonlyMap<string, string>;
  /** Place → who answered there, by a span of its own. */
  readonly answered: ReadonlyMap<string, string>;
  /** Answers and parents that should be there and are not, by who would know. */
  readonly gaps: ReadonlySet<string>;
}

function heardIn(trace: Trace | undefined): Heard {
  const asked = new Map<string, string>();
  const answered = new Map<string, string>();
  const gaps = new Set<string>();
  const spanById = new Map((trace?.spans ?? []).map((span) => [span.spanId, span]));
  for (const span of spanById.values()) {
    const place = placeOf(span);
    if (place !== undefined) asked.set(place, span.component);
    const asker = isAnswer(span) ? askerOf(span, spanById) : undefined;
    const answerTo = asker && placeOf(asker);
    if (answerTo !== undefined) answered.set(answerTo, span.component);
    if (span.placed.some((note) => note.endsWith(UNKNOWN_BEYOND)))
      gaps.add(`answer ${place ?? span.component}`);
  }
  for (const { code, where } of trace?.warnings ?? [])
    if (code === 'stitch.parent_missing') gaps.add(`parent ${spanById.get(where)?.component}`);
  return { asked, answered, gaps };
}

/** Calls that are tried more than once, and proxies, stand in between. */
function askerOf(answer: Span, spanById: ReadonlyMap<string, Span>): Span | undefined {
  let at = spanById.get(answer.parentId ?? '');
  while (at && typeOf(at) === 'call') at = spanById.get(at.parentId ?? '');
  return at;
}

const typeOf = ({ attributes }: Span): unknown => attributes[HEADWATER.type];
const isAnswer = (span: Span): boolean =>
  span.kind === 'server' || typeOf(span) === 'proxy' || typeOf(span) === 'db_server';

/**
 * Where somebody asked and got an answer; undefined for what asks nobody, or got none. A site's port does not matter,
 * a service's does.
 */
function placeOf(span: Span): string | undefined {
  const { attributes, kind } = span;
  const type = typeOf(span);
  const address = attributes['server.address'] ?? attributes['net.peer.name'];
  if (typeof address !== 'string' || address === '' || span.status.code === 'error') return undefined;
  if (type === 'request') return mayBeTold(span) ? `request ${address}` : undefined;
  if (type !== 'proxy' && (kind !== 'client' || type !== undefined)) return undefined;
  const port = attributes['server.port'] ?? attributes['net.peer.port'] ?? '';
  return `${span.component} ${address} ${String(port)}`;
}

/** Its server knows the run's trace, or has named its own. */
export const mayBeTold = ({ attributes, links }: Pick<Span, 'attributes' | 'links'>): boolean =>
  attributes['headwater.traceparent_sent'] === true || links.some(isAnsweredIn);

interface Missing {
  readonly from: string;
  readonly to: string;
}

const missing = (now: Heard, earlier: Heard): Missing[] => {
  const fromByTo = new Map<string, string>();
  for (const [place, to] of earlier.answered)
    if (now.asked.has(place) && !now.answered.has(place)) fromByTo.set(to, now.asked.get(place)!);
  return [...fromByTo].map(([to, from]) => ({ from, to }));
};

const warningOf = ({ from, to }: Missing): Warning => ({
  code: SILENT,
  where: to,
  message: `${to} told of the run before this one, and has said nothing of this one, though ${from} asked it: look whether its reports still arrive here.`,
});
