/** What is asked of the batches of all traces together (table `chunks`). */
import type Database from 'libsql';
import { decodeChunk } from './chunk.ts';
import { type BodyRow, bytesOf } from './run-view.ts';
import type { Arrived } from './store.ts';

export function lastChunkIn(db: Database.Database): number {
  const sql = 'SELECT coalesce(max(id), 0) AS id FROM chunks';
  return (db.prepare(sql).get() as { id: number }).id;
}

/** As `Store.spansSince`. */
export function arrivedIn(
  db: Database.Database,
  since: number,
  limit: number,
  except: readonly string[],
): Arrived {
  const lastChunk = Math.max(since, lastChunkIn(db));
  const rows = db
    .prepare(
      `SELECT trace_id AS traceId, body FROM chunks WHERE id > ? AND id <= ?
         AND trace_id NOT IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT ?`,
    )
    .all(since, lastChunk, JSON.stringify(except), limit) as (BodyRow & { traceId: string })[];
  return { spans: rows.reverse().flatMap((row) => decodeChunk(row.traceId, bytesOf(row))), lastChunk };
}
