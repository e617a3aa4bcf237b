/**
 * What makes a change worth telling. Each rule is there for one way in which quiet runs look changed:
 *
 * ```
 * // by chance      x x o x x o o x       rank test over all layers of all steps (Holm)
 * // small          x x x x o o o         surely so, but nobody waits for it
 * // within noise   x   x x o  x o o      neighbours are alike: some runs in a row are a little longer together
 * // over           x x x o o o o x x x   it was so for a while
 * // moved          what one layer got, another of the same side lost
 * // pace           all other work took longer as well: the machine became busier
 * ```
 */
import type { Nanos } from '../../model/time.ts';
import { sideOf } from '../normal.ts';
import { WORTH_A_VERDICT_NS } from '../problems.ts';
import { type Change, spreadOf } from './change.ts';
import { medianAt, type Series } from './series.ts';

/**
 * How far beyond the noise of the runs before (σ), and how improbable by chance in any layer of any step (after Holm, at
 * the place where it is least probable). Neighbours are more alike than chance has them, and the question is asked after
 * every run and at every place: what is nearer to the noise needs more proof. Calibrated by `npm run eval:shift`.
 */
const PROOFS = [
  { noise: 5, chance: 1e-3 },
  { noise: 4, chance: 5e-4 },
  { noise: 2, chance: 2e-4 },
  { noise: 1.5, chance: 1e-5 },
  { noise: 1, chance: 1e-6 },
] as const;
/** All other work that took so many times as long, or as short, together with it: the machine's pace is to blame first. */
const OTHER_PACE = 1.1;
/** What is further beyond the noise than this is no pace. */
const NO_PACE_NOISE = 5;
/** Of the wall time of the step or run. */
const LEAST_SHARE = 0.01;
/** Of the change itself: how much of it the last runs and the layers of the same side must still show. */
const STILL = 0.5;
/** Of a median of normal values: so many times the error of their mean. */
const MEDIAN_ERROR = 1.25;
/** How many runs tell that it is so still. */
const LAST_RUNS = 3;

/** @param p after Holm */
export function isProven({ ns, spreadNs, isLonger, pace }: Change, p: number): boolean {
  const noise = Math.abs(ns) / spreadNs;
  const isPace = (isLonger ? pace : 1 / pace) >= OTHER_PACE && noise < NO_PACE_NOISE;
  return !isPace && ns > 0 === isLonger && PROOFS.some((proof) => noise >= proof.noise && p <= proof.chance);
}

export const isLarge = ({ ns }: Change, wallNs: Nanos): boolean =>
  Math.abs(ns) >= Math.max(WORTH_A_VERDICT_NS, LEAST_SHARE * wallNs);

/** All runs after the change, and the last of them, are nearer to it than to those before, as they were measured. */
export function isSoStill({ series, before, after, ns }: Change): boolean {
  const wasNs = medianAt(series.ns, before);
  return [after, after.slice(-LAST_RUNS)].every((runs) => (medianAt(series.ns, runs) - wasNs) / ns >= STILL);
}

/**
 * What a cause got, its layer must have got, and its side: else another one lost it, or it has only another name. Unless
 * they move so much by themselves that nobody can tell.
 * @param layers of all steps
 */
export function showsAround(change: Change, layers: readonly Series[]): boolean {
  const { step, layer } = change.series;
  const around = layers.filter((series) => series.step === step);
  const rows = [
    around.filter((series) => series.layer === layer),
    around.filter((series) => sideOf(series.layer) === sideOf(layer)),
  ];
  return rows.map(sumOf).every((ns) => movedBy(ns, change) >= STILL);
}

const sumOf = (rows: readonly Series[]): Series['ns'] =>
  (rows[0]?.ns ?? []).map((_, at) => rows.reduce((sum, { ns }) => sum + (ns[at] ?? 0), 0));

/** As a share of the change; one standard error of the two medians in its favour. */
function movedBy(ns: Series['ns'], { before, after, ns: changeNs }: Change): number {
  const spreadNs = spreadOf(before.map((at) => ns[at] ?? 0));
  const errorNs = MEDIAN_ERROR * spreadNs * Math.sqrt(1 / before.length + 1 / after.length);
  return (medianAt(ns, after) - medianAt(ns, before)) / changeNs + errorNs / Math.abs(changeNs);
}
