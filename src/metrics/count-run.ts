/** Adds a finished run to its journey's totals, as far as the guard lets its series in. */
import type { RunOutcome, StepOutcome } from '../model/journey.ts';
import { LAYERS } from '../model/layer.ts';
import { unixMsFromNano } from '../model/time.ts';
import type { Guard } from './guard.ts';
import { labelValue } from './label.ts';
import {
  type CountedStatus,
  type JourneyTotals,
  type LayerTotal,
  NO_DURATIONS,
  SERIES_OF_A_JOURNEY,
  SERIES_OF_A_LAYER,
  SERIES_OF_A_STATUS,
  type StepTotals,
  withRun,
} from './totals.ts';

export interface CountedAs {
  readonly journey: string;
  readonly site: string;
}

/** Runs of which no site is known have an empty one, which a metrics database takes for no label at all. */
export const countedAs = ({ journey, site }: Pick<RunOutcome, 'journey' | 'site'>): CountedAs => ({
  journey: labelValue(journey),
  site: labelValue(site ?? ''),
});

/**
 * @param own of the run's journey at its site, when it was counted before
 * @returns undefined when the guard refused the journey
 */
export function countRun(
  run: RunOutcome,
  own: JourneyTotals | undefined,
  guard: Guard,
): JourneyTotals | undefined {
  const atUnixMs = Math.round(unixMsFromNano(BigInt(run.startUnixNano)));
  const status: CountedStatus = run.status === 'failed' ? 'failed' : 'ok';
  const totals = own ? withStatus(own, status, guard) : newTotals(run, status, atUnixMs, guard);
  if (!totals) return undefined;
  const durations = totals.statuses[status];
  const wall = { traceId: run.traceId, wallNs: run.wallNs, atUnixMs };
  return {
    ...totals,
    lastUnixMs: Math.max(totals.lastUnixMs, atUnixMs),
    ...(durations && { statuses: { ...totals.statuses, [status]: withRun(durations, wall) } }),
    steps: run.steps.reduce((steps, step) => withStep(steps, step, guard), totals.steps),
  };
}

/** A journey is let in with its first status: one without runs would say nothing. */
function newTotals(
  run: RunOutcome,
  status: CountedStatus,
  atUnixMs: number,
  guard: Guard,
): JourneyTotals | undefined {
  const { journey, site } = countedAs(run);
  const isIn = guard.admits(asked({ journey, site, status }), SERIES_OF_A_JOURNEY + SERIES_OF_A_STATUS);
  if (!isIn) return undefined;
  const statuses = { [status]: NO_DURATIONS };
  return { journey, site, sinceUnixMs: atUnixMs, lastUnixMs: atUnixMs, statuses, steps: [] };
}

function withStatus(totals: JourneyTotals, status: CountedStatus, guard: Guard): JourneyTotals {
  if (totals.statuses[status] || !guard.admits(asked({ status }), SERIES_OF_A_STATUS)) return totals;
  return { ...totals, statuses: { ...totals.statuses, [status]: NO_DURATIONS } };
}

/** How long a failed step took says when it gave up, not how fast it was. */
function withStep(steps: readonly StepTotals[], outcome: StepOutcome, guard: Guard): readonly StepTotals[] {
  if (outcome.status !== 'ok') return steps;
  const step = labelValue(outcome.name);
  const known = steps.find((one) => one.step === step);
  const layers = LAYERS.flatMap((layer) => withLayer(step, layer, outcome, known, guard));
  if (layers.length === 0) return steps;
  return known ? steps.map((one) => (one === known ? { step, layers } : one)) : [...steps, { step, layers }];
}

function withLayer(
  step: string,
  layer: LayerTotal['layer'],
  outcome: StepOutcome,
  known: StepTotals | undefined,
  guard: Guard,
): LayerTotal[] {
  const before = known?.layers.find((one) => one.layer === layer);
  const ns = outcome.layers[layer] ?? 0;
  if (before) return [{ layer, count: before.count + 1, sumNs: before.sumNs + ns }];
  if (ns <= 0 || !guard.admits(asked({ step, layer }), SERIES_OF_A_LAYER)) return [];
  return [{ layer, count: 1, sumNs: ns }];
}

const asked = (values: Readonly<Partial<Record<'journey' | 'site' | 'status' | 'step' | 'layer', string>>>) =>
  Object.entries(values).map(([label, value]) => ({ label: label as 'journey', value }));
