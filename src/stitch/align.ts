/**
 * Gives every draft its aligned times: the clock's offset, then, for an answer, a place inside its client.
 *
 * A log that tells whole milliseconds may lie anywhere within them, so it is slid into its client's span:
 * ```
 * // client     |------------|            client     |------------|
 * // log      |-------|            ->     log        |-------|
 * ```
 * Finer sources and services' own spans are never slid (spans of one clock keep their order); what sticks out of the client is clipped.
 * Whatever moves takes along what its own source hung under it (plan nodes, a proxy's phases).
 */
import type { SpanType } from '../model/attributes.ts';
import { formatDuration, type Nanos } from '../model/time.ts';
import { type Draft, isAnswerTo } from './draft.ts';

/** A log this coarse may be slid inside its own uncertainty; half a millisecond separates µs from ms sources. */
const SLIDES_FROM_PRECISION_NS = 500_000;

/** A socket of a host is looked at now and then: what a look found after the connection's end belongs to its end. */
const IS_PART_OF_PARENT: ReadonlySet<SpanType | undefined> = new Set([
  'plan_node',
  'proxy_phase',
  'host_connection',
]);

/** `drafts` must hold parents before their children. */
export function align(drafts: readonly Draft[], offsetNsByClock: ReadonlyMap<string, Nanos>): void {
  const slideOf = new Map<Draft, Nanos>();
  for (const draft of drafts) {
    const parent = draft.parent;
    const sameReport = parent !== undefined && parent.report.clock === draft.report.clock;
    const slide = (sameReport ? slideOf.get(parent) : undefined) ?? 0;
    const move = (offsetNsByClock.get(draft.report.clock) ?? 0) + slide;
    draft.startNs += move;
    draft.endNs += move;
    if (slide !== 0) slideOf.set(draft, slide);
    if (!parent) continue;
    if (isAnswerTo(draft, parent)) slideOf.set(draft, slide + holdInside(draft, parent));
    else if (IS_PART_OF_PARENT.has(draft.type)) clip(draft, parent);
  }
}

/** Slides (when the source is coarse), then clips; returns the slide. */
function holdInside(draft: Draft, parent: Draft): Nanos {
  let slide = 0;
  if (draft.report.evidence !== 'measured' && draft.report.precisionNs >= SLIDES_FROM_PRECISION_NS) {
    if (draft.startNs < parent.startNs) slide = parent.startNs - draft.startNs;
    else if (draft.endNs > parent.endNs)
      slide = Math.max(parent.endNs - draft.endNs, parent.startNs - draft.startNs);
    draft.startNs += slide;
    draft.endNs += slide;
    if (slide !== 0) draft.placed.push(`slid by ${formatDuration(slide)} into its client's span`);
  }
  clip(draft, parent);
  return slide;
}

function clip(draft: Draft, parent: Draft): void {
  const startNs = Math.min(Math.max(draft.startNs, parent.startNs), parent.endNs);
  const endNs = Math.max(startNs, Math.min(draft.endNs, parent.endNs));
  const cut = startNs - draft.startNs + (draft.endNs - endNs);
  if (cut > 0) draft.placed.push(`${formatDuration(cut)} outside its parent are clipped`);
  draft.startNs = startNs;
  draft.endNs = endNs;
}
