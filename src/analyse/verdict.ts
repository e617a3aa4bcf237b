/**
 * The verdict: one sentence that a tired person understands. With a normal to compare with, it speaks of what was more
 * than usual; without one, of the largest known problem. When there is nothing to blame, it says so.
 */
import type { LedgerEntry, StepReport, Verdict } from '../model/report.ts';
import { formatDuration, type Nanos } from '../model/time.ts';
import { crowdIn } from './causes/crowd.ts';
import { excessesOf } from './excess.ts';
import { failureOf } from './failure.ts';
import { hostEvidence } from './host-evidence.ts';
import { unknownNsIn } from './ledger.ts';
import type { Normal } from './normal.ts';
import { isProblem, type Part, partsOf, problemsOf, WORTH_A_VERDICT_NS } from './problems.ts';
import { slowdownOf } from './slowdown.ts';
import { type Blamed, blamedVerdict, nameOf } from './tell-blamed.ts';
import type { Tree } from './tree.ts';

export interface VerdictInput {
  readonly journey: string;
  readonly status: 'ok' | 'failed';
  readonly error?: string;
  readonly wallNs: Nanos;
  readonly ledger: readonly LedgerEntry[];
  readonly steps: readonly StepReport[];
}

export function verdictOf(run: VerdictInput, tree: Tree, normal?: Normal): Verdict {
  if (run.status === 'failed') return failedVerdict(run, tree);
  const [first, ...others] = normal ? unusual(run, tree, normal) : problems(run);
  // what was more than usual is worth a word, however much nobody saw of either
  const isSmall = first !== undefined && normal === undefined && isDwarfed(first, run);
  if (!first || isSmall) return quietVerdict(run, tree, normal, first);
  return blamedVerdict(run, first, others, tree, normal);
}

/** A problem of less than this share of the run is not what it is about, */
const SMALL_SHARE = 0.05;
/** where nobody saw what at least this share of it was. */
const UNSEEN_SHARE = 0.5;

/** As in what a person recorded while reading a page: a slow look-up is no reason for ten seconds that nobody saw. */
function isDwarfed({ ns }: Blamed, { wallNs, ledger }: VerdictInput): boolean {
  return ns < SMALL_SHARE * wallNs && unknownNsIn(ledger) >= UNSEEN_SHARE * wallNs;
}

const problems = ({ ledger }: VerdictInput): Blamed[] =>
  problemsOf(ledger).map((part) => ({ part, ns: part.ns }));

/** Normal work that took longer may have been held up by a problem elsewhere: it must be of another order than that. */
export const PLAIN_MUST_OUTWEIGH = 5;

/** Most excess first, but a known problem before work that is not far more: only the problem says why. */
function unusual(run: VerdictInput, tree: Tree, normal: Normal): Blamed[] {
  const weight = ({ part, ns }: Blamed) => (isProblem(part) ? ns * PLAIN_MUST_OUTWEIGH : ns);
  const isCrowded = crowdIn(tree.root, tree) !== undefined;
  return [...excessesOf(run, normal, isCrowded)].sort((a, b) => weight(b) - weight(a));
}

function quietVerdict(
  run: VerdictInput,
  tree: Tree,
  normal: Normal | undefined,
  dwarfed: Blamed | undefined,
): Verdict {
  const largest = largestLayer(run.ledger);
  if (!largest) return emptyVerdict(run);
  const { part } = largest;
  const { layer, component, cause, ns } = part;
  const piece = part.entries[0]!;
  const slowdown = normal && slowdownOf(run, tree, normal);
  return {
    layer,
    component,
    cause,
    ns,
    spanIds: piece.spanIds,
    ...(slowdown ?? {
      sentence: `${run.journey} took ${formatDuration(run.wallNs)}${compared(normal)}; ${mostly(largest, run)}.`,
      evidence: `The largest piece is ${layer === 'unknown' ? 'what nobody saw' : `${cause} of ${piece.component}`} with ${formatDuration(piece.ns)}. ${smallerThan(dwarfed)}`,
      next: normal
        ? 'Nothing to do; compare it with an earlier run to see where it differs.'
        : 'Run it again to learn what is normal, or open the largest piece of the ledger.',
    }),
    ...(normal && { usual: { runs: normal.runs, wallNs: normal.wall.medianNs, ns } }),
  };
}

/** What most of the time was. */
function mostly({ part: { layer }, layerNs }: Largest, { ledger, wallNs }: VerdictInput): string {
  const thinkNs = ledger.reduce((sum, entry) => sum + (entry.layer === 'think' ? entry.ns : 0), 0);
  if (layerNs < SMALL_SHARE * wallNs && thinkNs > layerNs)
    return `for ${formatDuration(thinkNs)} of it the journey itself paused`;
  if (layer === 'unknown') return `but ${formatDuration(layerNs)} of it nobody saw`;
  return `the largest part is ${nameOf(layer)} with ${formatDuration(layerNs)}`;
}

const smallerThan = (dwarfed: Blamed | undefined): string =>
  dwarfed
    ? `The largest known problem is ${dwarfed.part.cause} of ${dwarfed.part.component} with ${formatDuration(dwarfed.ns)}.`
    : `No known problem costs ${formatDuration(WORTH_A_VERDICT_NS)} or more.`;

const compared = (normal: Normal | undefined): string =>
  normal
    ? ` (usually ${formatDuration(normal.wall.medianNs)}) and nothing stands out`
    : ' and nothing stands out';

interface Largest {
  readonly part: Part;
  readonly layerNs: Nanos;
}

/** The layer that had most of the time, and its largest part. Time to think is the visitor's own. */
function largestLayer(ledger: readonly LedgerEntry[]): Largest | undefined {
  const parts = partsOf(ledger).filter(({ layer }) => layer !== 'think');
  const nsByLayer = new Map<string, Nanos>();
  for (const { layer, ns } of parts) nsByLayer.set(layer, (nsByLayer.get(layer) ?? 0) + ns);
  const layer = [...nsByLayer].sort((a, b) => b[1] - a[1])[0];
  const part = layer && parts.find((candidate) => candidate.layer === layer[0]);
  return part && { part, layerNs: layer[1] };
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
    sentence: `${run.journey} failed${where} after ${formatDuration(run.wallNs)}: ${reason.replace(/\.+$/, '')}.`,
    evidence: `${firstLine(run.error) ?? 'The journey gave no error text.'}${failure ? hostEvidence(layer, [failure.span], tree) : ''}`,
    next:
      failure?.next ?? 'Open the failed step; the last request or action in it is where the journey stood.',
    ...(failure
      ? { confidence: 'certain' as const }
      : { confidence: 'thin' as const, doubt: 'No request of the run failed in a way that names a part.' }),
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
