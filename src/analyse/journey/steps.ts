/** What each step of a journey takes, over many runs. */
import type { LayerTimes, RunOutcome, StepOutcome } from '../../model/journey.ts';
import { LAYERS } from '../../model/layer.ts';
import type { Nanos } from '../../model/time.ts';
import { percentile } from './percentile.ts';

export interface StepHistory {
  readonly name: string;
  readonly failed: number;
  /** Of those that ended well; undefined when none did. */
  readonly medianNs?: Nanos;
  readonly p95Ns?: Nanos;
  /** On average, of those that ended well. */
  readonly layers: LayerTimes;
  /** In the order of the runs. */
  readonly outcomes: readonly StepOutcome[];
}

/** In the order in which runs go through them; steps of one name in one run are looked at one by one. */
export function stepHistories(runs: readonly Pick<RunOutcome, 'steps'>[]): StepHistory[] {
  const places = new Map<string, number[]>();
  const outcomes = new Map<string, StepOutcome[]>();
  for (const { steps } of runs)
    steps.forEach((step, place) => {
      outcomes.set(step.name, [...(outcomes.get(step.name) ?? []), step]);
      places.set(step.name, [...(places.get(step.name) ?? []), place]);
    });
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const order = new Map([...places].map(([name, found]) => [name, mean(found)]));
  return [...outcomes]
    .map(([name, found]) => historyOf(name, found))
    .sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
}

function historyOf(name: string, outcomes: readonly StepOutcome[]): StepHistory {
  const well = outcomes.filter(({ status }) => status === 'ok');
  const walls = well.map(({ wallNs }) => wallNs);
  return {
    name,
    failed: outcomes.length - well.length,
    ...(well.length > 0 && { medianNs: percentile(walls, 50), p95Ns: percentile(walls, 95) }),
    layers: meanLayers(well),
    outcomes,
  };
}

/** Averages, because those add up to the average of the whole; medians of parts do not. */
export function meanLayers(runs: readonly { readonly layers: LayerTimes }[]): LayerTimes {
  const entries = LAYERS.map((layer) => {
    const sum = runs.reduce((ns, { layers }) => ns + (layers[layer] ?? 0), 0);
    return [layer, Math.round(sum / Math.max(1, runs.length))] as const;
  });
  return Object.fromEntries(entries.filter(([, ns]) => ns > 0));
}
