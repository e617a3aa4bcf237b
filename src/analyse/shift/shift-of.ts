/** A change with what a person wants to know of it. */
import type { Mark, Shift, ShiftRun, ShiftSide } from '../../model/shift.ts';
import { type Nanos, unixMsFromNano } from '../../model/time.ts';
import { percentile } from '../journey/percentile.ts';
import type { Change } from './change.ts';
import { shiftedPart } from './part-of.ts';
import { sentenceOf } from './sentence.ts';

/** The place of a change is known to so many runs. */
export const RUNS_UNSURE = 2;

export function shiftOf(
  change: Change & { readonly p: number },
  runs: readonly ShiftRun[],
  marks: readonly Mark[],
): Shift {
  const { series, before, after, isLonger, p } = change;
  const { step, layer } = series;
  const [was, is] = [before, after].map((places) => sideOf(places.map((at) => series.ns[at] ?? 0))) as [
    ShiftSide,
    ShiftSide,
  ];
  const partNs = is.medianNs - was.medianNs;
  const deltaNs = wallDelta(runs, change);
  const first = after[0]!;
  const { journey, site, conditions } = runs[first]!;
  const untold = {
    ...{ journey, site, conditions, step, layer },
    ...shiftedPart(runs, change),
    direction: isLonger ? ('slower' as const) : ('faster' as const),
    ...{ deltaNs, partNs, share: shareOf(partNs, deltaNs.medianNs) },
    sinceUnixMs: startMs(runs[first]!),
    ...{ before: was, after: is, p },
    mark: markBefore(first, runs, marks),
    traceId: runs[after.at(-1)!]!.traceId,
    usualTraceId: runs[mostTypical(before, series.ns, was.medianNs)]!.traceId,
  };
  return { ...untold, sentence: sentenceOf(untold) };
}

const sideOf = (values: readonly Nanos[]): ShiftSide => ({
  runs: values.length,
  medianNs: percentile(values, 50),
  p75Ns: percentile(values, 75),
});

function wallDelta(runs: readonly ShiftRun[], { before, after, series: { step } }: Change): Shift['deltaNs'] {
  const walls = (places: readonly number[]) => sideOf(places.flatMap((at) => wallOf(runs[at]!, step) ?? []));
  const [was, is] = [walls(before), walls(after)];
  return { medianNs: is.medianNs - was.medianNs, p75Ns: is.p75Ns - was.p75Ns };
}

function wallOf({ wallNs, steps }: ShiftRun, step: string | null): Nanos | undefined {
  if (step === null) return wallNs;
  const own = steps.filter(({ name }) => name === step);
  return own.length === 0 ? undefined : own.reduce((sum, each) => sum + each.wallNs, 0);
}

/** More than the wall's own change is all of it. */
const shareOf = (partNs: Nanos, wallNs: Nanos): number | null =>
  partNs * wallNs > 0 ? Math.min(1, partNs / wallNs) : null;

const startMs = ({ startUnixNano }: ShiftRun): number => unixMsFromNano(BigInt(startUnixNano));

/**
 * The last mark around the change:
 * ```
 * // runs    x   x   x   o   o        o: the first after the change
 * // marks       |-----------|        it may have been up to two runs earlier, or one later
 * ```
 */
function markBefore(first: number, runs: readonly ShiftRun[], marks: readonly Mark[]): Mark | null {
  const fromMs = startMs(runs[Math.max(0, first - 1 - RUNS_UNSURE)]!);
  const toMs = startMs(runs[Math.min(runs.length - 1, first + 1)]!);
  const near = marks.filter(({ unixMs }) => unixMs >= fromMs && unixMs <= toMs);
  return near.sort((a, b) => b.unixMs - a.unixMs)[0] ?? null;
}

function mostTypical(places: readonly number[], ns: readonly (Nanos | undefined)[], medianNs: Nanos): number {
  const off = (at: number) => Math.abs((ns[at] ?? 0) - medianNs);
  return places.reduce((best, at) => (off(at) < off(best) ? at : best));
}
