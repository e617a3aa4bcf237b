/**
 * The store in one SQLite file, for one machine. Several processes may use it at once: WAL lets readers and a writer
 * pass each other, writers queue up (busy_timeout), and every write is one short transaction.
 *
 * `synchronous=FULL`: when `append` returns, the spans survive a power cut, so a collector may acknowledge them.
 */
import Database from 'libsql';
import { columnsOf } from '../analyse/columns/columns-of.ts';
import { packColumns } from '../analyse/columns/packed.ts';
import { outcomeOf } from '../analyse/journey/outcome.ts';
import { standsOut } from '../analyse/keeping/stands-out.ts';
import type { JourneyTotals } from '../metrics/totals.ts';
import type { GoalRun } from '../model/goals.ts';
import type { JourneyRow, RunFilter, RunOutcome } from '../model/journey.ts';
import type { DiskUse, Drop, KeepPolicy } from '../model/keeping.ts';
import { redactSpan, redactText } from '../model/redact.ts';
import type { RunSummary, RunView } from '../model/report.ts';
import type { ReportedSpan, Warning } from '../model/span.ts';
import { decodeChunk, encodeChunk } from './chunk.ts';
import { arrivedIn, lastChunkIn } from './chunk-rows.ts';
import { countOnce, droppedIn, refusedIn, totalsIn } from './count.ts';
import { Disk } from './disk.ts';
import { droppedOf, plannedIn } from './kept.ts';
import { batches, dropBatch, makeRoom, StoreFullError, shrinkUntil } from './make-room.ts';
import { BUSY_TIMEOUT_MS, openError, prepare } from './prepare.ts';
import { putRecord, recordIn, recordsIn } from './records.ts';
import {
  type GoalRow,
  goalRunOfRow,
  type OutcomeRow,
  outcomeOfRow,
  putRow,
  type RunRow,
  SUMMARY_COLUMNS,
  storable,
  summaryOfRow,
} from './run-row.ts';
import { type BodyRow, bytesOf, outlineIn, packRunView, unpackRunView } from './run-view.ts';
import { whereOf } from './run-where.ts';
import { defaultStorePath, makeStoreFolder } from './schema.ts';
import type {
  Arrivals,
  Arrived,
  LiveSpans,
  RecordFilter,
  RunFile,
  Store,
  StoreRecord,
  StoreSums,
} from './store.ts';
import { inTransaction } from './transaction.ts';

const MAX_WARNINGS_READ = 1_000;
const MAX_TRACES_FOUND = 20;
const DEFAULT_RUNS = 100;
/** Smaller ones are made into columns faster than a person notices (5 000 spans: about 30 ms). */
const COLUMNS_FROM_SPANS = 5_000;

/**
 * Opens the store, making it when it is not there.
 * @param path a file; by default the one of `defaultStorePath`; `:memory:` for one that is gone when it is closed
 * @throws Error with a sentence: folder not writable, file is something else, made by a later version
 */
export function openStore(path: string = defaultStorePath()): Store {
  if (path !== ':memory:') makeStoreFolder(path);
  let db: Database.Database | undefined;
  try {
    db = new Database(path);
    prepare(db, path);
    return new SqliteStore(db, path);
  } catch (error) {
    db?.close();
    throw openError(error, path);
  }
}

const GOAL_COLUMNS =
  'status, CAST(start_unix_nano AS TEXT) AS startUnixNano, wall_ns AS wallNs, layer, component, cause';
const NEWEST_FIRST = 'ORDER BY start_unix_nano DESC, trace_id';

class SqliteStore implements Store {
  readonly #db: Database.Database;
  readonly #disk: Disk;
  readonly #insertChunk;

  constructor(db: Database.Database, path: string) {
    this.#db = db;
    this.#disk = new Disk(db, path);
    this.#insertChunk = db.prepare(
      'INSERT INTO chunks (trace_id, received_ms, span_count, body) VALUES (?, ?, ?, ?)',
    );
  }

  /**
   * Every write goes through here, so that the files are never larger than they may be.
   * @param bytes about as many are written
   * @throws StoreFullError when there is no room, and nothing is left that may go
   */
  #write(bytes: number, work: () => void): void {
    const isWritten = (): boolean => {
      let hasRoom = false;
      inTransaction(this.#db, () => {
        hasRoom = this.#disk.fits(bytes);
        if (hasRoom) work();
      });
      return hasRoom;
    };
    const giveUpMs = performance.now() + BUSY_TIMEOUT_MS;
    while (!isWritten())
      if (!makeRoom(this.#db, this.#disk, bytes) || performance.now() > giveUpMs)
        throw new StoreFullError(bytes, this.#disk.limit);
  }

  append(spans: readonly ReportedSpan[]): void {
    if (!spans.length) return;
    const chunks = [...byTrace(spans)].map(([traceId, own]) => ({
      traceId,
      count: own.length,
      body: encodeChunk(own),
    }));
    this.#write(sizeOf(chunks), () => {
      const receivedMs = Date.now();
      for (const { traceId, count, body } of chunks) this.#insertChunk.run(traceId, receivedMs, count, body);
    });
  }

  spans(traceId: string): ReportedSpan[] {
    const rows = this.#db.prepare('SELECT body FROM chunks WHERE trace_id = ? ORDER BY id').all(traceId);
    return (rows as BodyRow[]).flatMap((row) => decodeChunk(traceId, bytesOf(row)));
  }

  lastChunk(): number {
    return lastChunkIn(this.#db);
  }

  spansSince(chunk: number, limit: number, except: readonly string[] = []): Arrived {
    return arrivedIn(this.#db, chunk, limit, except);
  }

  lastAppend(traceIds: string | readonly string[]): Arrivals {
    const sql = `SELECT count(*) AS chunks, coalesce(max(received_ms), 0) AS lastReceivedUnixMs FROM chunks
      WHERE trace_id IN (SELECT value FROM json_each(?))`;
    const row = this.#db.prepare(sql).get(JSON.stringify([traceIds].flat())) as Arrivals;
    return { chunks: row.chunks, lastReceivedUnixMs: row.lastReceivedUnixMs };
  }

  startRun(summary: RunSummary): void {
    this.#write(0, () => putRow(this.#db, summary));
  }

  saveRun(view: RunView): void {
    const { traceId } = view.report;
    const { dropped: _, ...kept } = view;
    const parts = packRunView(kept);
    const columns = view.trace.spans.length < COLUMNS_FROM_SPANS ? [] : packColumns(columnsOf(kept));
    const bytes = [...parts, ...columns].reduce((sum, part) => sum + part.length, 0);
    const outcome = outcomeOf(view);
    const isOdd = standsOut(view.report) ? 1 : 0;
    this.#write(bytes, () => {
      putRow(this.#db, outcome);
      this.#db.prepare("UPDATE runs SET dropped = '', stands_out = ? WHERE trace_id = ?").run(isOdd, traceId);
      countOnce(this.#db, outcome);
      this.#db.prepare('DELETE FROM live_runs WHERE trace_id = ?').run(traceId);
      this.#putParts(traceId, parts);
      this.#putColumns(view, columns);
    });
  }

  #putParts(traceId: string, parts: readonly Buffer[]): void {
    this.#db.prepare('DELETE FROM run_views WHERE trace_id = ?').run(traceId);
    const insert = this.#db.prepare('INSERT INTO run_views (trace_id, part, body) VALUES (?, ?, ?)');
    parts.forEach((body, part) => {
      insert.run(traceId, part, body);
    });
  }

  #putColumns({ report: { traceId }, madeOf }: RunView, columns: readonly Uint8Array[]): void {
    this.#db.prepare('DELETE FROM run_columns WHERE trace_id = ?').run(traceId);
    const insert = this.#db.prepare(
      'INSERT INTO run_columns (trace_id, part, made_of, body) VALUES (?, ?, ?, ?)',
    );
    columns.forEach((body, part) => {
      insert.run(traceId, part, madeOf ?? null, body);
    });
  }

  run(traceId: string): RunView | undefined {
    const rows = this.#db.prepare('SELECT body FROM run_views WHERE trace_id = ? ORDER BY part').all(traceId);
    return this.#withDropped(unpackRunView((rows as BodyRow[]).map(bytesOf)));
  }

  columns(traceId: string): Uint8Array[] | undefined {
    const rows = this.#db
      .prepare('SELECT made_of AS madeOf, body FROM run_columns WHERE trace_id = ? ORDER BY part')
      .all(traceId) as (BodyRow & { madeOf: number | null })[];
    const madeOf = rows[0]?.madeOf;
    if (madeOf === undefined) return undefined;
    if (madeOf !== null && madeOf !== this.lastAppend(traceId).chunks) return undefined;
    return rows.map(bytesOf);
  }

  outline(traceId: string): RunView | undefined {
    return this.#withDropped(outlineIn(this.#db, traceId));
  }

  #withDropped(view: RunView | undefined): RunView | undefined {
    const dropped = view && droppedOf(this.#db, view.report.traceId);
    return view && dropped ? { ...view, dropped } : view;
  }

  runs(limit = DEFAULT_RUNS, filter: RunFilter = {}): RunSummary[] {
    const { sql: where, values } = whereOf(filter);
    const sql = `SELECT ${SUMMARY_COLUMNS} FROM runs ${where} ${NEWEST_FIRST} LIMIT ?`;
    return (this.#db.prepare(sql).all(...values, limit) as RunRow[]).map(summaryOfRow);
  }

  summary(traceId: string): RunSummary | undefined {
    const sql = `SELECT ${SUMMARY_COLUMNS} FROM runs WHERE trace_id = ?`;
    const row = this.#db.prepare(sql).get(traceId) as RunRow | undefined;
    return row && summaryOfRow(row);
  }

  outcomes(limit: number, filter: RunFilter): RunOutcome[] {
    const { sql: where, values } = whereOf(filter, "status <> 'running'");
    const sql = `SELECT ${SUMMARY_COLUMNS}, healthy, steps FROM runs ${where} ${NEWEST_FIRST} LIMIT ?`;
    return (this.#db.prepare(sql).all(...values, limit) as OutcomeRow[]).map(outcomeOfRow);
  }

  goalRuns(filter: RunFilter): GoalRun[] {
    const { sql: where, values } = whereOf(filter, "status <> 'running'");
    const sql = `SELECT ${GOAL_COLUMNS} FROM runs ${where} ORDER BY start_unix_nano, trace_id`;
    return (this.#db.prepare(sql).all(...values) as GoalRow[]).map(goalRunOfRow);
  }

  journeys(recent: number): JourneyRow[] {
    // answered from the index alone
    const sql = `SELECT journey, site, count(*) AS runs FROM runs GROUP BY journey, site
      ORDER BY max(start_unix_nano) DESC, journey, site`;
    const found = this.#db.prepare(sql).all() as Omit<JourneyRow, 'recent'>[];
    return found.map(({ journey, site, runs }) => ({
      journey,
      site,
      runs,
      recent: this.runs(recent, { journey, site }),
    }));
  }

  keepLive(traceId: string, { state, toldUnixMs, spans }: LiveSpans): void {
    const body = encodeChunk(spans.map(redactSpan));
    // Of passing use: a power cut may have it, and the journey that is being timed does not wait for the disk.
    this.#db.exec('PRAGMA synchronous = NORMAL');
    try {
      const sql = 'INSERT OR REPLACE INTO live_runs (trace_id, state, told_ms, body) VALUES (?, ?, ?, ?)';
      this.#write(body.length, () => this.#db.prepare(sql).run(traceId, state, toldUnixMs, body));
    } finally {
      this.#db.exec('PRAGMA synchronous = FULL');
    }
  }

  live(traceId: string): LiveSpans | undefined {
    const sql = 'SELECT state, told_ms AS toldUnixMs, body FROM live_runs WHERE trace_id = ?';
    const row = this.#db.prepare(sql).get(traceId) as (Omit<LiveSpans, 'spans'> & BodyRow) | undefined;
    if (!row) return undefined;
    return { state: row.state, toldUnixMs: row.toldUnixMs, spans: decodeChunk(traceId, bytesOf(row)) };
  }

  attach(traceId: string, files: readonly RunFile[]): void {
    if (!files.length) return;
    // not OR REPLACE, which would not tell the triggers of what it takes away
    const remove = this.#db.prepare('DELETE FROM run_files WHERE trace_id = ? AND name = ?');
    const insert = this.#db.prepare(
      'INSERT INTO run_files (trace_id, name, media_type, body) VALUES (?, ?, ?, ?)',
    );
    this.#write(sizeOf(files), () => {
      for (const { name, mediaType, body } of files) {
        remove.run(traceId, name);
        insert.run(traceId, name, mediaType, Buffer.from(body));
      }
    });
  }

  fileNames(traceId: string): string[] {
    const rows = this.#db
      .prepare('SELECT name FROM run_files WHERE trace_id = ? ORDER BY name')
      .all(traceId) as { name: string }[];
    return rows.map(({ name }) => name);
  }

  file(traceId: string, name: string): RunFile | undefined {
    const sql = 'SELECT media_type AS mediaType, body FROM run_files WHERE trace_id = ? AND name = ?';
    const row = this.#db.prepare(sql).get(traceId, name) as (BodyRow & { mediaType: string }) | undefined;
    return row && { name, mediaType: row.mediaType, body: bytesOf(row) };
  }

  warn(traceId: string | null, warnings: readonly Warning[]): void {
    if (!warnings.length) return;
    const insert = this.#db.prepare(
      'INSERT INTO warnings (trace_id, code, place, message) VALUES (?, ?, ?, ?)',
    );
    const bytes = warnings.reduce((sum, { where, message }) => sum + where.length + message.length, 0);
    this.#write(bytes, () => {
      for (const { code, where, message } of warnings) {
        insert.run(traceId, code, storable(redactText(where)), storable(redactText(message)));
      }
    });
  }

  warnings(traceId: string | null): Warning[] {
    const sql = `SELECT code, place, message FROM warnings WHERE trace_id IS ? ORDER BY id DESC LIMIT ?`;
    const rows = this.#db.prepare(sql).all(traceId, MAX_WARNINGS_READ) as (Warning & { place: string })[];
    return rows.map(({ code, place, message }) => ({ code, where: place, message })).reverse();
  }

  keepRecord(kind: string, record: StoreRecord): void {
    // in UTF-16 as many bytes as in UTF-8, give or take
    const bytes = (JSON.stringify(record.body) ?? '').length;
    this.#write(bytes, () => putRecord(this.#db, kind, record));
  }

  record(kind: string, key: string): StoreRecord | undefined {
    return recordIn(this.#db, kind, key);
  }

  records(kind: string, filter?: RecordFilter): StoreRecord[] {
    return recordsIn(this.#db, kind, filter);
  }

  dropRecord(kind: string, key: string): void {
    const sql = 'DELETE FROM records WHERE kind = ? AND key = ?';
    this.#write(0, () => this.#db.prepare(sql).run(storable(kind), storable(key)));
  }

  totals(): JourneyTotals[] {
    return totalsIn(this.#db);
  }

  sums(): StoreSums {
    return { refused: refusedIn(this.#db), dropped: droppedIn(this.#db) };
  }

  planned(policy: KeepPolicy, nowUnixMs: number, overBytes: number, withReports: boolean): Drop[] {
    return plannedIn(this.#db, policy, nowUnixMs, overBytes, withReports);
  }

  drop(drops: readonly Drop[], atUnixMs: number): void {
    for (const batch of batches(drops)) if (!dropBatch(this.#db, this.#disk, batch, atUnixMs)) return;
  }

  diskUse(): DiskUse {
    return this.#disk.use();
  }

  shrink(bytes: number): void {
    const toBytes = this.#disk.file - bytes;
    this.#disk.emptyLog();
    shrinkUntil(this.#db, this.#disk, () => this.#disk.file <= toBytes);
  }

  rebuild(): void {
    this.#disk.rebuild();
  }

  trimWarnings(): void {
    const sql = `DELETE FROM warnings WHERE trace_id IS NULL AND id <
      (SELECT min(id) FROM (SELECT id FROM warnings WHERE trace_id IS NULL ORDER BY id DESC LIMIT ?))`;
    inTransaction(this.#db, () => this.#db.prepare(sql).run(MAX_WARNINGS_READ));
  }

  findTrace(prefix: string): string[] {
    const wanted = prefix.toLowerCase();
    if (!/^[0-9a-f]{1,32}$/.test(wanted)) return [];
    const sql = `SELECT trace_id AS id FROM runs WHERE trace_id >= ?1 AND trace_id < ?2
      UNION SELECT trace_id FROM chunks WHERE trace_id >= ?1 AND trace_id < ?2 ORDER BY id LIMIT ?3`;
    // 'g' sorts right after every hex digit
    const rows = this.#db.prepare(sql).all(wanted, `${wanted}g`, MAX_TRACES_FOUND) as { id: string }[];
    return rows.map(({ id }) => id);
  }

  close(): void {
    if (!this.#db.open) return;
    // so that the file holds everything by itself, as far as no other process is in the way
    this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)');
    this.#db.close();
  }
}

function byTrace(spans: readonly ReportedSpan[]): Map<string, ReportedSpan[]> {
  const spansByTraceId = new Map<string, ReportedSpan[]>();
  for (const span of spans) {
    const own = spansByTraceId.get(span.traceId);
    if (own) own.push(redactSpan(span));
    else spansByTraceId.set(span.traceId, [redactSpan(span)]);
  }
  return spansByTraceId;
}

const sizeOf = (bodies: readonly { readonly body: Uint8Array }[]): number =>
  bodies.reduce((sum, { body }) => sum + body.length, 0);
