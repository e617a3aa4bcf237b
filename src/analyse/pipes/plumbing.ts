/**
 * Stations and pipes from the stitched tree: where a span's parent is at another station, somebody called somebody.
 *
 * ```
 * // caller A   |------------------------|        the call: its length, its outcome
 * // answer B       |--------------|              the crossing: B was asked, a pipe A → B
 * // call of A  |-----------|                     nobody answered in the trace: who was asked is known by address alone
 * ```
 */
import { HEADWATER, isPoolWait, LOCAL_ANSWERS, PHASES } from '../../model/attributes.ts';
import type { SpanTime } from '../../model/pipes.ts';
import type { Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { numberAt, type Tree, textAt, typeOf } from '../tree.ts';
import { addressOf } from './address.ts';
import { isAside, ownStationOf, RESOLVER, type StationName, stationId } from './station-of.ts';

export interface Flow {
  calls: number;
  errors: number;
  totalNs: Nanos;
  slowest: SpanTime | undefined;
}

export interface StationDraft extends StationName, Flow {
  readonly id: string;
  readonly clocks: Set<string>;
}

export interface PipeDraft extends Flow {
  readonly id: string;
  readonly from: StationDraft;
  readonly to: StationDraft;
  retries: number;
  setups: number;
  setupNs: Nanos;
  /** Ports at which the callers knocked. */
  readonly ports: Set<number>;
}

const noFlow = (): Flow => ({ calls: 0, errors: 0, totalNs: 0, slowest: undefined });

export class Plumbing {
  readonly stations = new Map<string, StationDraft>();
  readonly pipes = new Map<string, PipeDraft>();
  readonly #tree: Tree;
  readonly #stationOf = new Map<Span, StationDraft>();
  readonly #pipeOut = new Map<Span, PipeDraft>();
  readonly #pipeIn = new Map<Span, PipeDraft>();
  readonly #stationByAddress = new Map<string, StationDraft>();

  constructor(tree: Tree) {
    this.#tree = tree;
    for (const span of tree.spans) this.#settle(span);
    this.#followUnanswered();
    for (const span of tree.spans) this.#addDetail(span);
  }

  stationOf(span: Span | undefined): StationDraft | undefined {
    return span && this.#stationOf.get(span);
  }

  /** The pipe of the nearest call at or above a span. */
  pipeAround(span: Span | undefined): PipeDraft | undefined {
    for (let at = span; at; at = this.#tree.parentOf(at)) {
      const pipe = this.#pipeOut.get(at) ?? this.#pipeIn.get(at);
      if (pipe) return pipe;
    }
    return undefined;
  }

  /** The pipe through which a station was asked for this span. */
  pipeInto(span: Span | undefined): PipeDraft | undefined {
    for (let at = span; at; at = this.#tree.parentOf(at)) {
      const pipe = this.#pipeIn.get(at);
      if (pipe) return pipe;
    }
    return undefined;
  }

  pipesFrom(station: StationDraft): PipeDraft[] {
    return [...this.pipes.values()].filter(({ from }) => from === station);
  }

  pipeOut(span: Span | undefined): PipeDraft | undefined {
    return span && this.#pipeOut.get(span);
  }

  station(name: StationName): StationDraft {
    const id = stationId(name);
    let station = this.stations.get(id);
    if (!station) {
      station = { ...name, id, clocks: new Set(), ...noFlow() };
      this.stations.set(id, station);
    }
    return station;
  }

  #settle(span: Span): void {
    if (isAside(span)) return;
    const parent = this.#tree.parentOf(span);
    const above = parent && this.#stationOf.get(parent);
    if (parent && isAside(parent)) return;
    const own = ownStationOf(span, above);
    const station = own
      ? this.station(own)
      : (above ?? this.station({ kind: 'service', layer: span.layer, name: span.component }));
    this.#stationOf.set(span, station);
    if (own && PROCESSES.has(own.kind) && span.source !== 'stitch') station.clocks.add(span.clock);
    if (parent && above && above !== station) this.#cross(parent, span, this.#asker(above, station), station);
  }

  /** The browser asks one resolver for names, whether or not the look-up as a whole was seen. */
  #asker(above: StationDraft, station: StationDraft): StationDraft {
    if (above.kind !== 'browser' || station.kind !== 'names' || station.name === RESOLVER.name) return above;
    const resolver = this.station(RESOLVER);
    this.#pipe(above, resolver);
    return resolver;
  }

  /** `span` of station `to` answers `parent` of station `from`. */
  #cross(parent: Span, span: Span, from: StationDraft, to: StationDraft): void {
    const call = isCaller(parent) && isAnswer(span) ? parent : span;
    const pipe = this.#pipe(from, to);
    const known = this.#pipeOut.get(call) === pipe && call !== span;
    this.#pipeIn.set(span, pipe);
    if (typeOf(parent) === 'proxy' || call === parent) this.#pipeOut.set(parent, pipe);
    else this.#pipeOut.set(span, pipe);
    if (known) return;
    count(pipe, call);
    count(to, span);
    const address = addressOf(typeOf(parent) === 'proxy' ? parent : call);
    if (address) this.#stationByAddress.set(address.key, to);
    if (address?.port) pipe.ports.add(address.port);
  }

  #pipe(from: StationDraft, to: StationDraft): PipeDraft {
    const id = `${from.id} → ${to.id}`;
    let pipe = this.pipes.get(id);
    if (!pipe) {
      pipe = { id, from, to, retries: 0, setups: 0, setupNs: 0, ports: new Set(), ...noFlow() };
      this.pipes.set(id, pipe);
    }
    return pipe;
  }

  /** Calls of which nobody in the trace is the answer: to another site, to what is not traced, or never arrived. */
  #followUnanswered(): void {
    const answered = new Set<Span>();
    const { spans } = this.#tree;
    for (let i = spans.length - 1; i >= 0; i--) {
      const span = spans[i]!;
      if (!this.#pipeIn.has(span) && !this.#pipeOut.has(span) && !answered.has(span)) continue;
      const parent = this.#tree.parentOf(span);
      if (parent && !isReply(span)) answered.add(parent);
    }
    const asking = new Set<Span>();
    for (const span of spans) {
      const parent = this.#tree.parentOf(span);
      const from = this.#stationOf.get(span);
      if (!from || !isAsking(span) || this.#pipeOut.has(span) || this.#isLocal(span)) continue;
      if (answered.has(span) || (parent && asking.has(parent))) continue;
      if (this.#ask(span, from)) asking.add(span);
    }
  }

  #ask(span: Span, from: StationDraft): boolean {
    const address = addressOf(span);
    if (!address) return false;
    const known = this.#stationByAddress.get(address.key);
    const to =
      known && known !== from ? known : this.station({ kind: 'host', layer: 'network', name: address.host });
    const pipe = this.#pipe(from, to);
    this.#pipeOut.set(span, pipe);
    count(pipe, span);
    count(to, span);
    if (address.port) pipe.ports.add(address.port);
    return true;
  }

  #isLocal(span: Span): boolean {
    return typeOf(span) === 'request' && this.#tree.childrenOf(span).some(({ name }) => LOCAL.has(name));
  }

  #addDetail(span: Span): void {
    const type = typeOf(span);
    if (type === 'phase' && (span.name === PHASES.connect || span.name === PHASES.tls)) {
      const pipe = this.#pipeOut.get(this.#tree.parentOf(span) ?? span);
      if (!pipe) return;
      if (span.name === PHASES.connect) pipe.setups++;
      pipe.setupNs += span.endNs - span.startNs;
    } else if (type === 'call') {
      const pipe = this.#tree
        .childrenOf(span)
        .map((child) => this.#pipeOut.get(child))
        .find(Boolean);
      if (pipe) pipe.retries += more(numberAt(span.attributes, HEADWATER.tries));
    } else if (type === 'proxy') {
      const pipe = this.#pipeOut.get(span);
      if (pipe) pipe.retries += more(numberAt(span.attributes, HEADWATER.proxyTries));
    } else if (type === 'dns_query' && (numberAt(span.attributes, 'headwater.dns.attempt') ?? 1) > 1) {
      const pipe = this.#pipeIn.get(span);
      if (pipe) pipe.retries++;
    }
  }
}

/** Their clocks are their own; a database or a name server is mostly seen with its caller's. */
const PROCESSES: ReadonlySet<string> = new Set(['lb', 'service']);

const LOCAL: ReadonlySet<string> = new Set(Object.values(LOCAL_ANSWERS));

/** Asked by the span above it; a client asks for itself, and looking a name up is a call of its own. */
const isAnswer = (span: Span): boolean => span.kind !== 'client' && span.layer !== 'dns';

/** Tries beyond the first. */
const more = (tries: number | undefined): number => Math.max(0, (tries ?? 1) - 1);

/** Looking a name up does not answer the request that wanted it. */
const isReply = (span: Span): boolean => span.layer === 'dns';

const isCaller = (span: Span): boolean =>
  typeOf(span) === 'request' ||
  (span.kind === 'client' && typeOf(span) === undefined) ||
  span.kind === 'producer';

/** May have asked somebody else: it is looked for who, by address. */
function isAsking(span: Span): boolean {
  const type = typeOf(span);
  if (type === 'request') return true;
  if (type === 'proxy') return textAt(span.attributes, 'server.address') !== undefined;
  if (type !== undefined || span.layer !== 'service' || isPoolWait(span.name)) return false;
  return span.kind === 'client' || span.kind === 'producer';
}

function count(flow: Flow, span: Span): void {
  const ns = span.endNs - span.startNs;
  flow.calls++;
  flow.totalNs += ns;
  if (span.status.code === 'error') flow.errors++;
  if (!flow.slowest || ns > flow.slowest.ns) flow.slowest = { spanId: span.spanId, name: span.name, ns };
}
