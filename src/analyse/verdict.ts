/**
 * The verdict: one sentence that a tired person understands. Without a normal to compare with, it speaks of the
 * largest known problem; when there is none, it says so and names the largest part.
 */
import { LAYER_NAME } from '../model/layer.ts';
import type { LedgerEntry, StepReport, Verdict } from '../model/report.ts';
import { formatDuration, type Nanos } from '../model/time.ts';
import type { Span } from '../model/trace.ts';
import { tellingOf } from './causes/index.ts';
import { failureOf } from './failure.ts';
import { hostEvidence } from './host-evidence.ts';
import type { Tree } from './tree.ts';

/** A problem that costs less than this is not what made a person wait. */
export const WORTH_A_VERDICT_NS = 20e6;

export interface VerdictInput {
  readonly journey: string;
  readonly status: 'ok' | 'failed';
  readonly error?: string;
  readonly wallNs: Nanos;
  readonly ledger: readonly LedgerEntry[];
  readonly steps: readonly StepReport[];
}

export function verdictOf(run: VerdictInput, tree: Tree): Verdict {
  if (run.status === 'failed') return failedVerdict(run, tree);
  const problem = run.ledger.find((entry) => tellingOf(entry.cause) && entry.ns >= WORTH_A_VERDICT_NS);
  return problem ? problemVerdict(run, problem, tree) : quietVerdict(run);
}

function problemVerdict(run: VerdictInput, entry: LedgerEntry, tree: Tree): Verdict {
  const telling = tellingOf(entry.cause)!;
  const spans = spansOf(entry, tree);
  const { layer, component, cause, ns, spanIds } = entry;
  const where = placeOf(entry, run, tree);
  return {
    layer,
    component,
    cause,
    ns,
    spanIds,
    sentence: `${run.journey} took ${formatDuration(run.wallNs)}; ${formatDuration(ns)} of it is ${named(entry)}: ${telling.what(component, spans, tree)}.`,
    evidence: `${where}${telling.proof(spans, tree)}${hostEvidence(layer, spans, tree)}`,
    next: telling.next(component, spans, tree),
  };
}

const named = ({ layer }: LedgerEntry): string =>
  layer === 'dns' || layer === 'tcp' || layer === 'tls' ? LAYER_NAME[layer] : `the ${LAYER_NAME[layer]}`;

/** `In step “Place order”, called by inventory: ` */
function placeOf(entry: LedgerEntry, run: VerdictInput, tree: Tree): string {
  const step = run.steps.reduce<{ name: string; ns: Nanos } | undefined>((most, candidate) => {
    const ns = candidate.ledger
      .filter((e) => e.cause === entry.cause && e.component === entry.component)
      .reduce((sum, e) => sum + e.ns, 0);
    return ns > (most?.ns ?? 0) ? { name: candidate.name, ns } : most;
  }, undefined);
  const caller = callerOf(entry, tree);
  const parts = [step && `in step “${step.name}”`, caller && `called by ${caller}`]
    .filter(Boolean)
    .join(', ');
  return parts === '' ? '' : `${parts[0]!.toUpperCase()}${parts.slice(1)}: `;
}

/** The nearest service above the guilty span. */
function callerOf(entry: LedgerEntry, tree: Tree): string | undefined {
  if (entry.layer !== 'db') return undefined;
  for (let at = tree.spanById.get(entry.spanIds[0] ?? ''); at; at = tree.parentOf(at))
    if (at.layer === 'service') return at.component;
  return undefined;
}

const spansOf = (entry: LedgerEntry, tree: Tree): Span[] =>
  entry.spanIds.flatMap((spanId) => tree.spanById.get(spanId) ?? []);

function quietVerdict(run: VerdictInput): Verdict {
  const largest = largestLayerEntry(run.ledger);
  if (!largest) return emptyVerdict(run);
  const { entry, layerNs } = largest;
  return {
    layer: entry.layer,
    component: entry.component,
    cause: entry.cause,
    ns: entry.ns,
    spanIds: entry.spanIds,
    sentence: `${run.journey} took ${formatDuration(run.wallNs)} and nothing stands out; the largest part is ${named(entry)} with ${formatDuration(layerNs)}.`,
    evidence: `The largest piece is ${entry.cause} of ${entry.component} with ${formatDuration(entry.ns)}. No known problem costs ${formatDuration(WORTH_A_VERDICT_NS)} or more.`,
    next: 'Run it again to learn what is normal, or open the largest piece of the ledger.',
  };
}

function largestLayerEntry(
  ledger: readonly LedgerEntry[],
): { entry: LedgerEntry; layerNs: Nanos } | undefined {
  const nsByLayer = new Map<string, Nanos>();
  for (const { layer, ns } of ledger) nsByLayer.set(layer, (nsByLayer.get(layer) ?? 0) + ns);
  const layer = [...nsByLayer].sort((a, b) => b[1] - a[1])[0];
  const entry = layer && ledger.find((candidate) => candidate.layer === layer[0]);
  return entry && { entry, layerNs: layer[1] };
}

function failedVerdict(run: VerdictInput, tree: Tree): Verdict {
  const failure = failureOf(tree, run.error);
  const step = tree.spans.find(
    (span) => span.status.code === 'error' && run.steps.some((s) => s.spanId === span.spanId),
  );
  const where = step ? ` in step “${step.name}”` : '';
  const reason = failure?.what ?? firstLine(run.error) ?? 'no reason was given';
  const blamed = failure ?? { layer: 'unknown' as const, component: 'nobody saw it', cause: 'unknown' };
  const { layer, component, cause } = blamed;
  return {
    layer,
    component,
    cause,
    ns: run.ledger.filter((e) => e.layer === layer).reduce((sum, e) => sum + e.ns, 0),
    spanIds: failure ? [failure.span.spanId] : step ? [step.spanId] : [],
    sentence: `${run.journey} failed${where} after ${formatDuration(run.wallNs)}: ${reason}.`,
    evidence: `${firstLine(run.error) ?? 'The journey gave no error text.'}${failure ? hostEvidence(layer, [failure.span], tree) : ''}`,
    next:
      failure?.next ?? 'Open the failed step; the last request or action in it is where the journey stood.',
  };
}

const firstLine = (text: string | undefined): string | undefined =>
  text?.split('\n', 1)[0]?.trim() || undefined;

const emptyVerdict = (run: VerdictInput): Verdict => ({
  layer: 'unknown',
  component: 'nobody saw it',
  cause: 'unknown',
  ns: run.wallNs,
  spanIds: [],
  sentence: `${run.journey} left nothing to judge.`,
  evidence: 'No time passed between its first and its last span.',
  next: 'Check that the journey visits a page.',
});
