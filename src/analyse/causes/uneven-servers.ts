/**
 * Servers behind one load balancer that are not alike: one is slow at what the others do fast.
 *
 * Only like is compared with like: requests of one route, behind one balancer, and of each only the time that the
 * server itself took, not what it waited for.
 * ```
 * // on a     |---|      |--|       |---|               never as long as
 * // on b          |----------|  |-----------|  |---------|      the shortest here: b is slow
 * ```
 */
import { inScratch, type Scratch } from '../../model/column-memory.ts';
import { FLAG, typeCode } from '../../model/span-table.ts';
import { formatDuration, type Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { SpanList } from '../span-list.ts';
import { spansOfType, type Tree, textAt, typeOf } from '../tree.ts';
import { endingOf } from './proxy-ending.ts';
import { serverBehind } from './servers.ts';

/** Between the slowest request elsewhere and the fastest one here; below it a busy machine may be the reason. */
export const UNEVEN_NS = 20e6;
/** Of six requests three slow ones are all on one server by chance once in ten times; with a gap as well, hardly ever. */
export const ENOUGH_ON_EACH_SIDE = 3;

/** How one server did at one route, beside the others. */
export interface Uneven {
  readonly server: string;
  readonly route: string;
  readonly slow: readonly Nanos[];
  /** Each of the slow requests, as the balancer told it → what the server itself took. */
  readonly ownNsOf: ReadonlyMap<Span, Nanos>;
  readonly elsewhere: readonly Nanos[];
  /** Names of the others. */
  readonly others: readonly string[];
}

/** Requests that a balancer passed on: server and time of each. */
interface Passed {
  readonly proxy: Span;
  readonly server: string;
  readonly ownNs: Nanos;
}

const unevenByTree = new WeakMap<Tree, ReadonlyMap<Span, Uneven>>();

/** What makes this balancer's request one of a slow server's; undefined when it is not. */
export function unevenOf(proxy: Span, tree: Tree): Uneven | undefined {
  const known = unevenByTree.get(tree) ?? findAll(tree);
  unevenByTree.set(tree, known);
  return known.get(proxy);
}

function findAll(tree: Tree): ReadonlyMap<Span, Uneven> {
  if (!inScratch((scratch) => hasSlowOnes(tree, scratch))) return new Map();
  const passedByRoute = new Map<string, Passed[]>();
  for (const proxy of spansOfType(tree, 'proxy')) {
    const passed = passedOf(proxy, tree);
    if (!passed) continue;
    const key = `${proxy.component} ${routeOf(proxy, tree)}`;
    const list = passedByRoute.get(key);
    if (list) list.push(passed);
    else passedByRoute.set(key, [passed]);
  }
  const found = new Map<Span, Uneven>();
  for (const passed of passedByRoute.values()) judge(passed, tree, found);
  return found;
}

/** In most runs no balancer has enough servers' answers that are slow at all, and nobody need be compared. */
function hasSlowOnes({ list }: Tree, scratch: Scratch): boolean {
  const { parents, types, flags, startNs, endNs, components, length } = list;
  const coveredNs = coveredByChildren(list, scratch);
  // by load balancer; what a server took itself is never more than this
  const seenNs = scratch.float64s(length).fill(-1);
  const toldNs = scratch.float64s(length);
  for (let place = 0; place < length; place++) {
    const parent = parents[place]!;
    if (parent < 0 || types[parent] !== PROXY || types[place] === PROXY) continue;
    const ns = endNs[place]! - startNs[place]!;
    if ((flags[place]! & FLAG.server) !== 0)
      seenNs[parent] = Math.max(seenNs[parent]!, ns - coveredNs[place]!);
    else if (types[place] === PROXY_PHASE) toldNs[parent] = Math.max(toldNs[parent]!, ns);
  }
  const slowBehind = new Map<string, number>();
  for (let place = 0; place < length; place++) {
    if (types[place] !== PROXY) continue;
    const ownNs = seenNs[place]! >= 0 ? seenNs[place]! : toldNs[place]!;
    if (ownNs < UNEVEN_NS) continue;
    const count = (slowBehind.get(components[place]!) ?? 0) + 1;
    if (count >= ENOUGH_ON_EACH_SIDE) return true;
    slowBehind.set(components[place]!, count);
  }
  return false;
}

/** By place: at least this much of a span its children cover, all of it where they stand by start. */
function coveredByChildren({ parents, startNs, endNs, length }: SpanList, scratch: Scratch): Float64Array {
  const coveredNs = scratch.float64s(length);
  const cursorNs = scratch.float64s(length).fill(Number.NEGATIVE_INFINITY);
  for (let place = 0; place < length; place++) {
    const parent = parents[place]!;
    if (parent < 0) continue;
    const fromNs = Math.max(startNs[place]!, startNs[parent]!, cursorNs[parent]!);
    const toNs = Math.min(endNs[place]!, endNs[parent]!);
    if (toNs <= fromNs) continue;
    coveredNs[parent]! += toNs - fromNs;
    cursorNs[parent] = toNs;
  }
  return coveredNs;
}

const [PROXY, PROXY_PHASE] = [typeCode('proxy'), typeCode('proxy_phase')];

function judge(passed: readonly Passed[], tree: Tree, found: Map<Span, Uneven>): void {
  if (passed.length < 2 * ENOUGH_ON_EACH_SIDE) return;
  for (const server of new Set(passed.map((one) => one.server))) {
    const mine = passed.filter((one) => one.server === server);
    const rest = passed.filter((one) => one.server !== server);
    if (mine.length < ENOUGH_ON_EACH_SIDE || rest.length < ENOUGH_ON_EACH_SIDE) continue;
    const slow = mine.map(({ ownNs }) => ownNs);
    const elsewhere = rest.map(({ ownNs }) => ownNs);
    if (least(slow) - most(elsewhere) < UNEVEN_NS) continue;
    const others = [...new Set(rest.map((one) => one.server))];
    const ownNsOf = new Map(mine.map(({ proxy, ownNs }) => [proxy, ownNs]));
    const uneven = { server, route: routeOf(mine[0]!.proxy, tree), slow, ownNsOf, elsewhere, others };
    for (const { proxy } of mine) found.set(proxy, uneven);
  }
}

const least = (values: readonly Nanos[]): Nanos => values.reduce((a, b) => Math.min(a, b), Infinity);
const most = (values: readonly Nanos[]): Nanos => values.reduce((a, b) => Math.max(a, b), 0);

/** A request that one server answered at the first try. */
function passedOf(proxy: Span, tree: Tree): Passed | undefined {
  const address = textAt(proxy.attributes, 'server.address');
  if (!address || endingOf(proxy)) return undefined;
  const seen = serverBehind(proxy, tree);
  const phase = tree
    .childrenOf(proxy)
    .find((child) => typeOf(child) === 'proxy_phase' && child.name === 'server');
  const ownNs = seen ? ownTime(seen, tree) : phase && phase.endNs - phase.startNs;
  if (ownNs === undefined) return undefined;
  return { proxy, server: nameOf(address, textAt(proxy.attributes, 'server.port')), ownNs };
}

/** A name is one server's own; of an address there may be several ports. */
const nameOf = (address: string, port: string | undefined): string =>
  /^[\d.]+$|:/.test(address) && port ? `${address}:${port}` : address;

/** A span less what its children cover. */
function ownTime(span: Span, tree: Tree): Nanos {
  let ns = span.endNs - span.startNs;
  let cursor = span.startNs;
  for (const child of [...tree.childrenOf(span)].sort((a, b) => a.startNs - b.startNs)) {
    const startNs = Math.max(child.startNs, cursor);
    const endNs = Math.min(child.endNs, span.endNs);
    if (endNs <= startNs) continue;
    ns -= endNs - startNs;
    cursor = endNs;
  }
  return ns;
}

/** The service's own word for the route, else the path with what looks like a number or an id left open. */
function routeOf(proxy: Span, tree: Tree): string {
  const method = textAt(proxy.attributes, 'http.request.method') ?? '';
  const seen = tree.childrenOf(proxy).find((child) => child.kind === 'server');
  const route = seen && textAt(seen.attributes, 'http.route');
  const path = textAt(proxy.attributes, 'url.path') ?? proxy.name;
  return `${method} ${route ?? path.replace(/\/[^/]*\d[^/]*/g, '/:id')}`.trim();
}

/** `"GET /stock" took 158–162 ms on b (3 requests) and at most 8.2 ms on a (3 requests)` */
export function unevenProof({ server, route, slow, elsewhere, others }: Uneven): string {
  const count = (list: readonly Nanos[]) => `${list.length} requests`;
  const range = `${formatDuration(least(slow))} to ${formatDuration(most(slow))}`;
  return `The own time of "${route}" was ${range} on ${server} (${count(slow)}) and at most ${formatDuration(most(elsewhere))} on ${others.join(', ')} (${count(elsewhere)}).`;
}
