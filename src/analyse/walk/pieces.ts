/**
 * One request cut into the stops of its walk. The cut is the critical path inside the request, so every instant
 * belongs to exactly one stop and the stops sum to the request's length.
 */
import { isPoolWait, LOCAL_ANSWERS, PHASES } from '../../model/attributes.ts';
import type { Layer } from '../../model/layer.ts';
import type { Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { StopKind } from '../../model/walk.ts';
import { BackwardPath, type Segment } from '../segment.ts';
import { walkSpan } from '../span-path.ts';
import { type Tree, typeOf } from '../tree.ts';

export type Cut = ReadonlyMap<StopKind, readonly Segment[]>;

export function cutRequest(tree: Tree, request: Span): Cut {
  const path = new BackwardPath();
  walkSpan(tree, request, request.startNs, request.endNs, path);
  const segments = path.inOrder();
  const servers = segments.filter(({ span }) => isAtServers(span));
  const way: Way = { request, firstNs: servers[0]?.startNs, lastNs: servers.at(-1)?.endNs };
  const cut = new Map<StopKind, Segment[]>();
  for (const segment of segments) {
    const kind = stopOf(segment, tree, way);
    const known = cut.get(kind);
    if (known) known.push(segment);
    else cut.set(kind, [segment]);
  }
  return cut;
}

interface Way {
  readonly request: Span;
  /** When the first and last server were at work; undefined where none was seen. */
  readonly firstNs: Nanos | undefined;
  readonly lastNs: Nanos | undefined;
}

const SERVER_LAYERS: ReadonlySet<Layer> = new Set(['lb', 'service', 'db']);
const isAtServers = (span: Span): boolean => SERVER_LAYERS.has(span.layer);

const LOCAL: readonly string[] = [
  ...Object.values(LOCAL_ANSWERS),
  `${LOCAL_ANSWERS['service-worker']} start`,
];

const KIND_OF_LAYER: Readonly<Record<Layer, StopKind | undefined>> = {
  browser: 'queue',
  dns: 'dns',
  tcp: 'tcp',
  tls: 'tls',
  network: undefined,
  lb: 'lb',
  service: 'service',
  db: 'db',
  think: undefined,
  unknown: undefined,
};

function stopOf(segment: Segment, tree: Tree, way: Way): StopKind {
  const { span } = segment;
  if (isPoolWait(span.name) && isAtServers(span)) return 'pool';
  if (typeOf(span) === 'phase') {
    if (LOCAL.includes(span.name)) return 'cache';
    if (span.name === PHASES.send) return 'send';
    if (span.name === PHASES.download) return 'back';
  }
  if (span === way.request && !isAtServers(span)) return beside(segment, way, 'queue');
  return KIND_OF_LAYER[span.layer] ?? onTheWay(segment, tree, way);
}

/** Time on a wire, or that nobody saw: by where it lies. Below a service it is the services' way to each other. */
function onTheWay(segment: Segment, tree: Tree, way: Way): StopKind {
  for (let at = tree.parentOf(segment.span); at && at !== way.request; at = tree.parentOf(at))
    if (isAtServers(at)) return at.layer === 'lb' ? 'lb' : at.layer === 'db' ? 'db' : 'service';
  return beside(segment, way, 'wait');
}

/**
 * ```
 * // browser  |..send..|                  |..back..|
 * // servers           |------------------|            none of them seen: `otherwise`
 * ```
 */
function beside({ startNs, endNs }: Segment, { firstNs, lastNs }: Way, otherwise: StopKind): StopKind {
  if (firstNs !== undefined && endNs <= firstNs) return otherwise === 'queue' ? 'queue' : 'send';
  if (lastNs !== undefined && startNs >= lastNs) return 'back';
  return firstNs === undefined ? otherwise : 'service';
}
