/**
 * How fast the machine was in each run, as all the other work tells it: a machine that becomes busier makes every layer
 * longer in proportion, and that is no change of one of them. The observer's own work tells it as well as any.
 */
import type { Layer } from '../../model/layer.ts';
import type { ShiftRun } from '../../model/shift.ts';
import type { Nanos } from '../../model/time.ts';
import { percentile } from '../journey/percentile.ts';
import { isOfSite } from '../normal.ts';
import { weightedMedian } from './weighted-median.ts';

/** What takes less than this, in ns, tells the clock's steps and not the machine's pace. */
const TELLS_PACE_NS = 5e6;

interface Work {
  /** Undefined: the observer's own. */
  readonly layer: Layer | undefined;
  readonly ns: Nanos[];
  usualNs: Nanos;
}

/** @returns for a layer: times as long as usual that all other work took, run by run */
export function pacesOf(runs: readonly ShiftRun[]): (layer: Layer) => readonly number[] {
  const work = workIn(runs);
  const known = new Map<Layer, readonly number[]>();
  return (layer) => {
    const paces = known.get(layer) ?? runs.map((_, at) => paceAt(at, work, layer));
    known.set(layer, paces);
    return paces;
  };
}

function workIn(runs: readonly ShiftRun[]): Work[] {
  const work = new Map<string, Work>();
  runs.forEach(({ ledger }, at) => {
    for (const entry of ledger) {
      if (entry.layer === 'think') continue;
      const key = `${entry.layer} ${entry.cause}`;
      const layer = isOfSite(entry) ? entry.layer : undefined;
      const known = work.get(key) ?? { layer, ns: new Array<Nanos>(runs.length).fill(0), usualNs: 0 };
      known.ns[at]! += entry.ns;
      work.set(key, known);
    }
  });
  for (const each of work.values()) each.usualNs = percentile(each.ns, 50);
  return [...work.values()].filter(({ usualNs }) => usualNs >= TELLS_PACE_NS);
}

/** The middle of the paces by time, so that one part that got slow itself says nothing of the others. */
function paceAt(at: number, work: readonly Work[], layer: Layer): number {
  const others = work.filter((each) => each.layer !== layer);
  return (
    weightedMedian(others.map(({ ns, usualNs }) => ({ value: ns[at]! / usualNs, weight: usualNs }))) ?? 1
  );
}
