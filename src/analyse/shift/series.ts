/** The times of each layer in each step, run by run: what is looked at for a change. */
import { LAYERS, type Layer } from '../../model/layer.ts';
import type { ShiftRun } from '../../model/shift.ts';
import type { Nanos } from '../../model/time.ts';
import { isOfSite, ledgersOf, WHOLE_RUN } from '../normal.ts';

export interface Series {
  /** Null: the whole run. */
  readonly step: string | null;
  readonly layer: Layer;
  /** One for each run; undefined for a run without the step. */
  readonly ns: readonly (Nanos | undefined)[];
}

/** Of the site only: the observer's own time and the visitor's thinking are nobody's fault. */
export function seriesOf(runs: readonly ShiftRun[]): Series[] {
  const byStep = new Map<string, Map<Layer, (Nanos | undefined)[]>>();
  runs.forEach((run, at) => {
    for (const [step, ledger] of ledgersOf(run)) {
      const layers = byStep.get(step) ?? new Map<Layer, (Nanos | undefined)[]>();
      byStep.set(step, layers);
      for (const layer of LAYERS) {
        const ns = layers.get(layer) ?? new Array<Nanos | undefined>(runs.length).fill(undefined);
        layers.set(layer, ns);
        ns[at] = 0;
      }
      for (const entry of ledger) if (isOfSite(entry)) layers.get(entry.layer)![at]! += entry.ns;
    }
  });
  return [...byStep].flatMap(([step, layers]) =>
    [...layers].map(([layer, ns]) => ({ step: step === WHOLE_RUN ? null : step, layer, ns })),
  );
}

/** Not rounded: paces have a middle too. */
export function medianAt(values: readonly (number | undefined)[], places: readonly number[]): number {
  const sorted = places.map((at) => values[at] ?? 0).sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
