/** A real slowdown of plain work, planted on recorded quiet runs: is it still found among their own noise? Pure. */
import type { Normal } from '../../src/analyse/normal.ts';
import { verdictOf } from '../../src/analyse/verdict.ts';
import type { LedgerEntry, RunReport, StepReport } from '../../src/model/report.ts';
import type { KeptRun } from './kept-runs.ts';

/** What a deploy, a cold cache or a larger table may add. */
export const PLANTED_MS = [50, 100, 200, 300] as const;

/** Work of the site that a part of the shop does in every run. The observer's own is not asked for. */
const SITE_WORK: ReadonlySet<string> = new Set(['service', 'db', 'lb']);
/** A part must be there to get longer. */
const LEAST_NS = 1e6;

export interface Found {
  readonly planted: number;
  readonly found: number;
  /** Blamed on another part than the one that was planted. */
  readonly wrong: number;
}

export function findPlanted(
  all: readonly { readonly run: KeptRun; readonly normals: readonly Normal[] }[],
  ms: number,
): Found {
  let [planted, found, wrong] = [0, 0, 0];
  for (const { run, normals } of all)
    for (const entry of largestOfEach(run.report)) {
      const slower = plant(run.report, entry, ms * 1e6);
      for (const normal of normals) {
        const { cause, confidence } = verdictOf(slower, run.tree, normal);
        planted++;
        if (confidence === undefined) continue;
        if (cause === entry.cause) found++;
        else wrong++;
      }
    }
  return { planted, found, wrong };
}

/** One entry of each layer: the one with most time. */
function largestOfEach({ ledger }: RunReport): LedgerEntry[] {
  const byLayer = new Map<string, LedgerEntry>();
  for (const entry of ledger)
    if (SITE_WORK.has(entry.layer) && entry.ns >= LEAST_NS && !byLayer.has(entry.layer))
      byLayer.set(entry.layer, entry);
  return [...byLayer.values()];
}

/** All of it in the step that has most of that part already. */
export function plant<Run extends Pick<RunReport, 'wallNs' | 'ledger' | 'steps'>>(
  report: Run,
  entry: LedgerEntry,
  ns: number,
): Run {
  const isIt = (e: LedgerEntry) =>
    e.layer === entry.layer &&
    e.cause === entry.cause &&
    e.component === entry.component &&
    e.evidence === entry.evidence;
  const longer = (ledger: readonly LedgerEntry[]) =>
    ledger.map((e) => (isIt(e) ? { ...e, ns: e.ns + ns } : e)).sort((a, b) => b.ns - a.ns);
  const nsIn = (step: StepReport) => step.ledger.find(isIt)?.ns ?? 0;
  const most = [...report.steps].sort((a, b) => nsIn(b) - nsIn(a))[0];
  return {
    ...report,
    wallNs: report.wallNs + ns,
    ledger: longer(report.ledger),
    steps: report.steps.map((step) =>
      step === most ? { ...step, wallNs: step.wallNs + ns, ledger: longer(step.ledger) } : step,
    ),
  };
}
