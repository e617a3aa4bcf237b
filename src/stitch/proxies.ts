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
import { LATE_END_NS } from './clock-offset.ts';
import type { Draft } from './draft.ts';
import { requestLine } from './recognise-proxies.ts';

export function placeProxies(drafts: readonly Draft[]): void {
  const proxiesByParent = groupByParent(drafts.filter(isProxy));
  for (const draft of drafts) {
    if (draft.report.kind !== 'server' || !draft.parent) continue;
    const proxies = proxiesByParent.get(draft.parent);
    const proxy = proxies && (onlyForwarder(draft, proxies) ?? tightestAround(draft, proxies));
    if (!proxy) continue;
    draft.parent = proxy;
    draft.placed.push(`behind ${proxy.component}, which forwarded the trace context unchanged`);
  }
}

const isProxy = (draft: Draft): boolean => draft.type === 'proxy';

function groupByParent(proxies: readonly Draft[]): Map<Draft | undefined, Draft[]> {
  const groups = new Map<Draft | undefined, Draft[]>();
  for (const proxy of proxies) {
    const group = groups.get(proxy.parent);
    if (group) group.push(proxy);
    else groups.set(proxy.parent, [proxy]);
  }
  return groups;
}

function onlyForwarder(draft: Draft, proxies: readonly Draft[]): Draft | undefined {
  const [proxy] = proxies;
  if (!proxy || proxies.length > 1 || isProxy(draft)) return undefined;
  const request = requestLine(draft.report.attributes);
  return request && request === requestLine(proxy.report.attributes) ? proxy : undefined;
}

/** A proxy inside another one is shorter; a service may be longer, by as much as it notes its own end late. */
function tightestAround(draft: Draft, proxies: readonly Draft[]): Draft | undefined {
  const length = draft.endNs - draft.startNs - (isProxy(draft) ? 0 : LATE_END_NS);
  let best: Draft | undefined;
  for (const proxy of proxies) {
    if (proxy === draft || proxy.endNs - proxy.startNs < length) continue;
    const slack = proxy.report.precisionNs + draft.report.precisionNs;
    if (draft.startNs < proxy.startNs - slack || draft.startNs > proxy.endNs + slack) continue;
    if (!best || proxy.endNs - proxy.startNs < best.endNs - best.startNs) best = proxy;
  }
  return best;
}
