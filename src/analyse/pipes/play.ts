/**
 * The critical path as a way through the plumbing: each piece at the station or in the pipe that had the water.
 * Pieces side by side that say the same become one; nothing else is joined, so that they still sum to the wall time.
 */
import type { PlayPiece } from '../../model/pipes.ts';
import type { PathPiece } from '../../model/report.ts';
import type { Span } from '../../model/trace.ts';
import { enclosing, type Tree, typeOf } from '../tree.ts';
import type { Plumbing, StationDraft } from './plumbing.ts';
import { BROWSER, stationId } from './station-of.ts';

type Named = Pick<PathPiece, 'spanId' | 'layer' | 'component'>;

export class Places {
  readonly #tree: Tree;
  readonly #plumbing: Plumbing;
  readonly #pipeByEnds = new Map<string, string>();
  readonly #hosts = new Map<string, string>();
  readonly #source: string;

  constructor(tree: Tree, plumbing: Plumbing) {
    this.#tree = tree;
    this.#plumbing = plumbing;
    this.#source = (plumbing.stationOf(tree.root) ?? plumbing.station(BROWSER)).id;
    for (const { id, from, to } of plumbing.pipes.values())
      this.#pipeByEnds.set(`${endOf(from)} → ${to.name}`, id);
    for (const { kind, name, id } of plumbing.stations.values())
      if (kind === 'host') this.#hosts.set(name, id);
  }

  get source(): string {
    return this.#source;
  }

  /** Id of the station or pipe that had the water. */
  of(piece: Named): string {
    const span = this.#tree.spanById.get(piece.spanId);
    const named = this.#pipeByEnds.get(piece.component);
    if (named !== undefined) return named;
    if (IN_PIPES.has(piece.layer)) return this.#pipeOf(span) ?? this.#stationOf(piece, span);
    return this.#stationOf(piece, span);
  }

  #pipeOf(span: Span | undefined): string | undefined {
    const isClientSide = span && typeOf(span) === 'proxy_phase' && CLIENT_SIDE.has(span.name);
    return (isClientSide ? this.#plumbing.pipeInto(span) : this.#plumbing.pipeAround(span))?.id;
  }

  #stationOf({ layer, component }: Named, span: Span | undefined): string {
    const own = this.#plumbing.stationOf(span);
    if (layer === 'browser') return this.#browserPlace(component, span) ?? own?.id ?? this.#source;
    if (own?.kind === 'names' && layer === 'dns') return own.id;
    const kind = layer === 'dns' ? 'names' : layer;
    if (layer === 'lb' || layer === 'service' || layer === 'db' || layer === 'dns') {
      const id = stationId({ kind: kind as StationDraft['kind'], name: component });
      if (this.#plumbing.stations.has(id)) return id;
    }
    return own?.id ?? this.#source;
  }

  /**
   * What the browser saw, and was not its own: the page waited for another site, which had the water; a request waited
   * for one of the connections to its host, a part of the pipe.
   */
  #browserPlace(component: string, span: Span | undefined): string | undefined {
    const host = this.#hosts.get(component);
    if (host !== undefined || !span || typeOf(span) === 'request') return host;
    const request = enclosing(this.#tree, span, 'request');
    return request?.component === component ? this.#plumbing.pipeOut(request)?.id : undefined;
  }
}

const IN_PIPES: ReadonlySet<string> = new Set(['tcp', 'tls', 'network']);
/** Phases of a proxy in which it deals with its client. */
const CLIENT_SIDE: ReadonlySet<string> = new Set(['receive', 'transfer']);
const endOf = (station: StationDraft): string => (station.kind === 'browser' ? 'browser' : station.name);

/** `network.back`: the answer flows. */
const isBack = ({ cause }: PathPiece): boolean => /\.(back|receive|transfer)$/.test(cause);

export function playOf(path: readonly PathPiece[], places: Places): PlayPiece[] {
  const play: PlayPiece[] = [];
  let longestNs = 0;
  for (const piece of path) {
    const place = places.of(piece);
    const last = play.at(-1);
    const ns = piece.endNs - piece.startNs;
    if (last && isSame(last, piece, place)) {
      play[play.length - 1] = {
        ...last,
        endNs: piece.endNs,
        spanId: ns > longestNs ? piece.spanId : last.spanId,
      };
      longestNs = Math.max(longestNs, ns);
    } else {
      play.push({ ...piece, place, ...(isBack(piece) && { isBack: true }) });
      longestNs = ns;
    }
  }
  return play;
}

const isSame = (a: PlayPiece, b: PathPiece, place: string): boolean =>
  a.place === place &&
  a.endNs === b.startNs &&
  a.cause === b.cause &&
  a.component === b.component &&
  a.evidence === b.evidence;
