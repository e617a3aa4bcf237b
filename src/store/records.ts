/** Small things beside the runs: the table `records`. */
import type Database from 'libsql';
import { storable } from './run-row.ts';
import type { RecordFilter, StoreRecord } from './store.ts';

const DEFAULT_RECORDS = 1_000;

/** Part of a transaction. */
export function putRecord(db: Database.Database, kind: string, { key, atUnixMs, body }: StoreRecord): void {
  db.prepare('INSERT OR REPLACE INTO records (kind, key, at_ms, body) VALUES (?, ?, ?, ?)').run(
    storable(kind),
    storable(key),
    Math.round(atUnixMs),
    JSON.stringify(body ?? null),
  );
}

export function recordIn(db: Database.Database, kind: string, key: string): StoreRecord | undefined {
  const sql = 'SELECT key, at_ms AS atUnixMs, body FROM records WHERE kind = ? AND key = ?';
  const row = db.prepare(sql).get(storable(kind), storable(key)) as RecordRow | undefined;
  return row && recordOf(row);
}

export function recordsIn(db: Database.Database, kind: string, filter: RecordFilter = {}): StoreRecord[] {
  const sql =
    'SELECT key, at_ms AS atUnixMs, body FROM records WHERE kind = ? AND at_ms BETWEEN ? AND ? ORDER BY at_ms DESC, key DESC LIMIT ?';
  const { sinceUnixMs, untilUnixMs, limit = DEFAULT_RECORDS } = filter;
  const between = [sinceUnixMs ?? Number.MIN_SAFE_INTEGER, untilUnixMs ?? Number.MAX_SAFE_INTEGER];
  return (db.prepare(sql).all(storable(kind), ...between, limit) as RecordRow[]).map(recordOf);
}

interface RecordRow {
  readonly key: string;
  readonly atUnixMs: number;
  readonly body: string;
}

/** The driver adds something of its own to a row. */
const recordOf = ({ key, atUnixMs, body }: RecordRow): StoreRecord => ({
  key,
  atUnixMs,
  body: JSON.parse(body),
});
