/** What is left of the runs that may be bad, and which layer took what is gone. */
import type { ErrorBudget, GoalRun, LayerShare, Objective } from '../../model/goals.ts';
import type { Layer } from '../../model/layer.ts';
import { badShareOf, burnWindows, DAY_MS } from './burn-rate.ts';
import { RunTally } from './run-tally.ts';

/** @param runs of the objective's days; older ones do no harm */
export function errorBudgetOf(runs: readonly GoalRun[], objective: Objective, nowMs: number): ErrorBudget {
  const tally = new RunTally(runs, objective);
  const places = tally.places(nowMs - objective.days * DAY_MS, nowMs);
  const counted = tally.count(places);
  const allowed = counted.runs * badShareOf(objective);
  return {
    objective,
    ...counted,
    allowed,
    leftShare: allowed === 0 ? 1 : 1 - counted.bad / allowed,
    layers: layerShares(tally.badIn(places), allowed),
    windows: burnWindows(tally, objective, nowMs),
  };
}

/** A bad run counts for the layer that its verdict blames. */
function layerShares(bad: readonly GoalRun[], allowed: number): LayerShare[] {
  const badByLayer = new Map<Layer, number>();
  for (const { blamed } of bad) {
    const layer = blamed?.layer ?? 'unknown';
    badByLayer.set(layer, (badByLayer.get(layer) ?? 0) + 1);
  }
  return [...badByLayer]
    .map(([layer, count]) => ({ layer, bad: count, share: count / allowed }))
    .sort((a, b) => b.bad - a.bad);
}
