/**
 * Says where the trace ID was lost on the way, instead of leaving a hole.
 *
 * ```
 * // caller A → B   |--------|      joined to a stranger: B began a trace of its own for it (adopt.ts)
 * // caller A → B   |--------|      B answered and left no span, though it did for others that A sent to the same place
 * ```
 * A place is a server's address and port, or a load balancer's server. Where no call to a place left a span, nobody there
 * is instrumented: that is for the coverage to say. A caller that got no answer was perhaps never heard.
 */

import { HEADWATER } from '../model/attributes.ts';
import { int32s } from '../model/column-memory.ts';
import type { Attributes, ReportedSpan, Warning } from '../model/span.ts';
import { FLAG, layerCode, NOBODY, typeCode } from '../model/span-table.ts';
import { hasNoContext, JOINED_BY_PATH, JOINED_BY_PORT } from './adopt.ts';
import type { Cast } from './cast.ts';
import { databaseSystem } from './classify.ts';
import type { Draft } from './draft.ts';
import type { DraftTable } from './draft-table.ts';
import { JOINED_BY_ANSWER } from './named-traces.ts';
import { ROLE } from './roles.ts';

/** Ends what a caller says of its place when nothing is known of who answered it. */
export const UNKNOWN_BEYOND = ': what it did is not known';

/** Requests from one part to another that lost the trace. */
interface Loss {
  readonly from: string;
  readonly to: string;
  readonly callers: Draft[];
  /** One of the requests, by its name. */
  readonly example: string;
  /** How their spans were found all the same; undefined where there are none. */
  readonly foundBy?: string;
  /** Requests that the same place answered with its spans under them. */
  readonly wellCount: number;
}

/**
 * @param hasOffers some reports named no trace of ours
 * @returns what to tell; the callers that lost the trace say so themselves
 */
export function lostContext(cast: Cast, hasOffers: boolean): Warning[] {
  const joined = hasOffers ? joinedLosses(cast.with(ANSWERS)) : [];
  const losses = [...joined, ...silentLosses(cast)];
  for (const { callers, to, foundBy } of losses)
    for (const caller of callers)
      caller.note(`the trace ID was lost on the way to ${to}${foundBy ? '' : UNKNOWN_BEYOND}`);
  return losses.map(warningOf);
}

function warningOf(loss: Loss): Warning {
  const [first] = loss.callers;
  return {
    code: 'context.lost',
    where: first!.spanId,
    message: loss.foundBy ? joinedText(loss) : silentText(loss),
  };
}

const requestsOf = ({ callers, example }: Loss): string =>
  callers.length === 1 ? `a request (${example})` : `${callers.length} requests (first: ${example})`;

function joinedText(loss: Loss): string {
  const { from, to, callers, foundBy } = loss;
  const [how, where] =
    callers.length === 1
      ? ['a trace of its own', 'it is shown where it belongs']
      : ['traces of their own', 'they are shown where they belong'];
  return `The trace ID was lost between ${from} and ${to}: ${requestsOf(loss)} began ${how} there. Found by ${foundBy}, ${where}; let ${from} pass traceparent on, or ${to} take it.`;
}

const silentText = (loss: Loss): string =>
  `The trace ID was lost between ${loss.from} and ${loss.to}, or the report of it: ${requestsOf(loss)} left no span there, though ${loss.wellCount} to the same place did.`;

/** A `traceparent` that a page had sent by itself was never ours to be lost. */
const TELLS_OF_LOSS: ReadonlySet<string> = new Set([JOINED_BY_PATH, JOINED_BY_PORT, JOINED_BY_ANSWER]);

function joinedLosses(answers: readonly Draft[]): Loss[] {
  const losses = new Map<string, Loss>();
  for (const draft of answers) {
    const { parent, component } = draft;
    const how = draft.attributes[HEADWATER.joinedBy];
    if (!parent || typeof how !== 'string' || !TELLS_OF_LOSS.has(how) || hasNoContext(parent)) continue;
    const from = callerName(parent);
    const loss = losses.get(`${from}\u0000${component}`) ?? {
      ...{ from, to: component, callers: [], example: draft.name, foundBy: how, wellCount: 0 },
    };
    losses.set(`${from}\u0000${component}`, loss);
    loss.callers.push(parent);
  }
  return [...losses.values()];
}

const callerName = ({ type, component }: Draft): string => (type === 'request' ? 'the browser' : component);

function silentLosses(cast: Cast): Loss[] {
  const answerOf = answerByCaller(cast);
  const silent = silentCallers(cast, answerOf);
  if (silent.length === 0) return [];
  const wellByPlace = new Map<string, { count: number; to: string }>();
  for (let i = 0; i < cast.order.length; i++) {
    const row = cast.order[i]!;
    const answer = answerOf[row]!;
    const place = answer === NOBODY ? undefined : placeOf(cast.table.draft(row));
    if (place === undefined) continue;
    const well = wellByPlace.get(place);
    if (well) well.count++;
    else wellByPlace.set(place, { count: 1, to: cast.table.components[answer]! });
  }
  const losses = new Map<string, Loss>();
  for (const caller of silent) {
    const place = placeOf(caller);
    const well = place === undefined ? undefined : wellByPlace.get(place);
    if (place === undefined || !well) continue;
    const from = callerName(caller);
    const key = `${from}\u0000${place}`;
    const example = caller.name;
    const loss = losses.get(key) ?? { from, to: well.to, callers: [], example, wellCount: well.count };
    losses.set(key, loss);
    loss.callers.push(caller);
  }
  return [...losses.values()];
}

const MAY_ASK = ROLE.page | ROLE.proxy | ROLE.call;
const DATABASE = layerCode('db');

function silentCallers({ table, order }: Cast, answerOf: Int32Array): Draft[] {
  const { roles, layers, reports } = table;
  const silent: Draft[] = [];
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    if ((roles[row]! & MAY_ASK) === 0 || layers[row] === DATABASE || answerOf[row] !== NOBODY) continue;
    const report = reports[row]!;
    if (isAsking(table, row, report) && wasAnswered(report, table.types[row] === REQUEST))
      silent.push(table.draft(row));
  }
  return silent;
}

const [NO_TYPE, REQUEST, PROXY] = [typeCode(undefined), typeCode('request'), typeCode('proxy')];

const isAsking = ({ types, flags }: DraftTable, row: number, { attributes }: ReportedSpan): boolean =>
  types[row] === NO_TYPE
    ? (flags[row]! & FLAG.client) !== 0 && databaseSystem(attributes) === undefined
    : types[row] === REQUEST || types[row] === PROXY;

const ANSWERS = ROLE.server | ROLE.proxy;

/** Who answered each of the drafts: rows by row. */
function answerByCaller({ table, order }: Cast): Int32Array {
  const { roles, parents } = table;
  const answerOf = int32s(table.size).fill(NOBODY);
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    if ((roles[row]! & ANSWERS) !== 0 && parents[row] !== NOBODY) answerOf[parents[row]!] = row;
  }
  return answerOf;
}

/** With a status, somebody there has answered; what a proxy answered by itself was never passed on. */
function wasAnswered(report: ReportedSpan, isRequest: boolean): boolean {
  const { attributes } = report;
  if (hasNoContext(report) || attributes[HEADWATER.proxyEnding] !== undefined) return false;
  if (isRequest && !(Number(attributes['network.peer.port']) > 0)) return false;
  return (
    attributes['http.response.status_code'] !== undefined || attributes['http.status_code'] !== undefined
  );
}

/** Where a request was sent to; only what the same part sent to the same place is compared. */
function placeOf({ attributes, component }: Draft): string | undefined {
  const address = textOf(attributes, 'server.address', 'net.peer.name');
  if (address === undefined) return undefined;
  return `${component}\u0000${address}\u0000${textOf(attributes, 'server.port', 'net.peer.port') ?? ''}`;
}

function textOf(attributes: Attributes, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return undefined;
}
