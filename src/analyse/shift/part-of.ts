/** Who in a layer had the change, and under which name: the component and cause whose time moved most. */
import type { Cause } from '../../model/layer.ts';
import type { LedgerEntry } from '../../model/report.ts';
import type { ShiftRun } from '../../model/shift.ts';
import type { Nanos } from '../../model/time.ts';
import { lastingName } from '../lasting-name.ts';
import { isOfSite, ledgersOf, WHOLE_RUN } from '../normal.ts';
import type { Change } from './change.ts';

export interface ShiftedPart {
  readonly component: string;
  readonly cause: Cause;
}

export function shiftedPart(
  runs: readonly ShiftRun[],
  { series, before, after, isLonger }: Change,
): ShiftedPart {
  const { step, layer } = series;
  const isIn = (entry: LedgerEntry) =>
    entry.layer === layer && isOfSite(entry) && entry.cause === (series.cause ?? entry.cause);
  const parts = new Map<string, ShiftedPart & { readonly ns: Nanos[] }>();
  runs.forEach((run, at) => {
    const ledger = ledgersOf(run).find(([name]) => name === (step ?? WHOLE_RUN))?.[1] ?? [];
    for (const { component, cause, ns } of ledger.filter(isIn)) {
      const name = lastingName(component);
      const key = `${name}\u0000${cause}`;
      const part = parts.get(key) ?? { component: name, cause, ns: runs.map(() => 0) };
      part.ns[at]! += ns;
      parts.set(key, part);
    }
  });
  const sign = isLonger ? 1 : -1;
  const movedNs = ({ ns }: { readonly ns: readonly Nanos[] }) =>
    sign * (middle(ns, after) - middle(ns, before));
  const [most] = [...parts.values()].sort((a, b) => movedNs(b) - movedNs(a));
  return { component: most?.component ?? '', cause: most?.cause ?? layer };
}

/** Mean of the middle half: a part may be missing in many runs, where a median says 0, and be odd in one. */
function middle(ns: readonly Nanos[], places: readonly number[]): Nanos {
  const sorted = places.map((at) => ns[at]!).sort((a, b) => a - b);
  const odd = Math.floor(sorted.length / 4);
  const half = sorted.slice(odd, sorted.length - odd);
  return half.reduce((sum, value) => sum + value, 0) / Math.max(1, half.length);
}
