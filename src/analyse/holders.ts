/**
 * Who held what a span waited for: a connection of the browser to a host, one of a service's pool, a place at a server
 * behind a load balancer. The time of the wait stays the wait's; this only names who could have ended it sooner.
 *
 * ```
 * // wait       |-----------------|           for one of two connections
 * // holder A  |------------------|           ended as the wait did: its connection became free
 * // holder B     |------------------|        held the other one meanwhile
 * // no holder                    |----|      began when the wait was over
 * ```
 * Only this trace is known: others who used the same pool are not in it, and then nobody is named.
 */
import { isPoolWait, PHASES } from '../model/attributes.ts';
import { formatDuration, type Nanos } from '../model/time.ts';
import type { Span } from '../model/trace.ts';
import { enclosing, isDatabaseClient, type Tree, textAt, typeOf } from './tree.ts';

/** Who waits next gets what was freed within this: a turn of an event loop, a round trip to a proxy's server. */
const HANDED_OVER_WITHIN_NS = 5e6;
/** More than these at once are a crowd: the first say enough, and one wait costs no more than looking at them. */
const MOST_HOLDERS = 64;

export interface Holder {
  /** As a person would name it: the request, or the work of a service that asked the database. */
  readonly span: Span;
  /** For how long it held something during the wait. */
  readonly ns: Nanos;
  /** It let go as the wait ended. */
  readonly freed: boolean;
}

/** @returns those that let go as the wait ended first, then by time; empty for what is no wait, or held by nobody seen */
export function holdersOf(wait: Span, tree: Tree): Holder[] {
  const waiting = keyOfWait(wait, tree);
  const holds = waiting && holdsIn(tree).get(waiting.key);
  if (!holds) return [];
  const byOwner = new Map<Span, { ns: Nanos; freed: boolean }>();
  for (const hold of overlapping(holds, wait)) {
    if (hold.owner === waiting.owner) continue;
    const account = byOwner.get(hold.owner) ?? { ns: 0, freed: false };
    byOwner.set(hold.owner, account);
    account.ns += Math.min(hold.endNs, wait.endNs) - Math.max(hold.startNs, wait.startNs);
    account.freed ||= hold.endNs <= wait.endNs && wait.endNs - hold.endNs <= HANDED_OVER_WITHIN_NS;
  }
  return [...byOwner]
    .map(([span, account]) => ({ span, ...account }))
    .sort((a, b) => Number(b.freed) - Number(a.freed) || b.ns - a.ns);
}

/** `held meanwhile by "GET /related" of inventory (312 ms in the database) and 2 others`; empty when nobody is known. */
export function heldBy(waits: readonly Span[], tree: Tree): string {
  const longest = waits.reduce<Span | undefined>(
    (a, b) => (a && lengthOf(a) >= lengthOf(b) ? a : b),
    undefined,
  );
  const [first, ...others] = longest ? holdersOf(longest, tree) : [];
  if (!longest || !first) return '';
  const inWhat = isPoolWait(longest.name) ? ' in the database' : '';
  const more = others.length === 0 ? '' : ` and ${others.length} other${others.length === 1 ? '' : 's'}`;
  const who = `"${first.span.name}" of ${first.span.component}`;
  return `held meanwhile by ${who} (${formatDuration(first.ns)}${inWhat})${more}`;
}

const lengthOf = ({ startNs, endNs }: Span): Nanos => endNs - startNs;

/** What is waited for, and for whom: nobody waits for himself. */
function keyOfWait(wait: Span, tree: Tree): { key: string; owner: Span | undefined } | undefined {
  if (typeOf(wait) === 'stall') {
    const request = enclosing(tree, wait, 'request');
    return request && { key: `host ${hostOf(request)}`, owner: request };
  }
  if (typeOf(wait) === 'proxy_phase' && wait.name === 'queue') {
    const proxy = enclosing(tree, wait, 'proxy');
    return proxy && { key: serversOf(proxy), owner: proxy };
  }
  return isPoolWait(wait.name) ? { key: `pool ${wait.clock}`, owner: undefined } : undefined;
}

const hostOf = ({ attributes, component }: Span): string =>
  `${textAt(attributes, 'server.address') ?? component}:${textAt(attributes, 'server.port') ?? ''}`;
const serversOf = (proxy: Span): string =>
  `servers ${proxy.component} ${textAt(proxy.attributes, 'haproxy.backend') ?? ''}`;

interface Hold {
  readonly owner: Span;
  readonly startNs: Nanos;
  readonly endNs: Nanos;
}

/** By start; `latestEndNs[i]` is the latest end of the first i + 1, so that a search can stop. */
interface Holds {
  readonly byStart: Hold[];
  readonly latestEndNs: Nanos[];
}

const holdsByTree = new WeakMap<Tree, Map<string, Holds>>();

/** All that is held in a trace, by what it is. Made when the first wait is asked for. */
function holdsIn(tree: Tree): Map<string, Holds> {
  const known = holdsByTree.get(tree);
  if (known) return known;
  const holdsByKey = new Map<string, Holds>();
  for (const span of tree.spans) {
    const held = holdOf(span, tree);
    if (!held || held.hold.endNs <= held.hold.startNs) continue;
    const holds = holdsByKey.get(held.key) ?? { byStart: [], latestEndNs: [] };
    holdsByKey.set(held.key, holds);
    holds.byStart.push(held.hold);
  }
  for (const { byStart, latestEndNs } of holdsByKey.values()) {
    byStart.sort((a, b) => a.startNs - b.startNs);
    let latest = Number.NEGATIVE_INFINITY;
    for (const { endNs } of byStart) {
      latest = Math.max(latest, endNs);
      latestEndNs.push(latest);
    }
  }
  holdsByTree.set(tree, holdsByKey);
  return holdsByKey;
}

function holdOf(span: Span, tree: Tree): { key: string; hold: Hold } | undefined {
  const type = typeOf(span);
  if (type === 'request') return { key: `host ${hostOf(span)}`, hold: connectionOf(span, tree) };
  if (type === 'proxy_phase' && span.name === 'server') {
    const proxy = tree.parentOf(span);
    return (
      proxy && { key: serversOf(proxy), hold: { owner: proxy, startNs: span.startNs, endNs: span.endNs } }
    );
  }
  if (!isDatabaseClient(span) || span.kind !== 'client' || isPoolWait(span.name)) return undefined;
  const owner = tree.parentOf(span) ?? span;
  return { key: `pool ${span.clock}`, hold: { owner, startNs: span.startNs, endNs: span.endNs } };
}

/** A request has a connection from when it need no longer wait for one. */
function connectionOf(request: Span, tree: Tree): Hold {
  const waited = tree
    .childrenOf(request)
    .find((child) => typeOf(child) === 'phase' && child.name === PHASES.wait);
  return { owner: request, startNs: waited?.endNs ?? request.startNs, endNs: request.endNs };
}

/** Those that lie over the wait, the latest begun first; at most `MOST_HOLDERS`. */
function overlapping({ byStart, latestEndNs }: Holds, { startNs, endNs }: Span): Hold[] {
  let [low, high] = [0, byStart.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byStart[middle]!.startNs < endNs) low = middle + 1;
    else high = middle;
  }
  const found: Hold[] = [];
  for (let i = low - 1; i >= 0 && latestEndNs[i]! > startNs && found.length < MOST_HOLDERS; i--)
    if (byStart[i]!.endNs > startNs) found.push(byStart[i]!);
  return found;
}
