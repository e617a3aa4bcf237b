/** A stitched trace → what Headwater says of it: critical path, ledger, steps, verdict, coverage. Pure. */
import { HEADWATER } from '../model/attributes.ts';
import { inScratch } from '../model/column-memory.ts';
import type { Lane, PathPiece, RunReport, StepReport } from '../model/report.ts';
import type { Span, Trace } from '../model/trace.ts';
import { coverageOf } from './coverage.ts';
import { criticalPath } from './critical-path.ts';
import { PathLedger, piecesOf, unknownNsIn } from './ledger.ts';
import type { Normal } from './normal.ts';
import { textAt, treeOf, typeOf } from './tree.ts';
import { verdictOf } from './verdict.ts';

/** What only the probe knows of a run. */
export interface RunFacts {
  readonly error?: string;
  readonly overhead?: Readonly<Record<string, number>>;
  readonly viewerUrl?: string | null;
}

export interface Analysis {
  readonly report: RunReport;
  readonly path: readonly PathPiece[];
}

/**
 * @param lanes what the hosts' kernels said meanwhile
 * @param normal what earlier runs of the journey say is usual
 */
export function analyse(
  trace: Trace,
  facts: RunFacts = {},
  lanes: readonly Lane[] = [],
  normal?: Normal,
): Analysis {
  return inScratch(() => analyseAll(trace, facts, lanes, normal));
}

function analyseAll(
  trace: Trace,
  facts: RunFacts,
  lanes: readonly Lane[],
  normal: Normal | undefined,
): Analysis {
  const tree = treeOf(trace, lanes);
  const { root } = tree;
  const placed = piecesOf(criticalPath(trace, tree), tree);
  const path = placed.pieces;
  const ledgers = new PathLedger(placed);
  const ledger = ledgers.between(root.startNs, root.endNs);
  const steps = tree
    .childrenOf(root)
    .filter((span) => typeOf(span) === 'step')
    .map((step) => stepReport(step, ledgers))
    .sort((a, b) => a.startNs - b.startNs);
  const run = {
    journey: textAt(root.attributes, HEADWATER.journey) ?? root.name,
    status: root.status.code === 'error' ? ('failed' as const) : ('ok' as const),
    error: facts.error ?? (root.status.code === 'error' ? root.status.message : undefined),
    wallNs: root.endNs - root.startNs,
    steps,
    ledger,
  };
  const report: RunReport = {
    traceId: trace.traceId,
    ...run,
    startUnixNano: String(BigInt(trace.originUnixNano) + BigInt(root.startNs)),
    unknownNs: unknownNsIn(ledger),
    verdict: verdictOf(run, tree, normal),
    coverage: coverageOf(tree),
    clocks: trace.clocks,
    warnings: trace.warnings,
    overhead: facts.overhead ?? {},
    viewerUrl: facts.viewerUrl ?? null,
  };
  return { report, path };
}

function stepReport(step: Span, ledgers: PathLedger): StepReport {
  return {
    name: step.name,
    spanId: step.spanId,
    status: step.status.code === 'error' ? 'failed' : 'ok',
    startNs: step.startNs,
    wallNs: step.endNs - step.startNs,
    ledger: ledgers.between(step.startNs, step.endNs),
  };
}
