/**
 * The times of each layer in each step, run by run: what is looked at for a change. And of each cause, which moves less by
 * itself than all of its layer: 100 ms more of one script are lost in the noise of everything that a browser does.
 */
import type { Cause, Layer } from '../../model/layer.ts';
import type { ShiftRun } from '../../model/shift.ts';
import type { Nanos } from '../../model/time.ts';
import { isOfSite, ledgersOf, WHOLE_RUN } from '../normal.ts';

export interface Series {
  /** Null: the whole run. */
  readonly step: string | null;
  readonly layer: Layer;
  /** Absent: the whole layer. Where it is the only one of its layer, the layer is enough. */
  readonly cause?: Cause;
  /** One for each run; undefined for a run without the step. */
  readonly ns: readonly (Nanos | undefined)[];
}

type Growing = Series & { readonly ns: (Nanos | undefined)[] };

/** Of the site only: the observer's own time and the visitor's thinking are nobody's fault. */
export function seriesOf(runs: readonly ShiftRun[]): { layers: Series[]; causes: Series[] } {
  const causes = gather(runs);
  const layers = new Map<string, Growing>();
  for (const { step, layer, ns } of causes)
    ns.forEach((value, at) => {
      if (value !== undefined) addTo(layers, runs.length, step ?? WHOLE_RUN, { layer }, at, value);
    });
  const isAlone = (one: Series) =>
    !causes.some((other) => other !== one && other.step === one.step && other.layer === one.layer);
  return { layers: [...layers.values()], causes: causes.filter((series) => !isAlone(series)) };
}

function gather(runs: readonly ShiftRun[]): Series[] {
  const found = new Map<string, Growing>();
  const runsOf = new Map<string, number[]>();
  runs.forEach((run, at) => {
    for (const [step, ledger] of ledgersOf(run)) {
      const known = runsOf.get(step);
      if (known) known.push(at);
      else runsOf.set(step, [at]);
      for (const entry of ledger) if (isOfSite(entry)) addTo(found, runs.length, step, entry, at, entry.ns);
    }
  });
  // A run that has the step, but nothing of the part in it, took 0 ns for it.
  for (const { step, ns } of found.values()) for (const at of runsOf.get(step ?? WHOLE_RUN)!) ns[at] ??= 0;
  return [...found.values()];
}

function addTo(
  found: Map<string, Growing>,
  runs: number,
  step: string,
  { layer, cause }: Pick<Series, 'layer' | 'cause'>,
  at: number,
  ns: Nanos,
): void {
  const key = `${step}\u0000${layer}\u0000${cause ?? ''}`;
  let series = found.get(key);
  if (!series) {
    const ns = new Array<Nanos | undefined>(runs).fill(undefined);
    series = { step: step === WHOLE_RUN ? null : step, layer, ...(cause !== undefined && { cause }), ns };
    found.set(key, series);
  }
  series.ns[at] = (series.ns[at] ?? 0) + ns;
}

/** Not rounded: paces have a middle too. */
export function medianAt(values: readonly (number | undefined)[], places: readonly number[]): number {
  const sorted = places.map((at) => values[at] ?? 0).sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
