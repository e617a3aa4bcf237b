/**
 * Time that a service spent on a request without asking anybody: it computed, it waited for a CPU, or it waited for
 * something that no instrumentation tells of. A trace alone cannot tell these apart; a host's agent can.
 */
import { formatDuration, type Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Stretch } from '../lane-window.ts';
import { type ProcessTime, processTimeOf } from '../processes.ts';
import type { Segment } from '../segment.ts';
import { type Tree, typeOf } from '../tree.ts';
import { longest } from './amounts.ts';
import { crowdedByBrowser } from './crowd.ts';
import type { Blame } from './rule.ts';

/**
 * In quiet runs the longest piece of a service's own work was 4 ms, and 12 ms on a machine with eight times too much to
 * do; an event loop that stands still this long is felt by everybody whom it serves.
 */
export const LONG_PAUSE_NS = 40e6;
/** Of the time: most of it. */
const MOST = 0.6;

/** Own work of a service in one go: a server's or an inner span that nobody's span below it explains. */
export const isLongPause = ({ span, startNs, endNs, situation }: Segment): boolean =>
  span.layer === 'service' &&
  span.kind !== 'client' &&
  typeOf(span) === undefined &&
  situation === 'self' &&
  endNs - startNs >= LONG_PAUSE_NS;

export function blameOfPause(segment: Segment, tree: Tree): Blame {
  const time = processTimeOf(segment.span, segment, tree);
  if (!time) return { cause: 'service.cpu_block' };
  const ns = segment.endNs - segment.startNs;
  if (time.cpuNs + time.waitedNs < MOST * ns) return { cause: 'service.silent_wait' };
  return time.isStarved ? starved(time, segment, tree) : { cause: 'service.cpu_block' };
}

/**
 * Why one end of a call was late, where its host was watched: an event loop that gets no CPU, or is busy, neither takes
 * a request nor reads an answer, and from outside that looks like a long way.
 */
export function blameOfLateness(end: Span, stretch: Stretch, tree: Tree): Blame | undefined {
  const ns = stretch.endNs - stretch.startNs;
  const time = ns >= LONG_PAUSE_NS ? processTimeOf(end, stretch, tree) : undefined;
  if (!time || time.cpuNs + time.waitedNs < MOST * ns) return undefined;
  const service = { layer: 'service', component: end.component } as const;
  return { ...service, ...(time.isStarved ? starved(time, stretch, tree) : { cause: 'service.cpu_block' }) };
}

/** Where the browser runs on the host of the servers and took its CPUs, the service is not to blame, nor its limits. */
function starved({ host }: ProcessTime, stretch: Stretch, tree: Tree): Blame {
  const crowd = tree.root.osProcess?.host === host ? crowdedByBrowser(stretch, tree) : undefined;
  return crowd ?? { cause: 'service.cpu_starved' };
}

/** The longest stretch of a span's own time that nothing below it covers. */
function longestGap(span: Span, tree: Tree): { startNs: Nanos; endNs: Nanos } {
  let best = { startNs: span.startNs, endNs: span.startNs };
  let cursor = span.startNs;
  const keep = (endNs: Nanos) => {
    if (endNs - cursor > best.endNs - best.startNs) best = { startNs: cursor, endNs };
  };
  for (const child of [...tree.childrenOf(span)].sort((a, b) => a.startNs - b.startNs)) {
    keep(Math.min(child.startNs, span.endNs));
    cursor = Math.max(cursor, child.endNs);
  }
  keep(span.endNs);
  return best;
}

interface Pause {
  readonly span: Span;
  readonly ns: Nanos;
  readonly time: ProcessTime | undefined;
}

function longestPause(spans: readonly Span[], tree: Tree): Pause | undefined {
  return spans
    .map((span) => {
      const gap = longestGap(span, tree);
      return { span, ns: gap.endNs - gap.startNs, time: processTimeOf(span, gap, tree) };
    })
    .sort((a, b) => b.ns - a.ns)[0];
}

export function pauseProof(spans: readonly Span[], tree: Tree): string {
  const paused = spans.filter(
    (span) => span.kind !== 'client' && typeOf(span) === undefined && span.source !== 'stitch',
  );
  if (paused.length === 0)
    return `A call waited ${longest(spans)} for it while its process had no time for that.`;
  const pause = longestPause(paused, tree);
  if (!pause) return 'Nothing below it explains the time.';
  const { span, ns, time } = pause;
  const own = `"${span.name}" had ${formatDuration(ns)} in one go to itself`;
  if (!time)
    return `${own}: it computed, or waited for something that is not instrumented; without an agent on its host nothing tells which.`;
  const { host, cpuNs, waitedNs } = time;
  return `${own}; meanwhile its process was on a CPU of ${host} for ${about(cpuNs)} and waited for one for ${about(waitedNs)}.`;
}

const about = (ns: Nanos): string => (ns < 1e6 ? 'under 1 ms' : formatDuration(ns));

/** Whether an agent saw that it computed. */
export const isSeenComputing = (spans: readonly Span[], tree: Tree): boolean =>
  longestPause(spans, tree)?.time !== undefined;
