/** A run as a row of `runs`, and back. */
import type { GoalRun } from '../model/goals.ts';
import type { RunOutcome } from '../model/journey.ts';
import type { RunSummary, Verdict } from '../model/report.ts';

export const ROW_COLUMNS = [
  'trace_id',
  'journey',
  'status',
  'start_unix_nano',
  'wall_ns',
  'layers',
  'sentence',
  'site',
  'layer',
  'component',
  'cause',
  'healthy',
  'steps',
] as const;

/** SQLite's driver ends a text at its first NUL. */
export const storable = (text: string): string => text.replaceAll('\0', '\ufffd');

/** In the order of `ROW_COLUMNS`. A run that has just begun has no steps yet. */
export function valuesOf(run: RunSummary & Partial<RunOutcome>): (string | number | bigint)[] {
  const { blamed } = run;
  return [
    run.traceId,
    storable(run.journey),
    run.status,
    BigInt(run.startUnixNano),
    BigInt(run.wallNs),
    JSON.stringify(run.layers),
    storable(run.sentence),
    storable(run.site ?? ''),
    blamed?.layer ?? '',
    storable(blamed?.component ?? ''),
    storable(blamed?.cause ?? ''),
    run.healthy ? 1 : 0,
    JSON.stringify(run.steps ?? []),
  ];
}

export interface RunRow extends Omit<RunSummary, 'layers' | 'site' | 'blamed'> {
  readonly layers: string;
  readonly site: string;
  readonly layer: Verdict['layer'] | '';
  readonly component: string;
  readonly cause: string;
}

export interface OutcomeRow extends RunRow {
  readonly healthy: number;
  readonly steps: string;
}

export function summaryOfRow({ layers, site, layer, component, cause, ...run }: RunRow): RunSummary {
  return {
    traceId: run.traceId,
    journey: run.journey,
    status: run.status,
    startUnixNano: run.startUnixNano,
    wallNs: run.wallNs,
    layers: JSON.parse(layers) as RunSummary['layers'],
    sentence: run.sentence,
    ...(site !== '' && { site }),
    ...(layer !== '' && { blamed: { layer, component, cause } }),
  };
}

export const outcomeOfRow = (row: OutcomeRow): RunOutcome => ({
  ...summaryOfRow(row),
  healthy: row.healthy === 1,
  steps: JSON.parse(row.steps) as RunOutcome['steps'],
});

export type GoalRow = Pick<RunRow, 'status' | 'startUnixNano' | 'wallNs' | 'layer' | 'component' | 'cause'>;

export const goalRunOfRow = ({ layer, component, cause, ...run }: GoalRow): GoalRun => ({
  ...run,
  ...(layer !== '' && { blamed: { layer, component, cause } }),
});
