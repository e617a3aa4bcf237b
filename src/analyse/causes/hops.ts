/**
 * Ways between two parts, judged by all calls that went over them: a long way is long each time, so the quickest call
 * tells how long it is; a single slow one had another reason (a busy end, a lost packet).
 * ```
 * // client   |---------------------|    |-----------------|
 * // server        |-----------|              |-------|         what is left of each client: there and back
 * ```
 */
import { PHASES } from '../../model/attributes.ts';
import { inScratch, type Scratch } from '../../model/column-memory.ts';
import { FLAG, NOBODY, typeCode } from '../../model/span-table.ts';
import type { Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { wayBetween } from '../../model/way.ts';
import type { SpanList } from '../span-list.ts';
import { databaseClients, firstToEnd, placesOfType, residualsOf, type Tree } from '../tree.ts';
import { middleOf } from './amounts.ts';
import { serverPlaceBehind } from './servers.ts';

/** What kinds of ways there are: only ways of one kind are compared. */
type Kind = 'statement' | 'call' | 'proxy' | 'request';

export interface Hop {
  readonly kind: Kind;
  /** Each call's time there and back, handling at both ends included. */
  readonly calls: number;
  readonly quickestNs: Nanos;
  readonly totalNs: Nanos;
}

interface Account {
  readonly kind: Kind;
  readonly eachNs: Nanos[];
  calls: number;
  quickestNs: Nanos;
  totalNs: Nanos;
}

const hopsByTree = new WeakMap<Tree, Map<string, Account>>();

/** What is known of the way that one hop's component names: `web → inventory`. */
export function hopNamed(component: string, tree: Tree): Hop | undefined {
  return hopsOf(tree).get(component);
}

const meanNs = ({ totalNs, calls }: Hop): Nanos => totalNs / calls;

/**
 * The share of each call's time on a long way that it would have needed on a short one as well: what the shortest of the
 * other ways of its kind takes for the call in the middle, for one that a busy end held up says nothing of the way. 0
 * when there is none to compare with.
 * ```
 * // web → payment     |------------------|        long
 * // web → inventory   |--|                        this much of it both have: protocol, a turn of each end's loop
 * ```
 * @param longNs ways that are as long as this show nothing
 */
export function usualShare(hop: Hop, tree: Tree, longNs: Nanos): number {
  const share = shareByHop.get(hop) ?? shareOf(hop, tree, longNs);
  shareByHop.set(hop, share);
  return share;
}

const shareByHop = new WeakMap<Hop, number>();

function shareOf(hop: Hop, tree: Tree, longNs: Nanos): number {
  const others = [...hopsOf(tree).values()].filter(
    (other) => other !== hop && other.kind === hop.kind && other.quickestNs < longNs,
  );
  const shortestNs = others.reduce((least, { eachNs }) => Math.min(least, middleOf(eachNs)), Infinity);
  return Number.isFinite(shortestNs) ? Math.min(1, shortestNs / Math.max(1, meanNs(hop))) : 0;
}

function hopsOf(tree: Tree): Map<string, Account> {
  const known = hopsByTree.get(tree);
  if (known) return known;
  const hops = new Map<string, Account>();
  const add = (kind: Kind, component: string, ns: Nanos) => {
    let hop = hops.get(component);
    if (!hop) {
      hop = { kind, eachNs: [], calls: 0, quickestNs: Number.POSITIVE_INFINITY, totalNs: 0 };
      hops.set(component, hop);
    }
    hop.calls++;
    hop.eachNs.push(ns);
    hop.quickestNs = Math.min(hop.quickestNs, ns);
    hop.totalNs += ns;
  };
  inScratch((scratch) => addStatements(tree, add, scratch));
  addProxies(tree, add);
  inScratch((scratch) => addResiduals(tree, add, scratch));
  hopsByTree.set(tree, hops);
  return hops;
}

type Add = (kind: Kind, component: string, ns: Nanos) => void;

/**
 * What its bars leave of a client: there and back. A download is no part of the way: how long it takes depends on its
 * size.
 */
function addResiduals(tree: Tree, add: Add, scratch: Scratch): void {
  const { parents, flags, types, components, startNs, endNs, length } = tree.list;
  const nsOf = scratch.float64s(length);
  const barOf = scratch.int32s(length);
  const clients: number[] = [];
  const bars = residualsOf(tree);
  for (let i = 0; i < bars.length; i++) {
    const bar = bars[i]!;
    const client = parents[bar]!;
    if (client < 0 || (flags[client]! & FLAG.error) !== 0) continue;
    if (barOf[client] === 0) clients.push(client);
    // a bar hangs below its client: its place is never 0
    barOf[client] ||= bar;
    const download = types[client] === REQUEST ? downloadIn(client, tree) : NOBODY;
    const downloadNs = download === NOBODY ? 0 : overlapNs(bar, download, tree.list);
    nsOf[client]! += endNs[bar]! - startNs[bar]! - downloadNs;
  }
  for (let i = 0; i < clients.length; i++) {
    const client = clients[i]!;
    add(types[client] === REQUEST ? 'request' : 'call', components[barOf[client]!]!, nsOf[client]!);
  }
}

const [REQUEST, PHASE, DB_SERVER] = (['request', 'phase', 'db_server'] as const).map(typeCode);

const overlapNs = (a: number, b: number, { startNs, endNs }: SpanList): Nanos =>
  Math.max(0, Math.min(endNs[a]!, endNs[b]!) - Math.max(startNs[a]!, startNs[b]!));

/** A request's phase in which its body came in. */
export const downloadOf = (request: Span, tree: Tree): Span | undefined =>
  tree.list.at(downloadIn(tree.placeOf(request), tree));

const downloadIn = (request: number, tree: Tree): number =>
  firstToEnd(
    request,
    tree,
    ({ types }, child) => types[child] === PHASE && tree.list.nameAt(child) === PHASES.download,
  );

export const sharedNs = (
  a: Pick<Span, 'startNs' | 'endNs'>,
  b: Pick<Span, 'startNs' | 'endNs'> | undefined,
): Nanos => (b ? Math.max(0, Math.min(a.endNs, b.endNs) - Math.max(a.startNs, b.startNs)) : 0);

function addProxies(tree: Tree, add: Add): void {
  const { parents, components, startNs, endNs } = tree.list;
  const phases = placesOfType(tree, 'proxy_phase');
  for (let i = 0; i < phases.length; i++) {
    const phase = phases[i]!;
    const proxy = parents[phase]!;
    if (proxy < 0 || tree.list.nameAt(phase) !== 'server') continue;
    const server = serverPlaceBehind(proxy, tree);
    if (server === NOBODY) continue;
    const ns = endNs[phase]! - startNs[phase]! - (endNs[server]! - startNs[server]!);
    add('proxy', wayBetween(components[proxy]!, components[server]!), Math.max(0, ns));
  }
}

function addStatements({ list }: Tree, add: Add, scratch: Scratch): void {
  const { parents, types, components, startNs, endNs, length } = list;
  const insideNs = scratch.float64s(length);
  const isTold = scratch.uint8s(length);
  for (let place = 0; place < length; place++) {
    if (types[place] !== DB_SERVER || parents[place]! < 0) continue;
    insideNs[parents[place]!]! += endNs[place]! - startNs[place]!;
    isTold[parents[place]!] = 1;
  }
  const clients = databaseClients({ list });
  for (let i = 0; i < clients.length; i++) {
    const client = clients[i]!;
    if (isTold[client] === 0) continue;
    const caller = callerOf(client, list);
    const way = caller === undefined ? components[client]! : wayBetween(caller, components[client]!);
    add('statement', way, Math.max(0, endNs[client]! - startNs[client]! - insideNs[client]!));
  }
}

/** The nearest above who is not the database itself. */
function callerOf(client: number, { parents, components }: SpanList): string | undefined {
  let at = parents[client]!;
  while (at >= 0 && components[at] === components[client]) at = parents[at]!;
  return at < 0 ? undefined : components[at];
}

/** `payment → postgresql shop`. */
export function hopOfStatement(client: Span, { list }: Tree): string {
  const caller = callerOf(list.placeOf(client), list);
  return caller === undefined ? client.component : wayBetween(caller, client.component);
}
