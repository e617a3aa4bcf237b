/** Which layers of a journey take longer or shorter than they used to, as many runs show it. Asked after every run. */
import type { Mark, Shift, ShiftRun } from '../../model/shift.ts';
import { unixMsFromNano } from '../../model/time.ts';
import { isProblem, WORTH_A_VERDICT_NS } from '../problems.ts';
import { type Change, changeIn } from './change.ts';
import { isLarge, isProven, isSoStill, showsAround } from './clear.ts';
import { holm } from './holm.ts';
import { pacesOf } from './pace.ts';
import { medianAt, type Series, seriesOf } from './series.ts';
import { shiftOf } from './shift-of.ts';

/** In so many runs a change is looked for: when all of them are after it, it is what is usual. */
export const RUNS_LOOKED_AT = 80;
/** A step that has this share of a layer's whole change is the one that changed. */
const STEP_HAS_MOST = 0.6;

/**
 * Known problems first, for they say why; then the largest.
 * @param runs of one journey at one site, oldest first; those before the last 80 tell what is usual at which hour
 */
export function shiftsIn(runs: readonly ShiftRun[], marks: readonly Mark[] = []): Shift[] {
  const byConditions = new Map<string, ShiftRun[]>();
  for (const run of runs) {
    if (run.status !== 'ok') continue;
    const alike = byConditions.get(run.conditions);
    if (alike) alike.push(run);
    else byConditions.set(run.conditions, [run]);
  }
  return [...byConditions.values()]
    .flatMap((alike) => changesIn(alike).map((change) => shiftOf(change, alike, marks)))
    .sort((a, b) => Number(isProblem(b)) - Number(isProblem(a)) || Math.abs(b.partNs) - Math.abs(a.partNs));
}

/** Earlier runs are looked at only when there is a change that the time of day might explain. */
function changesIn(runs: readonly ShiftRun[]): ClearChange[] {
  const earlier = Math.max(0, runs.length - RUNS_LOOKED_AT);
  const found = clearChanges(runs.slice(earlier), 0);
  return found.length === 0 || earlier === 0 ? found : clearChanges(runs, earlier);
}

type ClearChange = Change & { readonly p: number };

/** @param from place of the first run in which a change is looked for */
function clearChanges(runs: readonly ShiftRun[], from: number): ClearChange[] {
  const { layers, causes } = seriesOf(runs);
  const all = [...layers, ...causes];
  const paces = pacesOf(runs);
  const unixMs = runs.map(({ startUnixNano }) => unixMsFromNano(BigInt(startUnixNano)));
  const changes = all
    .filter(({ ns }) => ns.some((value) => (value ?? 0) >= WORTH_A_VERDICT_NS))
    .flatMap((series) => changeIn(series, paces(series.layer), unixMs, from) ?? []);
  const ps = holm(changes.map(({ chance }) => chance));
  const clear = changes
    .map((change, i) => ({ ...change, p: ps[i]! }))
    .filter((change) => isProven(change, change.p) && isLarge(change, wallOf(change, layers)))
    .filter((change) => isSoStill(change) && showsAround(change, layers));
  return oneOfEachLayer(clear, all);
}

/** What the site took in the step, or in the run, before. */
function wallOf({ series: { step }, before }: Change, layers: readonly Series[]): number {
  return layers
    .filter((series) => series.step === step)
    .reduce((sum, { ns }) => sum + medianAt(ns, before), 0);
}

/** The largest of each layer, under the name of the step that has most of it, else of the whole run. */
function oneOfEachLayer<C extends Change>(changes: readonly C[], all: readonly Series[]): C[] {
  const largest = new Map<string, C>();
  for (const change of [...changes].sort((a, b) => Math.abs(b.ns) - Math.abs(a.ns)))
    if (!largest.has(change.series.layer)) largest.set(change.series.layer, change);
  return [...largest.values()].map((change) => ({ ...change, series: placeOf(change, all) }));
}

function placeOf({ series, before, after }: Change, all: readonly Series[]): Series {
  const same = all.filter(({ layer, cause }) => layer === series.layer && cause === series.cause);
  const movedNs = ({ ns }: Series) => medianAt(ns, after) - medianAt(ns, before);
  const whole = same.find(({ step }) => step === null) ?? series;
  const most = same
    .filter(({ step }) => step !== null)
    .sort((a, b) => movedNs(b) / movedNs(whole) - movedNs(a) / movedNs(whole))[0];
  return most && movedNs(most) / movedNs(whole) >= STEP_HAS_MOST ? most : whole;
}
