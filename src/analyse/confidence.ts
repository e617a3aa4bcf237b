/** How sure a verdict may be of itself, and why not more: it depends on who saw the time that it speaks of. */
import type { Confidence } from '../model/report.ts';
import type { Nanos } from '../model/time.ts';
import type { Span } from '../model/trace.ts';
import { tellingOf } from './causes/index.ts';
import type { Part } from './problems.ts';
import type { Tree } from './tree.ts';

export interface Trust {
  readonly confidence: Confidence;
  /** A sentence; missing when the confidence is `certain`. */
  readonly doubt?: string;
}

/** From this share on, what was derived decides: the rest cannot carry the verdict alone. */
const MOSTLY = 0.5;
/** The spans that had most of the time; the others change nothing. */
const SPANS_JUDGED = 20;

/** @param spans those that had the time, most first */
export function trustIn({ cause, component, entries, ns }: Part, spans: readonly Span[], tree: Tree): Trust {
  const thin = tellingOf(cause)?.thin?.(spans, tree);
  if (thin !== undefined) return { confidence: 'thin', doubt: thin };
  const inferredNs = entries.reduce((sum, entry) => sum + (entry.evidence === 'inferred' ? entry.ns : 0), 0);
  // A caller's own wait was measured, whatever happened at its other end.
  const ofItself = spans.some((span) => span.component === component && span.evidence === 'measured');
  if (inferredNs >= ns * MOSTLY && !ofItself) return inferred(inferredNs, ns, spans, tree);
  const isSeenByClient =
    spans.length === 0 || spans.slice(0, SPANS_JUDGED).some((span) => isCorroborated(span, tree));
  if (isSeenByClient) return { confidence: 'certain' };
  return {
    confidence: 'likely',
    doubt: `Only ${component} itself says so; nobody who waited for it was seen.`,
  };
}

/** What is left between two ends that were both seen is likely; derived from one end only, it is thin. */
function inferred(inferredNs: Nanos, ns: Nanos, spans: readonly Span[], tree: Tree): Trust {
  const much = inferredNs === ns ? 'It was not measured itself' : 'Most of it was not measured itself';
  const sources = new Set(spans.slice(0, SPANS_JUDGED).flatMap((span) => sourcesAround(span, tree)));
  if (sources.size > 1)
    return { confidence: 'likely', doubt: `${much}: it is what is left between what both ends say.` };
  return { confidence: 'thin', doubt: `${much}, and only one end of it was seen.` };
}

/** Who told of the span, of what lies around it and inside it: the two ends that it lies between. */
function sourcesAround(span: Span, tree: Tree): string[] {
  const parent = tree.parentOf(span);
  const around = [span, ...tree.childrenOf(span), ...(parent ? [parent, ...tree.childrenOf(parent)] : [])];
  return around.flatMap(({ source }) => (source === 'stitch' ? [] : [source]));
}

/** A client measured it, or somebody else saw that time pass around it. */
function isCorroborated(span: Span, tree: Tree): boolean {
  if (span.evidence === 'measured') return true;
  for (let at = tree.parentOf(span); at; at = tree.parentOf(at)) if (at.source !== span.source) return true;
  return false;
}
