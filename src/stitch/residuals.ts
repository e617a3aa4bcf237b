/**
 * What the client waited for and no server explains, as spans with a name instead of a gap.
 *
 * ```
 * // client   |--------------------------|
 * // server         |-----------|
 * //          |-out-|           |--back--|
 * ```
 * For a request of the browser the wait begins when it was sent, not while its connection was being made.
 * They are inferred: a server that is busy before it starts its span, or after it ended it, looks the same.
 */

import { HEADWATER, PHASES } from '../model/attributes.ts';
import { inScratch, type Scratch } from '../model/column-memory.ts';
import { spanIdOf } from '../model/ids.ts';
import type { Attributes, ReportedSpan, SpanStatus } from '../model/span.ts';
import { NOBODY } from '../model/span-table.ts';
import type { Nanos, UnixNano } from '../model/time.ts';
import { wayBetween } from '../model/way.ts';
import type { Cast } from './cast.ts';
import type { DraftTable } from './draft-table.ts';
import { isAnswer, ROLE } from './roles.ts';

const UNSET: SpanStatus = { code: 'unset' };
const NONE: Attributes = {};
const NEVER: readonly never[] = [];
/** Shorter than this is a rounding of clocks, not a hop: no bar is drawn. */
const SHOWN_FROM_NS = 1_000;

/** @param cast siblings by start */
export function addResiduals(cast: Cast): void {
  inScratch((scratch) => addBesideAnswers(cast, scratch));
}

function addBesideAnswers(cast: Cast, scratch: Scratch): void {
  const { table, order } = cast;
  const { startNs, endNs, parents, roles } = table;
  // by the client's row: the answer that began first, and the one that ended last
  const firsts = scratch.int32s(table.size).fill(NOBODY);
  const lasts = scratch.int32s(table.size);
  const clients: number[] = [];
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    if ((roles[row]! & ANSWERS) === 0 || (roles[row]! & ROLE.statement) !== 0) continue;
    const client = parents[row]!;
    if (client === NOBODY || (roles[client]! & ROLE.proxy) !== 0) continue;
    if (!isAnswer(roles[row]!, roles[client]!)) continue;
    if (firsts[client] === NOBODY) {
      clients.push(client);
      firsts[client] = lasts[client] = row;
    }
    if (startNs[row]! < startNs[firsts[client]!]!) firsts[client] = row;
    if (endNs[row]! > endNs[lasts[client]!]!) lasts[client] = row;
  }
  const sentNs = sentTimes(cast, scratch);
  for (const client of clients) {
    const sent = Number.isNaN(sentNs[client]) ? startNs[client]! : sentNs[client]!;
    addBars(table, client, firsts[client]!, lasts[client]!, sent);
  }
}

/** A proxy times its own connect and queue: the hop out begins when it handed the request over. */
const ANSWERS = ROLE.server | ROLE.proxy;

const EXCHANGE: ReadonlySet<string> = new Set([PHASES.send, PHASES.waiting, PHASES.download]);

/**
 * When each request was sent, by its row: when its first phase of the exchange began (`request sent` itself may be
 * missing), or, without any, when its connection was there; NaN where nobody says. `cast` holds siblings by start.
 */
function sentTimes({ table, order }: Cast, scratch: Scratch): Float64Array {
  const { startNs, endNs, parents, roles, reports } = table;
  const sentNs = scratch.float64s(table.size).fill(Number.NaN);
  const isExchanging = scratch.uint8s(table.size);
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    if ((roles[row]! & ROLE.phase) === 0) continue;
    const parent = parents[row]!;
    if (parent === NOBODY || isExchanging[parent] !== 0) continue;
    const isExchange = EXCHANGE.has(reports[row]!.name);
    if (isExchange) isExchanging[parent] = 1;
    const knownNs = Number.isNaN(sentNs[parent]) ? endNs[row]! : sentNs[parent]!;
    sentNs[parent] = isExchange ? startNs[row]! : Math.max(endNs[row]!, knownNs);
  }
  return sentNs;
}

function addBars(table: DraftTable, client: number, first: number, last: number, sentNs: Nanos): void {
  const { startNs, endNs } = table;
  const [outNs, backNs, doneNs] = [startNs[first]!, endNs[last]!, endNs[client]!];
  // A recording that does not tell when the request was sent tells nothing of the way there either.
  const isSentKnown = table.reports[client]!.attributes[HEADWATER.endUntold] !== true;
  if (isSentKnown && outNs - sentNs >= SHOWN_FROM_NS)
    addResidual(table, client, first, 'network out', sentNs, outNs);
  if (doneNs - backNs >= SHOWN_FROM_NS) addResidual(table, client, last, 'network back', backNs, doneNs);
}

function addResidual(
  table: DraftTable,
  client: number,
  server: number,
  name: string,
  startNs: Nanos,
  endNs: Nanos,
): void {
  const { reports, components, roles } = table;
  const precisionNs = Math.max(reports[client]!.precisionNs, reports[server]!.precisionNs);
  const isOfBrowser = (roles[client]! & ROLE.request) !== 0;
  const component = wayBetween(isOfBrowser ? 'browser' : components[client]!, components[server]!);
  const report = new Residual(reports[client]!, table.idOf(client), name, precisionNs);
  const row = table.addRow(report, { type: undefined, layer: 'network', component }, startNs, endNs);
  table.parents[row] = client;
}

/** What nobody reported, on its client's clock. A large trace has as many as calls: its id is made for who asks for it. */
class Residual implements ReportedSpan {
  readonly #client: ReportedSpan;
  readonly parentSpanId: string;
  readonly name: string;
  readonly precisionNs: Nanos;
  #spanId: string | undefined;

  constructor(client: ReportedSpan, clientId: string, name: string, precisionNs: Nanos) {
    this.#client = client;
    this.parentSpanId = clientId;
    this.name = name;
    this.precisionNs = precisionNs;
  }

  get spanId(): string {
    this.#spanId ??= spanIdOf(this.parentSpanId, this.name);
    return this.#spanId;
  }
  get traceId(): string {
    return this.#client.traceId;
  }
  get startUnixNano(): UnixNano {
    return this.#client.startUnixNano;
  }
  get endUnixNano(): UnixNano {
    return this.#client.endUnixNano;
  }
  get resource(): Attributes {
    return this.#client.resource;
  }
  get scope(): string | undefined {
    return this.#client.scope;
  }
  get clock(): string {
    return this.#client.clock;
  }
  get kind() {
    return 'internal' as const;
  }
  get status(): SpanStatus {
    return UNSET;
  }
  get attributes(): Attributes {
    return NONE;
  }
  get events(): readonly never[] {
    return NEVER;
  }
  get links(): readonly never[] {
    return NEVER;
  }
  get source() {
    return 'stitch';
  }
  get evidence() {
    return 'inferred' as const;
  }
}
