/** What is usual for each layer of each step, cold and warm runs apart: what the last runs took, in quantiles. */
import { LAYERS, type Layer } from '../../model/layer.ts';
import type { Shift, ShiftRun } from '../../model/shift.ts';
import { type Nanos, unixMsFromNano } from '../../model/time.ts';
import { percentile } from '../journey/percentile.ts';
import { type Series, seriesOf } from './series.ts';
import { RUNS_LOOKED_AT } from './shifts-in.ts';

export interface UsualRow {
  /** Null: the whole run. */
  readonly step: string | null;
  /** Null: the wall time, of all layers, the observer's own and the visitor's thinking with it. */
  readonly layer: Layer | null;
  readonly runs: number;
  readonly medianNs: Nanos;
  readonly p75Ns: Nanos;
  readonly p95Ns: Nanos;
}

export interface UsualUnder {
  readonly conditions: string;
  readonly runs: number;
  readonly rows: readonly UsualRow[];
}

/** What takes less in 19 of 20 runs is left out. */
const LEAST_NS = 1e6;

/** @param shifts a layer that changed has what is usual since then */
export function usualTimes(runs: readonly ShiftRun[], shifts: readonly Shift[]): UsualUnder[] {
  const all = [...new Set(runs.map((run) => run.conditions))];
  return all.map((conditions) => {
    const own = runs
      .filter((run) => run.conditions === conditions && run.status === 'ok')
      .slice(-RUNS_LOOKED_AT);
    const rows = [...wallsOf(own), ...seriesOf(own).layers].map((row) =>
      rowOf(row, own, shiftAt(row, conditions, shifts)),
    );
    return { conditions, runs: own.length, rows: inOrder(rows.filter(({ p95Ns }) => p95Ns >= LEAST_NS)) };
  });
}

type Row = Pick<Series, 'step' | 'ns'> & { readonly layer: Layer | null };

function wallsOf(runs: readonly ShiftRun[]): Row[] {
  const names = [...new Set(runs.flatMap(({ steps }) => steps.map(({ name }) => name)))];
  const whole: Row = { step: null, layer: null, ns: runs.map(({ wallNs }) => wallNs) };
  const steps = names.map((step): Row => ({ step, layer: null, ns: runs.map((run) => stepWall(run, step)) }));
  return [whole, ...steps];
}

function stepWall({ steps }: ShiftRun, name: string): Nanos | undefined {
  const own = steps.filter((step) => step.name === name);
  return own.length === 0 ? undefined : own.reduce((sum, { wallNs }) => sum + wallNs, 0);
}

/** The wall moves with any of its layers. */
const shiftAt = ({ step, layer }: Row, conditions: string, shifts: readonly Shift[]): Shift | undefined =>
  shifts.find(
    (shift) =>
      shift.conditions === conditions &&
      (layer === null || shift.layer === layer) &&
      (step === null || shift.step === null || shift.step === step),
  );

function rowOf({ step, layer, ns }: Row, runs: readonly ShiftRun[], shift: Shift | undefined): UsualRow {
  const isSince = ({ startUnixNano }: ShiftRun) =>
    shift === undefined || unixMsFromNano(BigInt(startUnixNano)) >= shift.sinceUnixMs;
  const values = ns.filter((value, at) => value !== undefined && isSince(runs[at]!)) as Nanos[];
  const [medianNs, p75Ns, p95Ns] = [50, 75, 95].map((p) => percentile(values, p)) as [Nanos, Nanos, Nanos];
  return { step, layer, runs: values.length, medianNs, p75Ns, p95Ns };
}

/** The whole run first, then step by step; the wall first, then its layers as the water flows. */
function inOrder(rows: readonly UsualRow[]): UsualRow[] {
  const steps = [...new Set(rows.map(({ step }) => step))];
  const place = ({ step, layer }: UsualRow) =>
    steps.indexOf(step) * (LAYERS.length + 1) + (layer === null ? 0 : LAYERS.indexOf(layer) + 1);
  return [...rows].sort((a, b) => place(a) - place(b));
}
