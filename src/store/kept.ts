/** What runs still have that could go, and letting it go. */
import type Database from 'libsql';
import { type KeepingGiven, toDrop } from '../analyse/keeping/to-drop.ts';
import type { Drop, Dropped, KeepPolicy, KeptPart, KeptRun } from '../model/keeping.ts';
import { countDropped } from './count.ts';
import { recordsIn } from './records.ts';
import { neededIn } from './settings.ts';

/** @param withReports also runs of which nothing but the report is left, and those are many */
export function keptIn(db: Database.Database, withReports: boolean): KeptRun[] {
  const sql = `SELECT b.trace_id AS traceId, journey, site, status, healthy, stands_out AS standsOut, at_ms AS cameMs,
      start_unix_nano / 1000000 AS startMs, files, spans, report
    FROM run_bytes b LEFT JOIN runs r ON r.trace_id = b.trace_id
    WHERE ${withReports ? 'files > 0 OR spans > 0 OR report > 0' : 'files > 0 OR spans > 0'}`;
  return (db.prepare(sql).all() as KeptRow[]).map(keptOf);
}

interface KeptRow extends Readonly<Record<KeptPart, number>> {
  readonly traceId: string;
  /** Null when the trace is no run. */
  readonly journey: string | null;
  readonly site: string | null;
  readonly status: KeptRun['status'] | null;
  readonly healthy: number | null;
  readonly standsOut: number | null;
  readonly startMs: number | null;
  readonly cameMs: number;
}

/** Key by key: of many runs, a rest of an object takes ten times as long. */
const keptOf = (row: KeptRow): KeptRun => ({
  traceId: row.traceId,
  journey: row.journey ?? '',
  site: row.site ?? '',
  status: row.status ?? 'loose',
  healthy: row.healthy === 1,
  standsOut: row.standsOut === 1,
  atUnixMs: row.startMs ?? row.cameMs,
  bytes: { files: row.files, spans: row.spans, report: row.report },
});

export const MARK = 'mark';
/** Nobody deploys more often while runs are kept. */
const MARKS_LOOKED_AT = 10_000;

/** Reports are looked at only when files and spans alone do not make the room, or may be too old. */
export function plannedIn(
  db: Database.Database,
  policy: KeepPolicy,
  nowUnixMs: number,
  overBytes: number,
  withReports: boolean,
): Drop[] {
  const given: KeepingGiven = {
    markedUnixMs: recordsIn(db, MARK, { limit: MARKS_LOOKED_AT }).map(({ atUnixMs }) => atUnixMs),
    needed: neededIn(db),
    overBytes,
  };
  const drops = toDrop(keptIn(db, withReports), policy, nowUnixMs, given);
  const bytes = drops.reduce((sum, drop) => sum + drop.bytes, 0);
  if (withReports || bytes >= overBytes) return drops;
  return toDrop(keptIn(db, true), policy, nowUnixMs, given);
}

const DELETES: Readonly<Record<KeptPart, readonly string[]>> = {
  files: ['DELETE FROM run_files WHERE trace_id = ?'],
  spans: [
    'DELETE FROM chunks WHERE trace_id = ?',
    'DELETE FROM run_views WHERE trace_id = ? AND part > 0',
    'DELETE FROM run_columns WHERE trace_id = ?',
    // they speak of spans; the report holds those that were told
    'DELETE FROM warnings WHERE trace_id = ?',
  ],
  report: ['DELETE FROM run_views WHERE trace_id = ? AND part = 0'],
};

/** Part of a transaction. What another process has dropped meanwhile is not told twice. */
export function dropIn(db: Database.Database, drops: readonly Drop[], atUnixMs: number): void {
  const gone = drops.filter(({ traceId, part }) => {
    const changes = DELETES[part].map((sql) => db.prepare(sql).run(traceId).changes);
    return changes.some((count) => count > 0);
  });
  const forget = db.prepare(
    'DELETE FROM run_bytes WHERE trace_id = ? AND files = 0 AND spans = 0 AND report = 0',
  );
  for (const { traceId, part, by } of gone) {
    tellDropped(db, traceId, { [part]: { atUnixMs, by } });
    forget.run(traceId);
  }
  if (gone.length > 0) countDropped(db, gone);
}

function tellDropped(db: Database.Database, traceId: string, more: Dropped): void {
  const before = droppedOf(db, traceId);
  db.prepare('UPDATE runs SET dropped = ? WHERE trace_id = ?').run(
    JSON.stringify({ ...more, ...before }),
    traceId,
  );
}

/** What was dropped of a run; nothing of one that is not there. */
export function droppedOf(db: Database.Database, traceId: string): Dropped | undefined {
  const row = db.prepare('SELECT dropped FROM runs WHERE trace_id = ?').get(traceId) as
    | { dropped: string }
    | undefined;
  return row && row.dropped !== '' ? (JSON.parse(row.dropped) as Dropped) : undefined;
}
