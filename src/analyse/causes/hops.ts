/**
 * Ways between two parts, judged by all calls that went over them: a long way is long each time, so the quickest call
 * tells how long it is; a single slow one had another reason (a busy end, a lost packet).
 * ```
 * // client   |---------------------|    |-----------------|
 * // server        |-----------|              |-------|         what is left of each client: there and back
 * ```
 */
import { PHASES } from '../../model/attributes.ts';
import type { Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { wayBetween } from '../../model/way.ts';
import { databaseClients, residualsOf, spansOfType, type Tree, typeOf } from '../tree.ts';
import { lengthOf, middleOf } from './amounts.ts';

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
    const hop: Account = hops.get(component) ?? {
      kind,
      eachNs: [],
      calls: 0,
      quickestNs: Number.POSITIVE_INFINITY,
      totalNs: 0,
    };
    hops.set(component, hop);
    hop.calls++;
    hop.eachNs.push(ns);
    hop.quickestNs = Math.min(hop.quickestNs, ns);
    hop.totalNs += ns;
  };
  for (const client of databaseClients(tree)) addStatement(client, tree, add);
  for (const phase of spansOfType(tree, 'proxy_phase'))
    if (phase.name === 'server') addBehindProxy(phase, tree, add);
  addResiduals(tree, add);
  hopsByTree.set(tree, hops);
  return hops;
}

type Add = (kind: Kind, component: string, ns: Nanos) => void;

/** What its bars leave of a client: there and back. */
interface Way {
  readonly client: Span;
  readonly component: string;
  readonly download: Span | undefined;
  ns: Nanos;
}

/** A download is no part of the way: how long it takes depends on its size. */
function addResiduals(tree: Tree, add: Add): void {
  const wayByPlace: (Way | undefined)[] = new Array(tree.list.length);
  const ways: Way[] = [];
  for (const bar of residualsOf(tree)) {
    const client = tree.parentOf(bar);
    if (!client || client.status.code === 'error') continue;
    const place = tree.placeOf(client);
    let way = wayByPlace[place];
    if (!way) {
      way = { client, component: bar.component, download: downloadOf(client, tree), ns: 0 };
      wayByPlace[place] = way;
      ways.push(way);
    }
    way.ns += lengthOf(bar) - sharedNs(bar, way.download);
  }
  for (const { client, component, ns } of ways)
    add(typeOf(client) === 'request' ? 'request' : 'call', component, ns);
}

/** A request's phase in which its body came in. */
export const downloadOf = (request: Span, tree: Tree): Span | undefined =>
  tree.childrenOf(request).find((child) => typeOf(child) === 'phase' && child.name === PHASES.download);

export const sharedNs = (
  a: Pick<Span, 'startNs' | 'endNs'>,
  b: Pick<Span, 'startNs' | 'endNs'> | undefined,
): Nanos => (b ? Math.max(0, Math.min(a.endNs, b.endNs) - Math.max(a.startNs, b.startNs)) : 0);

function addBehindProxy(phase: Span, tree: Tree, add: Add): void {
  const proxy = tree.parentOf(phase);
  const server = proxy && serverBehind(proxy, tree);
  if (proxy && server)
    add(
      'proxy',
      wayBetween(proxy.component, server.component),
      Math.max(0, lengthOf(phase) - lengthOf(server)),
    );
}

const serverBehind = (proxy: Span, tree: Tree): Span | undefined =>
  tree.childrenOf(proxy).find((child) => child.kind === 'server' && typeOf(child) !== 'proxy');

function addStatement(client: Span, tree: Tree, add: Add): void {
  const reports = tree.childrenOf(client).filter((child) => typeOf(child) === 'db_server');
  if (reports.length === 0) return;
  const inside = reports.reduce((sum, report) => sum + lengthOf(report), 0);
  add('statement', hopOfStatement(client, tree), Math.max(0, lengthOf(client) - inside));
}

/** `payment → postgresql shop`. */
export function hopOfStatement(client: Span, tree: Tree): string {
  let caller = tree.parentOf(client);
  while (caller && caller.component === client.component) caller = tree.parentOf(caller);
  return caller ? wayBetween(caller.component, client.component) : client.component;
}
