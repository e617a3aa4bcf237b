/**
 * What pairs of client and server spans say of two clocks, from causality alone.
 *
 * A server answers inside the time its client waited, so with θ = server clock − client clock:
 * ```
 * // client  |----------------------|     from … to, on the client's clock
 * // server      |----------|             θ ≤ server_start − client_start      a "high": it began after it was asked
 * //                                      θ ≥ server_end − client_end          a "low": it ended before that was known
 * ```
 * Each is widened by the precision of both sources, and held at some instant between `from` and `to`.
 *
 * The low is the softer one: a service notes that its answer has ended when its event loop gets to it, which may be
 * long after the client has read it. So of the lows that services' ends give, in each stretch of the run one counts that
 * is true even if half of the ends were noted late, with some room. What is true of every server: it began before its
 * client had the answer.
 *
 * A client that gave up, whose span was cut at the run's end, or whose recording does not tell when it had its answer, is
 * no witness of one: then the low says nothing, or little.
 *
 * Of a busy pair of clocks the best of each stretch of the run are kept: a million spans make a few hundred limits.
 */
import { HEADWATER } from '../model/attributes.ts';
import type { ReportedSpan } from '../model/span.ts';
import { NOBODY, typeCode } from '../model/span-table.ts';
import type { Nanos } from '../model/time.ts';
import type { Cast } from './cast.ts';
import type { Draft } from './draft.ts';
import type { DraftTable } from './draft-table.ts';
import { hasFailed, isAnswer, ROLE } from './roles.ts';

/** Who answers others, and who is told of its clock. */
const MAY_TELL = ROLE.server | ROLE.proxy | ROLE.statement | ROLE.socket;
const RUN = typeCode('run');
/** How late a service usually notes the end of its own answer: some turns of an event loop. */
export const LATE_END_NS = 5e6;
/** A single end may be much later than usual, of four that all agree none is: n ends have (1 + 3/n) times the room. */
const ROOM_OF_FEW = 3;
/** Stretches of the run that the limits are kept for: finer than any drift that moves a bound. */
const STRETCHES = 256;
/** Fewer ends than this say little of how many of them are late; they are taken together with their neighbours. */
const ENDS_TOGETHER = 12;
/** More windows than this follow no drift better, and each may be the unlucky one. */
const MAX_WINDOWS = 16;

/** θ was at most (a high) or at least (a low) `ns` at some instant between the two. */
export interface Limit {
  readonly fromNs: Nanos;
  readonly toNs: Nanos;
  readonly ns: Nanos;
  /** Told by the source for all of the time that it watched: does not grow old. */
  readonly isLasting?: true;
}

/** All that is said of θ = clock `to` − clock `from`, by instants on the clock `from`. */
export interface ClockLimits {
  /** Numbers of the clocks. */
  readonly from: number;
  readonly to: number;
  readonly highs: readonly Limit[];
  readonly lows: readonly Limit[];
}

export interface Heard {
  readonly fromNs: Nanos;
  readonly toNs: Nanos;
}

/**
 * The time that the spans of each clock take, on that clock.
 * @param numbers of the table's clocks
 */
export function heardByClock({ table, order }: Cast, numbers: Int32Array): Heard[] {
  const { startNs, endNs, clocks } = table;
  const heard: { fromNs: Nanos; toNs: Nanos }[] = [];
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    const number = numbers[clocks[row]!]!;
    const known = heard[number];
    if (!known) heard[number] = { fromNs: startNs[row]!, toNs: endNs[row]! };
    else {
      if (startNs[row]! < known.fromNs) known.fromNs = startNs[row]!;
      if (endNs[row]! > known.toNs) known.toNs = endNs[row]!;
    }
  }
  return heard;
}

/**
 * @param numbers of the table's clocks; number 0 is the probe's
 * @param heard by number
 */
export function limitsOf(
  { table, order }: Cast,
  root: Draft,
  numbers: Int32Array,
  heard: readonly Heard[],
): ClockLimits[] {
  const { roles, parents, clocks, reports } = table;
  const runClock = numbers[clocks[root.row]!]!;
  const saidByClocks = new Map<number, Said>();
  const saidBy = (from: number, to: number): Said => {
    const key = from * heard.length + to;
    const known = saidByClocks.get(key);
    if (known) return known;
    const said = new Said(from, to, heard[from]!);
    saidByClocks.set(key, said);
    return said;
  };
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    if ((roles[row]! & MAY_TELL) === 0) continue;
    const to = numbers[clocks[row]!]!;
    const told = (roles[row]! & ROLE.socket) !== 0 ? toldBounds(table.draft(row)) : undefined;
    if (told) saidBy(0, to).addTold(table.draft(row), told);
    const parent = parents[row]!;
    if (parent === NOBODY) continue;
    const from = numbers[clocks[parent]!]!;
    if (from === to) continue;
    if (!wasWaitedFor(row, parent, root, table)) continue;
    const isCut = from === runClock && wasCut(parent, root, table);
    const known = isCut ? 'start' : sawAnswer(reports[parent]!) ? 'answer' : 'given up';
    saidBy(from, to).addPair(parent, row, table, known);
  }
  return [...saidByClocks.values()].flatMap((said) => said.limits() ?? []);
}

/**
 * Was this answered while somebody waited? A report whose parent is unknown hangs under the root and was not; nor was
 * what took longer than its client did, a message that went through a queue, or a link.
 */
function wasWaitedFor(server: number, client: number, root: Draft, table: DraftTable): boolean {
  const { roles, reports, startNs, endNs } = table;
  if (!isAnswer(roles[server]!, roles[client]!)) return false;
  if (client === root.row) {
    const { spanId, parentSpanId } = reports[server]!;
    if (parentSpanId !== root.report.spanId && spanId !== root.report.spanId) return false;
  }
  const longerNs = endNs[server]! - startNs[server]! - (endNs[client]! - startNs[client]!);
  return longerNs - LATE_END_NS <= 2 * slackNs(reports[server]!, reports[client]!);
}

/** Of what ends with the run it is not known how long it would have taken: nobody looked any longer. */
const wasCut = (client: number, root: Draft, { types, endNs, reports }: DraftTable): boolean =>
  types[root.row] === RUN &&
  client !== root.row &&
  endNs[client]! >= endNs[root.row]! - reports[client]!.precisionNs;

const sawAnswer = (client: ReportedSpan): boolean =>
  client.attributes[HEADWATER.endUntold] !== true &&
  (!hasFailed(client) || ANSWER_CODES.some((name) => client.attributes[name] !== undefined));

const ANSWER_CODES = ['http.response.status_code', 'rpc.grpc.status_code', 'db.response.status_code'];

const slackNs = (a: ReportedSpan, b: ReportedSpan): Nanos => a.precisionNs + b.precisionNs;

interface Told {
  readonly lowNs: Nanos;
  readonly highNs: Nanos;
}

/** θ = the report's clock − the probe's, where the two have exchanged clocks. */
function toldBounds({ attributes }: Pick<ReportedSpan, 'attributes'>): Told | undefined {
  const [lowNs, highNs] = [attributes[HEADWATER.clockLowNs], attributes[HEADWATER.clockHighNs]];
  return typeof lowNs === 'number' && typeof highNs === 'number' ? { lowNs, highNs } : undefined;
}

/** What to add to a report's times so that they fit the probe's clock; undefined where its source told no bounds. */
export function toldOffset(report: Pick<ReportedSpan, 'attributes'>): Nanos | undefined {
  const bounds = toldBounds(report);
  return bounds && 0 - Math.max(bounds.lowNs, Math.min(bounds.highNs, 0));
}

/**
 * A plan is told when its portal is closed, and a bind with it: inside a transaction that may be when the next statement
 * comes, a whole round trip after its own client had its answer. Only that it did not begin before is sure.
 */
const isNotedLater = ({ attributes }: ReportedSpan): boolean =>
  attributes[HEADWATER.dbAct] !== undefined && attributes[HEADWATER.dbAct] !== 'statement';

/** How much of an exchange its client saw. */
type Known = 'answer' | 'given up' | 'start';

/** What all pairs of one client clock and one server clock say, the best of each stretch of the run. */
class Said {
  readonly from: number;
  readonly to: number;
  readonly #startNs: Nanos;
  readonly #stretchNs: Nanos;
  readonly #highs: (Limit | undefined)[] = [];
  readonly #lows: (Limit | undefined)[] = [];
  readonly #ends: (Ends | undefined)[] = [];
  /** Of reports that are made later than what they tell of; they count where nothing better is known. */
  readonly #laterEnds: (Ends | undefined)[] = [];
  /** Of clients that saw no answer: usually the server had ended, too. The last resort. */
  readonly #givenUp: (Ends | undefined)[] = [];

  constructor(from: number, to: number, heard: Heard) {
    this.from = from;
    this.to = to;
    this.#startNs = heard.fromNs;
    this.#stretchNs = Math.max(1, (heard.toNs - heard.fromNs) / STRETCHES);
  }

  /** @param client its row, as the server's */
  addPair(client: number, server: number, { startNs, endNs, reports }: DraftTable, known: Known): void {
    const [fromNs, toNs] = [startNs[client]!, endNs[client]!];
    const report = reports[server]!;
    const slack = slackNs(reports[client]!, report);
    const at = this.#stretchAt(fromNs);
    this.#addHigh(at, fromNs, toNs, startNs[server]! - fromNs + slack);
    if (known === 'start') return;
    const endLowNs = endNs[server]! - toNs - slack;
    if (known === 'given up') {
      addEnd(this.#givenUp, at, fromNs, toNs, endLowNs);
      return;
    }
    if (isNotedLater(report)) {
      addEnd(this.#laterEnds, at, fromNs, toNs, endLowNs);
      return;
    }
    if (report.evidence === 'logged') {
      this.#addLow(at, fromNs, toNs, endLowNs);
      return;
    }
    // A server that was asked has begun before its client got the answer, whatever it noted later.
    this.#addLow(at, fromNs, toNs, startNs[server]! - toNs - slack);
    addEnd(this.#ends, at, fromNs, toNs, endLowNs);
  }

  /** The exchanges of clocks were made around the time that is told of. */
  addTold({ startNs }: Draft, { lowNs, highNs }: Told): void {
    const at = this.#stretchAt(startNs - lowNs);
    this.#addHigh(at, startNs - highNs, startNs - lowNs, highNs, true);
    this.#addLow(at, startNs - highNs, startNs - lowNs, lowNs, true);
  }

  /** @returns undefined when nothing is known that θ was at least */
  limits(): ClockLimits | undefined {
    const exact = this.#lows.filter((limit) => limit !== undefined);
    const told = [this.#ends, this.#laterEnds, this.#givenUp].find((ends) => ends.length > 0) ?? [];
    const ends = exact.length > 0 ? this.#ends : told;
    const lows = [...exact, ...windowsOf(ends.filter((end) => end !== undefined)).map(surestOf)];
    const highs = this.#highs.filter((limit) => limit !== undefined);
    return lows.length > 0 ? { from: this.from, to: this.to, highs, lows } : undefined;
  }

  #addHigh(at: number, fromNs: Nanos, toNs: Nanos, ns: Nanos, isLasting?: true): void {
    const known = this.#highs[at];
    if (!known || ns < known.ns) this.#highs[at] = { fromNs, toNs, ns, ...(isLasting && { isLasting }) };
  }

  #addLow(at: number, fromNs: Nanos, toNs: Nanos, ns: Nanos, isLasting?: true): void {
    const known = this.#lows[at];
    if (!known || ns > known.ns) this.#lows[at] = { fromNs, toNs, ns, ...(isLasting && { isLasting }) };
  }

  #stretchAt(ns: Nanos): number {
    const at = Math.floor((ns - this.#startNs) / this.#stretchNs);
    return Math.max(0, Math.min(STRETCHES, at));
  }
}

/** Lows from ends that may have been noted late. */
interface Ends {
  fromNs: Nanos;
  toNs: Nanos;
  readonly lowsNs: Nanos[];
}

function addEnd(ends: (Ends | undefined)[], at: number, fromNs: Nanos, toNs: Nanos, lowNs: Nanos): void {
  const known = ends[at];
  if (!known) ends[at] = { fromNs, toNs, lowsNs: [lowNs] };
  else {
    known.lowsNs.push(lowNs);
    if (fromNs < known.fromNs) known.fromNs = fromNs;
    if (toNs > known.toNs) known.toNs = toNs;
  }
}

/** Neighbours taken together until there are enough of them to tell the late ones. */
function windowsOf(stretches: readonly Ends[]): Ends[] {
  const count = stretches.reduce((sum, { lowsNs }) => sum + lowsNs.length, 0);
  const wanted = Math.max(ENDS_TOGETHER, count / MAX_WINDOWS);
  const windows: Ends[] = [];
  for (const { fromNs, toNs, lowsNs } of stretches) {
    const open = windows.at(-1);
    if (!open || open.lowsNs.length >= wanted) windows.push({ fromNs, toNs, lowsNs: [...lowsNs] });
    else {
      open.fromNs = Math.min(open.fromNs, fromNs);
      open.toNs = Math.max(open.toNs, toNs);
      for (const low of lowsNs) open.lowsNs.push(low);
    }
  }
  return windows;
}

/**
 * Late ends lie too high, so the k-th lowest is true when k of them are not late. With half of n late by chance, at
 * least n/2 − 1.65·√n are not, but once in 2 000 (3.3 standard deviations).
 */
function surestOf({ fromNs, toNs, lowsNs }: Ends): Limit {
  const sorted = Float64Array.from(lowsNs).sort();
  const k = Math.max(0, Math.floor(sorted.length / 2 - 1.65 * Math.sqrt(sorted.length)) - 1);
  const roomNs = LATE_END_NS * (1 + ROOM_OF_FEW / sorted.length);
  return { fromNs, toNs, ns: sorted[k]! - roomNs };
}
