/**
 * Valves: what held the water up, from the waits that somebody saw. A wait is looked for in all of the trace, not only
 * on the critical path: pressure is pressure, whether or not this run had to wait for it.
 */
import { HEADWATER, isPoolWait, PHASES } from '../../model/attributes.ts';
import type { SpanTime, Valve, ValveKind } from '../../model/pipes.ts';
import type { Lane, PathPiece } from '../../model/report.ts';
import type { Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { type Tree, textAt, typeOf } from '../tree.ts';
import type { PipeDraft, Plumbing } from './plumbing.ts';

/** Taking a free connection, or passing an empty queue, takes time too: a wait is what takes longer than that. */
export const WAIT_FROM_NS = 1e6;
/** Chromium, like other browsers, opens so many connections to one host, and no more, over HTTP/1.1. */
const CONNECTIONS_PER_HOST = 6;

interface Draft {
  readonly kind: ValveKind;
  readonly limit?: number;
  readonly peak?: number;
  waits: number;
  waitedNs: Nanos;
  pathNs: Nanos;
  longest?: SpanTime;
  isBlamed: boolean;
}

/** Place id → its valves, those that held the run up most first. */
export function valvesOf(
  tree: Tree,
  plumbing: Plumbing,
  path: readonly PathPiece[],
  blamed: ReadonlySet<string>,
): Map<string, Valve[]> {
  const valves = new Valves(path, blamed);
  for (const span of tree.spans) {
    const kind = kindOf(span);
    const place = kind && placeOf(kind, span, tree, plumbing);
    if (kind && place !== undefined) valves.add(place, kind, span, tree.parentOf(span));
  }
  for (const lane of tree.lanes) addListenQueue(valves, lane, plumbing);
  return valves.byPlace();
}

const BY_STALL: Readonly<Record<string, ValveKind>> = {
  SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP: 'connections',
  SOCKET_POOL_STALLED_MAX_SOCKETS: 'connections',
  HTTP2_SESSION_STALLED_MAX_STREAMS: 'streams',
};

function kindOf(span: Span): ValveKind | undefined {
  switch (typeOf(span)) {
    case undefined:
      return isPoolWait(span.name) ? 'pool' : undefined;
    case 'proxy_phase':
      return span.name === 'queue' ? 'queue' : undefined;
    case 'stall': {
      const stall = textAt(span.attributes, 'headwater.stall') ?? '';
      return Object.hasOwn(BY_STALL, stall) ? BY_STALL[stall] : undefined;
    }
    case 'backoff':
      return 'backoff';
    case 'db_server':
      return span.attributes[HEADWATER.dbAct] === 'lock_wait' ? 'lock' : undefined;
    default:
      return undefined;
  }
}

function placeOf(kind: ValveKind, span: Span, tree: Tree, plumbing: Plumbing): string | undefined {
  const station = plumbing.stationOf(span)?.id;
  if (kind === 'lock') return station;
  if (kind === 'pool') return poolPipe(span, plumbing)?.id ?? station;
  if (kind === 'backoff') {
    const call = tree.parentOf(span);
    const tried = call && tree.childrenOf(call).find((child) => plumbing.pipeOut(child));
    return plumbing.pipeOut(tried)?.id ?? station;
  }
  for (let at: Span | undefined = span; at; at = tree.parentOf(at)) {
    const pipe = plumbing.pipeOut(at);
    if (pipe) return pipe.id;
  }
  return station;
}

/** The pipe to the database whose connections the pool holds. */
function poolPipe(span: Span, plumbing: Plumbing): PipeDraft | undefined {
  const from = plumbing.stationOf(span);
  const pipes = from ? plumbing.pipesFrom(from).filter(({ to }) => to.kind === 'db') : [];
  const wanted = ['db.namespace', 'db.name', 'db.system.name', 'db.system'].flatMap(
    (key) => textAt(span.attributes, key) ?? [],
  );
  return pipes.find(({ to }) => wanted.some((word) => to.name.includes(word))) ?? pipes[0];
}

class Valves {
  readonly #drafts = new Map<string, Map<string, Draft>>();
  readonly #pathNs = new Map<string, Nanos>();
  readonly #blamed: ReadonlySet<string>;

  constructor(path: readonly PathPiece[], blamed: ReadonlySet<string>) {
    this.#blamed = blamed;
    for (const { spanId, startNs, endNs } of path)
      this.#pathNs.set(spanId, (this.#pathNs.get(spanId) ?? 0) + endNs - startNs);
  }

  add(place: string, kind: ValveKind, span: Span, parent: Span | undefined): void {
    const draft = this.draft(place, kind, kind === 'connections' ? { limit: CONNECTIONS_PER_HOST } : {});
    const ns = span.endNs - span.startNs;
    if (ns < WAIT_FROM_NS) return;
    draft.waits++;
    draft.waitedNs += ns;
    if (!draft.longest || ns > draft.longest.ns) draft.longest = { spanId: span.spanId, name: span.name, ns };
    // The request's phase has the time of the path where the stall below it only says why.
    const phase = kind === 'connections' || kind === 'streams' ? parent : undefined;
    for (const holder of [span, phase?.name === PHASES.wait ? phase : undefined]) {
      if (!holder) continue;
      draft.pathNs += this.#pathNs.get(holder.spanId) ?? 0;
      this.#pathNs.delete(holder.spanId);
      draft.isBlamed ||= this.#blamed.has(holder.spanId);
    }
  }

  draft(place: string, kind: ValveKind, known: Pick<Draft, 'limit' | 'peak'>): Draft {
    const own = this.#drafts.get(place) ?? new Map<string, Draft>();
    this.#drafts.set(place, own);
    const draft = own.get(kind) ?? { kind, waits: 0, waitedNs: 0, pathNs: 0, isBlamed: false, ...known };
    own.set(kind, draft);
    return draft;
  }

  byPlace(): Map<string, Valve[]> {
    return new Map(
      [...this.#drafts].map(([place, own]) => [
        place,
        [...own.values()]
          .map(({ isBlamed, ...valve }) => ({ ...valve, ...(isBlamed && { isBlamed }) }))
          .sort((a, b) => b.pathNs - a.pathNs || b.waitedNs - a.waitedNs),
      ]),
    );
  }
}

const LISTEN_QUEUE = /^listen queue :(\d{1,5})$/;

function addListenQueue(valves: Valves, { name, values, limit }: Lane, plumbing: Plumbing): void {
  const port = Number(LISTEN_QUEUE.exec(name)?.[1]);
  const peak = values.reduce((a, b) => Math.max(a, b), 0);
  if (!port || peak === 0) return;
  for (const pipe of plumbing.pipes.values())
    if (pipe.ports.has(port))
      valves.draft(pipe.id, 'listen', { peak, ...(limit !== undefined && { limit }) });
}
