/**
 * Puts a proxy between the client and the server it stood between.
 *
 * A proxy that forwards `traceparent` unchanged makes siblings of itself and of the server behind it:
 * ```
 * // request |---------------------|        request |---------------------|
 * // proxy      |---------------|     ->    proxy      |---------------|
 * // server        |--------|                 server      |--------|
 * ```
 * With one proxy, and the server's span for the very same request, no clock is needed. Else the tightest proxy that
 * holds the server's start becomes its parent; a proxy inside another proxy likewise.
 */
import { NOBODY } from '../model/span-table.ts';
import type { Cast } from './cast.ts';
import { LATE_END_NS } from './clock-offset.ts';
import type { Draft } from './draft.ts';
import { requestLine } from './recognise-proxies.ts';
import { ROLE } from './roles.ts';

export function placeProxies(cast: Cast): void {
  const proxiesByParent = groupByParent(cast);
  if (proxiesByParent.size === 0) return;
  const { roles, parents } = cast.table;
  for (let i = 0; i < cast.order.length; i++) {
    const row = cast.order[i]!;
    if ((roles[row]! & ROLE.server) === 0) continue;
    const proxies = proxiesByParent.get(parents[row]!);
    if (!proxies) continue;
    const draft = cast.table.draft(row);
    const proxy = onlyForwarder(draft, proxies) ?? tightestAround(draft, proxies);
    if (!proxy) continue;
    draft.parent = proxy;
    draft.note(`behind ${proxy.component}, which forwarded the trace context unchanged`);
  }
}

const isProxy = (draft: Draft): boolean => draft.type === 'proxy';

/** By the parent's row. */
function groupByParent(cast: Cast): Map<number, Draft[]> {
  const groups = new Map<number, Draft[]>();
  for (const proxy of cast.with(ROLE.proxy)) {
    const parent = cast.table.parents[proxy.row]!;
    const group = groups.get(parent);
    if (group) group.push(proxy);
    else if (parent !== NOBODY) groups.set(parent, [proxy]);
  }
  return groups;
}

function onlyForwarder(draft: Draft, proxies: readonly Draft[]): Draft | undefined {
  const [proxy] = proxies;
  if (!proxy || proxies.length > 1 || isProxy(draft)) return undefined;
  const request = requestLine(draft.attributes);
  return request && request === requestLine(proxy.attributes) ? proxy : undefined;
}

/** A proxy inside another one is shorter; a service may be longer, by as much as it notes its own end late. */
function tightestAround(draft: Draft, proxies: readonly Draft[]): Draft | undefined {
  const length = draft.endNs - draft.startNs - (isProxy(draft) ? 0 : LATE_END_NS);
  let best: Draft | undefined;
  for (const proxy of proxies) {
    if (proxy === draft || proxy.endNs - proxy.startNs < length) continue;
    const slack = proxy.precisionNs + draft.precisionNs;
    if (draft.startNs < proxy.startNs - slack || draft.startNs > proxy.endNs + slack) continue;
    if (!best || proxy.endNs - proxy.startNs < best.endNs - best.startNs) best = proxy;
  }
  return best;
}
