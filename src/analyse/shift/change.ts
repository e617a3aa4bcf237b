/**
 * Is one layer of one step different since some run? Asked after every run anew, so that chance gets many tries; see
 * `npm run eval:shift` for how often it is believed.
 */
import type { Nanos } from '../../model/time.ts';
import { percentile } from '../journey/percentile.ts';
import { changePointOf } from './change-point.ts';
import { evenedOut } from './even-out.ts';
import { atThisHour } from './hours.ts';
import { chanceOf, pairsAgainst } from './rank-test.ts';
import { medianAt, type Series } from './series.ts';

/** Sides of a change, as places of runs. */
export interface Sides {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export interface Change extends Sides {
  readonly series: Series;
  readonly isLonger: boolean;
  /** By chance, in this series alone. */
  readonly chance: number;
  /** Without what the machine's pace explains. */
  readonly ns: Nanos;
  /** How much faster or slower all other work was, after beside before. */
  readonly pace: number;
  /** How much the values before spread, as σ of a normal distribution. */
  readonly spreadNs: Nanos;
}

/** Of a normal distribution: a median absolute deviation is 0.67 σ; from the 10th to the 90th percentile it is 2.56 σ. */
const SIGMA_IN_MADS = 1.4826;
const SIGMAS_BETWEEN_DECILES = 2.563;
/** What is usual at this hour must be left as surely as a single question asks for. */
const BY_CHANCE_AT_THIS_HOUR = 0.001;

/**
 * @param paces how fast the machine was, run by run
 * @param unixMs when the runs began
 * @param from place of the first run in which a change is looked for; earlier ones tell what is usual at which hour
 */
export function changeIn(
  series: Series,
  paces: readonly number[],
  unixMs: readonly number[],
  from: number,
): Change | undefined {
  const evened = evenedOut(series.ns, paces);
  const places = [...evened.keys()].sort((a, b) => a - b);
  const recent = places.filter((at) => at >= from);
  const point = changePointOf(recent.map((at) => evened.get(at)!));
  if (!point) return undefined;
  const sides = { before: recent.slice(0, point.at), after: recent.slice(point.at) };
  const change = changeBetween(series, { evened, paces }, sides, point);
  const earlier = places.filter((at) => at < from);
  const usual = atThisHour(earlier, change, { unixMs, evened });
  if (!usual) return change;
  const again = changeBetween(series, { evened, paces }, { before: usual, after: sides.after }, point);
  return chanceAgain(again, evened) > BY_CHANCE_AT_THIS_HOUR ? undefined : again;
}

function changeBetween(
  series: Series,
  { evened, paces }: { evened: ReadonlyMap<number, Nanos>; paces: readonly number[] },
  { before, after }: Sides,
  { isLonger, chance }: Pick<Change, 'isLonger' | 'chance'>,
): Change {
  const [b, a] = [before, after].map((places) => places.map((at) => evened.get(at)!)) as [Nanos[], Nanos[]];
  const ns = percentile(a, 50) - percentile(b, 50);
  const pace = medianAt(paces, after) / medianAt(paces, before);
  return { series, before, after, isLonger, chance, ns, pace, spreadNs: spreadOf(b) };
}

/** As σ of a normal distribution. */
export function spreadOf(values: readonly Nanos[]): Nanos {
  const middle = percentile(values, 50);
  const mad = percentile(
    values.map((value) => Math.abs(value - middle)),
    50,
  );
  const deciles = percentile(values, 90) - percentile(values, 10);
  return Math.max(SIGMA_IN_MADS * mad, deciles / SIGMAS_BETWEEN_DECILES);
}

function chanceAgain({ before, after, isLonger }: Change, evened: ReadonlyMap<number, Nanos>): number {
  const sign = isLonger ? 1 : -1;
  const [b, a] = [before, after].map((places) => places.map((at) => sign * evened.get(at)!)) as [
    Nanos[],
    Nanos[],
  ];
  return chanceOf(b.length, a.length, pairsAgainst(b, a));
}
