/** Runs of an earlier evaluation, analysed again by today's rules: their spans are kept, and what was injected. */
import type { Injection } from '../../scenarios/shop/injected.ts';
import type { Normal } from '../../src/analyse/normal.ts';
import { type Tree, treeOf } from '../../src/analyse/tree.ts';
import { verdictOf } from '../../src/analyse/verdict.ts';
import type { RunReport } from '../../src/model/report.ts';
import { makeRunView } from '../../src/run/run-view.ts';
import type { Store } from '../../src/store/store.ts';
import { type Judged, judge, judgeCompared } from './judge.ts';
import type { Case } from './plan.ts';
import type { Result } from './results.ts';

export interface KeptRun {
  readonly result: Result;
  readonly asked: Case;
  readonly report: RunReport;
  readonly tree: Tree;
  readonly injections: readonly Injection[];
}

/** Oldest first. Runs that broke, and those whose spans are gone, are left out. */
export function readKeptRuns(results: readonly Result[], store: Store): KeptRun[] {
  const byTime = [...results].sort((a, b) => a.atUnixMs - b.atUnixMs);
  return byTime.flatMap((result) => readKeptRun(result, store) ?? []);
}

function readKeptRun(result: Result, store: Store): KeptRun | undefined {
  const { traceId, judged, key } = result;
  if (traceId === undefined || !judged) return undefined;
  const error = store.outline(traceId)?.report.error;
  const view = makeRunView(traceId, store, error === undefined ? {} : { error });
  if (!view) return undefined;
  const asked = { kind: judged.kind, key, runs: 1, faults: judged.faults.map(askedOf) };
  const { report } = view;
  return {
    result,
    asked,
    report,
    tree: treeOf(view.trace, view.lanes),
    injections: injectionsOf(judged, report),
  };
}

const askedOf = ({ name, askedMs }: Judged['faults'][number]) => ({ name, ms: askedMs });

/** What the parts noted, as sums: that is all that is kept of it. */
function injectionsOf({ faults }: Judged, { startUnixNano }: RunReport): Injection[] {
  const atUnixMs = Number(BigInt(startUnixNano) / 1_000_000n);
  return faults.flatMap(({ name, injectedMs, isNoted }) =>
    isNoted ? [{ fault: name, ms: injectedMs, atUnixMs }] : [],
  );
}

export const judgedAlone = ({ asked, report, injections }: KeptRun): Judged =>
  judge(asked, report, injections);

export const judgedBeside = ({ asked, report, tree, injections }: KeptRun, normal: Normal): Judged =>
  judgeCompared(asked, { ...report, verdict: verdictOf(report, tree, normal) }, injections);
