/** What is kept of a finished run in columns: its row of the run list, and what its journey's history needs. */
import type { LayerTimes, RunOutcome } from '../../model/journey.ts';
import type { LedgerEntry, RunView } from '../../model/report.ts';
import { problemsOf } from '../problems.ts';

export function outcomeOf({ report, site }: Pick<RunView, 'report' | 'site'>): RunOutcome {
  const { layer, component, cause, sentence } = report.verdict;
  return {
    traceId: report.traceId,
    journey: report.journey,
    status: report.status,
    startUnixNano: report.startUnixNano,
    wallNs: report.wallNs,
    layers: layersOf(report.ledger),
    sentence,
    ...(site !== undefined && site !== '' && { site }),
    blamed: { layer, component, cause },
    healthy: report.status === 'ok' && problemsOf(report.ledger).length === 0,
    steps: report.steps.map(({ name, status, wallNs, ledger }) => ({
      name,
      status,
      wallNs,
      layers: layersOf(ledger),
    })),
  };
}

export function layersOf(ledger: readonly Pick<LedgerEntry, 'layer' | 'ns'>[]): LayerTimes {
  const layers: { -readonly [L in keyof LayerTimes]: number } = {};
  for (const { layer, ns } of ledger) layers[layer] = (layers[layer] ?? 0) + ns;
  return layers;
}
