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
import type { GoalRun } from '../model/goals.ts';
import type { JourneyRow, RunFilter, RunOutcome } from '../model/journey.ts';
import { redactSpan, redactText } from '../model/redact.ts';
import type { RunSummary, RunView } from '../model/report.ts';
import type { ReportedSpan, Warning } from '../model/span.ts';
import { decodeChunk, encodeChunk } from './chunk.ts';
import {
  type GoalRow,
  goalRunOfRow,
  type OutcomeRow,
  outcomeOfRow,
  ROW_COLUMNS,
  type RunRow,
  storable,
  summaryOfRow,
  valuesOf,
} from './run-row.ts';
import { packRunView, unpackRunView } from './run-view.ts';
import { whereOf } from './run-where.ts';
import { defaultStorePath, MIGRATIONS, makeStoreFolder, SCHEMA, SCHEMA_VERSION } from './schema.ts';
import type { Arrivals, LiveSpans, RecordFilter, RunFile, Store, StoreRecord } from './store.ts';

/** Longer than any of our transactions by far; a writer that waits this long has met a stuck process. */
const BUSY_TIMEOUT_MS = 10_000;
const MAX_WARNINGS_READ = 1_000;
const MAX_TRACES_FOUND = 20;
const DEFAULT_RUNS = 100;
const DEFAULT_RECORDS = 1_000;
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
    return new SqliteStore(db);
  } catch (error) {
    db?.close();
    throw openError(error, path);
  }
}

function openError(error: unknown, path: string): Error {
  const { code, message } = error as { code?: string; message: string };
  if (code === 'SQLITE_NOTADB') {
    return new Error(
      `${path} is not a Headwater store. Move it away, or set HEADWATER_HOME to another folder.`,
    );
  }
  if (error instanceof StoreVersionError) return error;
  return new Error(
    `Cannot open the store ${path}: ${message}. Set HEADWATER_HOME to a folder that can be written.`,
  );
}

class StoreVersionError extends Error {}

function prepare(db: Database.Database, path: string): void {
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  db.exec('PRAGMA journal_mode = WAL');
  db.exec('PRAGMA synchronous = FULL');
  const version = versionOf(db);
  if (version > SCHEMA_VERSION) {
    throw new StoreVersionError(
      `${path} was made by a later version of Headwater (format ${version}, this one knows ${SCHEMA_VERSION}). ` +
        'Update Headwater, or set HEADWATER_HOME to another folder.',
    );
  }
  if (version < SCHEMA_VERSION) inTransaction(db, () => bringUpToDate(db));
}

/** Asks for the version again: another process may have been faster while this one waited for the lock. */
function bringUpToDate(db: Database.Database): void {
  const version = versionOf(db);
  if (version === 0) db.exec(SCHEMA);
  else for (let from = version; from < SCHEMA_VERSION; from++) db.exec(MIGRATIONS[from]!);
  if (version > 0 && version < OUTCOMES_SINCE) fillOutcomes(db);
  db.exec(`PRAGMA user_version = ${Math.max(version, SCHEMA_VERSION)}`);
}

const OUTCOMES_SINCE = 3;

/** Runs of an older store know their history's columns only inside their views. */
function fillOutcomes(db: Database.Database): void {
  const ids = db.prepare("SELECT trace_id AS id FROM runs WHERE status <> 'running'").all() as {
    id: string;
  }[];
  const store = new SqliteStore(db);
  for (const { id } of ids) {
    const view = store.outline(id);
    if (view) putRow(db, outcomeOf(view));
  }
}

const versionOf = (db: Database.Database): number =>
  (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;

/** Takes the write lock first, so that waiting happens before work, never in the middle of it. */
function inTransaction(db: Database.Database, work: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function putRow(db: Database.Database, run: RunSummary | RunOutcome): void {
  const names = ROW_COLUMNS.join(', ');
  const marks = ROW_COLUMNS.map(() => '?').join(', ');
  db.prepare(`INSERT OR REPLACE INTO runs (${names}) VALUES (${marks})`).run(...valuesOf(run));
}

const RUN_COLUMNS = `trace_id AS traceId, journey, status, CAST(start_unix_nano AS TEXT) AS startUnixNano,
  wall_ns AS wallNs, layers, sentence, site, layer, component, cause`;
const GOAL_COLUMNS =
  'status, CAST(start_unix_nano AS TEXT) AS startUnixNano, wall_ns AS wallNs, layer, component, cause';
const NEWEST_FIRST = 'ORDER BY start_unix_nano DESC, trace_id';

class SqliteStore implements Store {
  readonly #db: Database.Database;
  readonly #insertChunk;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#insertChunk = db.prepare(
      'INSERT INTO chunks (trace_id, received_ms, span_count, body) VALUES (?, ?, ?, ?)',
    );
  }

  append(spans: readonly ReportedSpan[]): void {
    if (!spans.length) return;
    const chunks = [...byTrace(spans)].map(([traceId, own]) => ({
      traceId,
      count: own.length,
      body: encodeChunk(own),
    }));
    inTransaction(this.#db, () => {
      const receivedMs = Date.now();
      for (const { traceId, count, body } of chunks) this.#insertChunk.run(traceId, receivedMs, count, body);
    });
  }

  spans(traceId: string): ReportedSpan[] {
    const rows = this.#db.prepare('SELECT body FROM chunks WHERE trace_id = ? ORDER BY id').all(traceId);
    return (rows as BodyRow[]).flatMap((row) => decodeChunk(traceId, bytesOf(row)));
  }

  lastChunk(): number {
    const sql = 'SELECT coalesce(max(id), 0) AS id FROM chunks';
    return (this.#db.prepare(sql).get() as { id: number }).id;
  }

  spansSince(chunk: number, limit: number): { spans: ReportedSpan[]; lastChunk: number } {
    const sql = 'SELECT id, trace_id AS traceId, body FROM chunks WHERE id > ? ORDER BY id DESC LIMIT ?';
    const rows = this.#db.prepare(sql).all(chunk, limit) as (BodyRow & { id: number; traceId: string })[];
    return {
      spans: rows.reverse().flatMap((row) => decodeChunk(row.traceId, bytesOf(row))),
      lastChunk: rows.at(-1)?.id ?? chunk,
    };
  }

  lastAppend(traceId: string): Arrivals {
    const sql =
      'SELECT count(*) AS chunks, coalesce(max(received_ms), 0) AS ms FROM chunks WHERE trace_id = ?';
    const { chunks, ms } = this.#db.prepare(sql).get(traceId) as { chunks: number; ms: number };
    return { chunks, lastReceivedUnixMs: ms };
  }

  startRun(summary: RunSummary): void {
    inTransaction(this.#db, () => putRow(this.#db, summary));
  }

  saveRun(view: RunView): void {
    const { traceId } = view.report;
    const parts = packRunView(view);
    inTransaction(this.#db, () => {
      putRow(this.#db, outcomeOf(view));
      this.#db.prepare('DELETE FROM live_runs WHERE trace_id = ?').run(traceId);
      this.#db.prepare('DELETE FROM run_views WHERE trace_id = ?').run(traceId);
      const insert = this.#db.prepare('INSERT INTO run_views (trace_id, part, body) VALUES (?, ?, ?)');
      parts.forEach((body, part) => {
        insert.run(traceId, part, body);
      });
      this.#putColumns(view);
    });
  }

  #putColumns(view: RunView): void {
    const { traceId } = view.report;
    this.#db.prepare('DELETE FROM run_columns WHERE trace_id = ?').run(traceId);
    if (view.trace.spans.length < COLUMNS_FROM_SPANS) return;
    const insert = this.#db.prepare(
      'INSERT INTO run_columns (trace_id, part, made_of, body) VALUES (?, ?, ?, ?)',
    );
    packColumns(columnsOf(view)).forEach((body, part) => {
      insert.run(traceId, part, view.madeOf ?? null, body);
    });
  }

  run(traceId: string): RunView | undefined {
    const rows = this.#db.prepare('SELECT body FROM run_views WHERE trace_id = ? ORDER BY part').all(traceId);
    return unpackRunView((rows as BodyRow[]).map(bytesOf));
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
    const row = this.#db.prepare('SELECT body FROM run_views WHERE trace_id = ? AND part = 0').get(traceId);
    return row === undefined ? undefined : unpackRunView([bytesOf(row as BodyRow)]);
  }

  runs(limit = DEFAULT_RUNS, filter: RunFilter = {}): RunSummary[] {
    const { sql: where, values } = whereOf(filter);
    const sql = `SELECT ${RUN_COLUMNS} FROM runs ${where} ${NEWEST_FIRST} LIMIT ?`;
    return (this.#db.prepare(sql).all(...values, limit) as RunRow[]).map(summaryOfRow);
  }

  summary(traceId: string): RunSummary | undefined {
    const sql = `SELECT ${RUN_COLUMNS} FROM runs WHERE trace_id = ?`;
    const row = this.#db.prepare(sql).get(traceId) as RunRow | undefined;
    return row && summaryOfRow(row);
  }

  outcomes(limit: number, filter: RunFilter): RunOutcome[] {
    const { sql: where, values } = whereOf(filter, "status <> 'running'");
    const sql = `SELECT ${RUN_COLUMNS}, healthy, steps FROM runs ${where} ${NEWEST_FIRST} LIMIT ?`;
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
      inTransaction(this.#db, () => this.#db.prepare(sql).run(traceId, state, toldUnixMs, body));
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
    const insert = this.#db.prepare(
      'INSERT OR REPLACE INTO run_files (trace_id, name, media_type, body) VALUES (?, ?, ?, ?)',
    );
    inTransaction(this.#db, () => {
      for (const { name, mediaType, body } of files) insert.run(traceId, name, mediaType, Buffer.from(body));
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
    inTransaction(this.#db, () => {
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

  keepRecord(kind: string, { key, atUnixMs, body }: StoreRecord): void {
    const sql = 'INSERT OR REPLACE INTO records (kind, key, at_ms, body) VALUES (?, ?, ?, ?)';
    const values = [storable(kind), storable(key), Math.round(atUnixMs), JSON.stringify(body ?? null)];
    inTransaction(this.#db, () => this.#db.prepare(sql).run(...values));
  }

  record(kind: string, key: string): StoreRecord | undefined {
    const sql = 'SELECT key, at_ms AS atUnixMs, body FROM records WHERE kind = ? AND key = ?';
    const row = this.#db.prepare(sql).get(storable(kind), storable(key)) as RecordRow | undefined;
    return row && recordOf(row);
  }

  records(kind: string, filter: RecordFilter = {}): StoreRecord[] {
    const sql =
      'SELECT key, at_ms AS atUnixMs, body FROM records WHERE kind = ? AND at_ms BETWEEN ? AND ? ORDER BY at_ms DESC, key DESC LIMIT ?';
    const { sinceUnixMs, untilUnixMs, limit = DEFAULT_RECORDS } = filter;
    const between = [sinceUnixMs ?? Number.MIN_SAFE_INTEGER, untilUnixMs ?? Number.MAX_SAFE_INTEGER];
    return (this.#db.prepare(sql).all(storable(kind), ...between, limit) as RecordRow[]).map(recordOf);
  }

  dropRecord(kind: string, key: string): void {
    const sql = 'DELETE FROM records WHERE kind = ? AND key = ?';
    inTransaction(this.#db, () => this.#db.prepare(sql).run(storable(kind), storable(key)));
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

interface BodyRow {
  readonly body: Uint8Array | ArrayBuffer;
}

/** The driver gives a blob as either, depending on how it is asked. */
const bytesOf = ({ body }: BodyRow): Uint8Array => (body instanceof Uint8Array ? body : new Uint8Array(body));
