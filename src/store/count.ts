/**
 * Counts each run once, in the transaction that saves it: totals are records of the kind `metric`, one for each journey
 * at each site. A run that is made anew, because spans came late, was counted already (`runs.counted`).
 */
import type Database from 'libsql';
import { countedAs, countRun } from '../metrics/count-run.ts';
import { Guard, type LabelValue, refusedSentence } from '../metrics/guard.ts';
import type { JourneyTotals } from '../metrics/totals.ts';
import type { RunOutcome } from '../model/journey.ts';
import type { Drop } from '../model/keeping.ts';
import { putRecord, recordIn, recordsIn } from './records.ts';
import { type OutcomeRow, outcomeOfRow, SUMMARY_COLUMNS } from './run-row.ts';
import { seriesLimitsIn } from './settings.ts';

/** Totals by journey and site. */
export const TOTALS = 'metric';
/** Other sums that only grow: what was refused, what was dropped. */
export const SUMS = 'metric_sum';
const REFUSED = 'refused';
const DROPPED = 'dropped';
/** More journeys at more sites than the guard lets in. */
const ALL_TOTALS = 1_000_000;

export const totalsIn = (db: Database.Database): JourneyTotals[] =>
  recordsIn(db, TOTALS, { limit: ALL_TOTALS }).map(({ body }) => body as JourneyTotals);

type Sums = Readonly<Record<string, number>>;
const sumsIn = (db: Database.Database, key: string): Sums => (recordIn(db, SUMS, key)?.body ?? {}) as Sums;
export const refusedIn = (db: Database.Database): Sums => sumsIn(db, REFUSED);
export const droppedIn = (db: Database.Database): Sums => sumsIn(db, DROPPED);

/** Part of the transaction that saves the run. */
export function countOnce(db: Database.Database, run: RunOutcome): void {
  const row = db.prepare('SELECT counted FROM runs WHERE trace_id = ?').get(run.traceId) as {
    counted: number;
  };
  if (row.counted === 1) return;
  db.prepare('UPDATE runs SET counted = 1 WHERE trace_id = ?').run(run.traceId);
  const { journey, site } = countedAs(run);
  const key = JSON.stringify([journey, site]);
  const limits = seriesLimitsIn(db);
  const guard = new Guard(() => totalsIn(db), limits);
  const totals = countRun(run, recordIn(db, TOTALS, key)?.body as JourneyTotals | undefined, guard);
  if (totals) putRecord(db, TOTALS, { key, atUnixMs: totals.lastUnixMs, body: totals });
  for (const refused of guard.refused) tellRefused(db, refused, refusedSentence(refused, limits));
}

/** The first time with a warning, every time in the sum. */
function tellRefused(db: Database.Database, { label }: LabelValue, message: string): void {
  if (!(label in refusedIn(db)))
    db.prepare('INSERT INTO warnings (trace_id, code, place, message) VALUES (NULL, ?, ?, ?)').run(
      'metrics.series_refused',
      label,
      message,
    );
  addTo(db, REFUSED, { [label]: 1 });
}

/** Part of the transaction that drops them. */
export const countDropped = (db: Database.Database, drops: readonly Drop[]): void =>
  addTo(
    db,
    DROPPED,
    drops.reduce<Record<string, number>>((sums, { part, by }) => {
      sums[`${part} ${by}`] = (sums[`${part} ${by}`] ?? 0) + 1;
      return sums;
    }, {}),
  );

function addTo(db: Database.Database, key: string, more: Sums): void {
  const sums = { ...sumsIn(db, key) };
  for (const [name, count] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + count;
  putRecord(db, SUMS, { key, atUnixMs: Date.now(), body: sums });
}

/** Of a store that did not count: all runs that it holds, oldest first. */
export function fillTotals(db: Database.Database): void {
  const sql = `SELECT ${SUMMARY_COLUMNS}, healthy, steps FROM runs WHERE status <> 'running' ORDER BY start_unix_nano`;
  for (const row of db.prepare(sql).all() as OutcomeRow[]) countOnce(db, outcomeOfRow(row));
}
