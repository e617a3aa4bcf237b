/** A run as a row of `runs`, and back. */

import type Database from 'libsql';
import type { GoalRun } from '../model/goals.ts';
import type { RunOutcome } from '../model/journey.ts';
import type { Dropped } from '../model/keeping.ts';
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

/** What was dropped of the run, and that it was counted, stay as they are. */
export function putRow(db: Database.Database, run: RunSummary | RunOutcome): void {
  const names = ROW_COLUMNS.join(', ');
  const marks = ROW_COLUMNS.map(() => '?').join(', ');
  const updates = ROW_COLUMNS.map((name) => `${name} = excluded.${name}`).join(', ');
  db.prepare(
    `INSERT INTO runs (${names}) VALUES (${marks}) ON CONFLICT (trace_id) DO UPDATE SET ${updates}`,
  ).run(...valuesOf(run));
}

/** For `summaryOfRow`. */
export const SUMMARY_COLUMNS = `trace_id AS traceId, journey, status, CAST(start_unix_nano AS TEXT) AS startUnixNano,
  wall_ns AS wallNs, layers, sentence, site, layer, component, cause, dropped`;

export interface RunRow extends Omit<RunSummary, 'layers' | 'site' | 'blamed' | 'dropped'> {
  readonly layers: string;
  readonly site: string;
  readonly layer: Verdict['layer'] | '';
  readonly component: string;
  readonly cause: string;
  readonly dropped: string;
}

export interface OutcomeRow extends RunRow {
  readonly healthy: number;
  readonly steps: string;
}

export function summaryOfRow({ layers, site, layer, component, cause, dropped, ...run }: RunRow): RunSummary {
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
    ...(dropped !== '' && { dropped: JSON.parse(dropped) as Dropped }),
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
