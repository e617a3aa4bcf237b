/**
 * The store in one SQLite file, for one machine. Several processes may use it at once: WAL lets readers and a writer
 * pass each other, writers queue up (busy_timeout), and every write is one short transaction.
 *
 * `synchronous=FULL`: when `append` returns, the spans survive a power cut, so a collector may acknowledge them.
 */
import Database from 'libsql';
import { redactSpan, redactText } from '../model/redact.ts';
import type { RunSummary, RunView } from '../model/report.ts';
import type { ReportedSpan, Warning } from '../model/span.ts';
import { decodeChunk, encodeChunk } from './chunk.ts';
import { packRunView, unpackRunView } from './run-view.ts';
import { defaultStorePath, MIGRATIONS, makeStoreFolder, SCHEMA, SCHEMA_VERSION } from './schema.ts';
import { type Arrivals, type RunFile, type Store, summaryOf } from './store.ts';

/** Longer than any of our transactions by far; a writer that waits this long has met a stuck process. */
const BUSY_TIMEOUT_MS = 10_000;
const MAX_WARNINGS_READ = 1_000;
const MAX_TRACES_FOUND = 20;
const DEFAULT_RUNS = 100;

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
  db.exec(`PRAGMA user_version = ${Math.max(version, SCHEMA_VERSION)}`);
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

interface RunRow extends Omit<RunSummary, 'layers'> {
  readonly layers: string;
}

const RUN_COLUMNS = `trace_id AS traceId, journey, status, CAST(start_unix_nano AS TEXT) AS startUnixNano,
  wall_ns AS wallNs, layers, sentence`;

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
    inTransaction(this.#db, () => this.#putSummary(summary));
  }

  saveRun(view: RunView): void {
    const { traceId } = view.report;
    const parts = packRunView(view);
    inTransaction(this.#db, () => {
      this.#putSummary(summaryOf(view));
      this.#db.prepare('DELETE FROM run_views WHERE trace_id = ?').run(traceId);
      const insert = this.#db.prepare('INSERT INTO run_views (trace_id, part, body) VALUES (?, ?, ?)');
      parts.forEach((body, part) => {
        insert.run(traceId, part, body);
      });
    });
  }

  #putSummary({ traceId, journey, status, startUnixNano, wallNs, layers, sentence }: RunSummary): void {
    this.#db
      .prepare(
        `INSERT OR REPLACE INTO runs (trace_id, journey, status, start_unix_nano, wall_ns, layers, sentence)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        traceId,
        storable(journey),
        status,
        BigInt(startUnixNano),
        BigInt(wallNs),
        JSON.stringify(layers),
        storable(sentence),
      );
  }

  run(traceId: string): RunView | undefined {
    const rows = this.#db.prepare('SELECT body FROM run_views WHERE trace_id = ? ORDER BY part').all(traceId);
    return unpackRunView((rows as BodyRow[]).map(bytesOf));
  }

  runs(limit = DEFAULT_RUNS): RunSummary[] {
    const sql = `SELECT ${RUN_COLUMNS} FROM runs ORDER BY start_unix_nano DESC, trace_id LIMIT ?`;
    return (this.#db.prepare(sql).all(limit) as RunRow[]).map(summaryOfRow);
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

/** SQLite's driver ends a text at its first NUL. */
const storable = (text: string): string => text.replaceAll('\0', '\ufffd');

interface BodyRow {
  readonly body: Uint8Array | ArrayBuffer;
}

/** The driver gives a blob as either, depending on how it is asked. */
const bytesOf = ({ body }: BodyRow): Uint8Array => (body instanceof Uint8Array ? body : new Uint8Array(body));

const summaryOfRow = ({
  traceId,
  journey,
  status,
  startUnixNano,
  wallNs,
  layers,
  sentence,
}: RunRow): RunSummary => ({
  traceId,
  journey,
  status,
  startUnixNano,
  wallNs,
  layers: JSON.parse(layers) as RunSummary['layers'],
  sentence,
});
