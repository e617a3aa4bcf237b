/** Which layers of a journey take longer or shorter than they used to, as many runs show it. Asked after every run. */
import type { Mark, Shift, ShiftRun } from '../../model/shift.ts';
import { unixMsFromNano } from '../../model/time.ts';
import { WORTH_A_VERDICT_NS } from '../problems.ts';
import { type Change, changeIn } from './change.ts';
import { isLarge, isProven, isSoStill, showsOnItsSide } from './clear.ts';
import { holm } from './holm.ts';
import { pacesOf } from './pace.ts';
import { medianAt, type Series, seriesOf } from './series.ts';
import { shiftOf } from './shift-of.ts';

/** In so many runs a change is looked for: when all of them are after it, it is what is usual. */
export const RUNS_LOOKED_AT = 80;
/** A step that has this share of a layer's whole change is the one that changed. */
const STEP_HAS_MOST = 0.6;

/** @param runs of one journey at one site, oldest first; those before the last 80 tell what is usual at which hour */
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
    .sort((a, b) => Math.abs(b.partNs) - Math.abs(a.partNs));
}

function changesIn(runs: readonly ShiftRun[]): (Change & { p: number })[] {
  const { layers, causes } = seriesOf(runs);
  const all = [...layers, ...causes];
  const paces = pacesOf(runs);
  const unixMs = runs.map(({ startUnixNano }) => unixMsFromNano(BigInt(startUnixNano)));
  const from = Math.max(0, runs.length - RUNS_LOOKED_AT);
  const changes = all
    .filter(({ ns }) => ns.some((value) => (value ?? 0) >= WORTH_A_VERDICT_NS))
    .flatMap((series) => changeIn(series, paces(series.layer), unixMs, from) ?? []);
  const ps = holm(changes.map(({ chance }) => chance));
  const clear = changes
    .map((change, i) => ({ ...change, p: ps[i]! }))
    .filter((change) => isProven(change, change.p) && isLarge(change, wallOf(change, layers)))
    .filter((change) => isSoStill(change) && showsOnItsSide(change, layers));
  return oneOfEachLayer(clear, all);
}

/** What the site took in the step, or in the run, before. */
function wallOf({ series: { step }, before }: Change, layers: readonly Series[]): number {
  return layers
    .filter((series) => series.step === step)
    .reduce((sum, { ns }) => sum + medianAt(ns, before), 0);
}

/** The least probable by chance of each layer, under the name of the step that has most of it, else of the whole run. */
function oneOfEachLayer<C extends Change>(changes: readonly C[], all: readonly Series[]): C[] {
  const best = new Map<string, C>();
  for (const change of [...changes].sort((a, b) => a.chance - b.chance))
    if (!best.has(change.series.layer)) best.set(change.series.layer, change);
  return [...best.values()].map((change) => ({ ...change, series: placeOf(change, all) }));
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
