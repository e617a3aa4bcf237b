/** The tables of the SQLite store, and where the file lives. */
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Kept in `PRAGMA user_version`; 0 is a new file. Raise it with a migration in `sqlite.ts`. */
export const SCHEMA_VERSION = 6;

const RUN_FILES = `
  CREATE TABLE run_files (
    trace_id TEXT NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (trace_id, name)
  ) WITHOUT ROWID;
`;
/** What a journey's history needs, so that it can be listed without reading a single view. */
const OUTCOMES = `
  ALTER TABLE runs ADD COLUMN site TEXT NOT NULL DEFAULT '';
  ALTER TABLE runs ADD COLUMN layer TEXT NOT NULL DEFAULT '';
  ALTER TABLE runs ADD COLUMN component TEXT NOT NULL DEFAULT '';
  ALTER TABLE runs ADD COLUMN cause TEXT NOT NULL DEFAULT '';
  ALTER TABLE runs ADD COLUMN healthy INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE runs ADD COLUMN steps TEXT NOT NULL DEFAULT '[]';
  CREATE INDEX runs_by_journey ON runs (journey, site, start_unix_nano);
  CREATE TABLE live_runs (
    trace_id TEXT PRIMARY KEY, state TEXT NOT NULL, told_ms INTEGER NOT NULL, body BLOB NOT NULL
  ) WITHOUT ROWID;
`;
const RUN_COLUMNS = `
  CREATE TABLE run_columns (
    trace_id TEXT NOT NULL, part INTEGER NOT NULL, made_of INTEGER, body BLOB NOT NULL,
    PRIMARY KEY (trace_id, part)
  ) WITHOUT ROWID;
`;
const RECORDS = `
  CREATE TABLE records (
    kind TEXT NOT NULL, key TEXT NOT NULL, at_ms INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key)
  ) WITHOUT ROWID;
  CREATE INDEX records_by_time ON records (kind, at_ms);
`;
const sizeTriggers = (table: string, part: (row: 'new' | 'old') => string, received = '0'): string => `
  CREATE TRIGGER ${table}_added AFTER INSERT ON ${table} BEGIN
    INSERT OR IGNORE INTO run_bytes (trace_id) VALUES (new.trace_id);
    UPDATE run_bytes SET at_ms = max(at_ms, ${received}), ${part('new')} WHERE trace_id = new.trace_id;
  END;
  CREATE TRIGGER ${table}_dropped AFTER DELETE ON ${table} BEGIN
    UPDATE run_bytes SET ${part('old').replaceAll('+', '-')} WHERE trace_id = old.trace_id;
  END;
`;
const spansOf = (row: string): string => `spans = spans + length(${row}.body)`;
const filesOf = (row: string): string => `files = files + length(${row}.body)`;
const viewOf = (row: string): string =>
  `report = report + iif(${row}.part = 0, length(${row}.body), 0), spans = spans + iif(${row}.part = 0, 0, length(${row}.body))`;

/** How much of each part is there, kept true by triggers, so that what to drop is found without reading it. */
const KEEPING = `
  ALTER TABLE runs ADD COLUMN dropped TEXT NOT NULL DEFAULT '';
  ALTER TABLE runs ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE runs ADD COLUMN stands_out INTEGER NOT NULL DEFAULT 0;
  UPDATE runs SET stands_out = 1 - healthy;
  CREATE TABLE run_bytes (
    trace_id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL DEFAULT 0, files INTEGER NOT NULL DEFAULT 0,
    spans INTEGER NOT NULL DEFAULT 0, report INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;
  INSERT INTO run_bytes
    SELECT trace_id, max(at_ms), sum(files), sum(spans), sum(report) FROM (
      SELECT trace_id, received_ms AS at_ms, 0 AS files, length(body) AS spans, 0 AS report FROM chunks
      UNION ALL SELECT trace_id, 0, 0, iif(part = 0, 0, length(body)), iif(part = 0, length(body), 0) FROM run_views
      UNION ALL SELECT trace_id, 0, 0, length(body), 0 FROM run_columns
      UNION ALL SELECT trace_id, 0, length(body), 0, 0 FROM run_files
    ) GROUP BY trace_id;
  CREATE INDEX run_bytes_heavy ON run_bytes (trace_id) WHERE files > 0 OR spans > 0;
  ${sizeTriggers('chunks', spansOf, 'new.received_ms')}
  ${sizeTriggers('run_views', viewOf)}
  ${sizeTriggers('run_columns', spansOf)}
  ${sizeTriggers('run_files', filesOf)}
`;
/** What brings a store of version N to version N + 1, by N; `sqlite.ts` fills new columns of `runs` from their views. */
export const MIGRATIONS: Readonly<Record<number, string>> = {
  1: RUN_FILES,
  2: OUTCOMES,
  3: RUN_COLUMNS,
  4: RECORDS,
  5: KEEPING,
};

/**
 * chunks     one row per trace and batch, as received; format of `body` in chunk.ts
 * runs       the run list: what a row of it shows, and what its journey's history does, in columns; dropped: which
 *            parts went, when and why, as JSON; counted: the run is in the totals of the records of kind metric;
 *            stands_out: it is not as others are, and kept longer
 * live_runs  what the probe knows so far of a run in progress; gone when the run is saved (since version 3)
 * run_views  what the viewer draws: deflated JSON in parts, part 0 everything but the spans (run-view.ts)
 * run_columns  the same of a large run as packed columns, in parts (since version 4); made_of as in RunView
 * run_files  what belongs to a run and is no span (since version 2)
 * run_bytes  how many bytes of each part of a run are there; at_ms is when its last batch came (since version 6)
 * records    small things beside the runs, as JSON: marks, alerts, what was scheduled (since version 5)
 * warnings   trace_id is NULL for those that belong to no trace
 */
export const SCHEMA = `
  CREATE TABLE chunks (
    id INTEGER PRIMARY KEY, trace_id TEXT NOT NULL, received_ms INTEGER NOT NULL, span_count INTEGER NOT NULL,
    body BLOB NOT NULL
  );
  CREATE INDEX chunks_by_trace ON chunks (trace_id);
  CREATE TABLE runs (
    trace_id TEXT PRIMARY KEY, journey TEXT NOT NULL, status TEXT NOT NULL, start_unix_nano INTEGER NOT NULL,
    wall_ns INTEGER NOT NULL, layers TEXT NOT NULL, sentence TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX runs_by_start ON runs (start_unix_nano);
  CREATE TABLE run_views (
    trace_id TEXT NOT NULL, part INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (trace_id, part)
  ) WITHOUT ROWID;
  CREATE TABLE warnings (
    id INTEGER PRIMARY KEY, trace_id TEXT, code TEXT NOT NULL, place TEXT NOT NULL, message TEXT NOT NULL
  );
  CREATE INDEX warnings_by_trace ON warnings (trace_id);
  ${RUN_FILES}
  ${OUTCOMES}
  ${RUN_COLUMNS}
  ${RECORDS}
  ${KEEPING}
`;

/** `$HEADWATER_HOME/headwater.db`, else `headwater/headwater.db` in the user's data folder (XDG Base Directory). */
export function defaultStorePath(env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (env.HEADWATER_HOME) return join(env.HEADWATER_HOME, 'headwater.db');
  return join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'headwater', 'headwater.db');
}

/** Not `recursive: true`: below /proc that never returns in Node 20. */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Makes the folder, readable by its owner only: traces tell a lot. @throws Error with what to do. */
export function makeStoreFolder(path: string): void {
  const folder = dirname(path);
  try {
    makeFolders(folder);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new Error(
      `Cannot keep traces in ${folder} (${(error as NodeJS.ErrnoException).code}). Set HEADWATER_HOME to a folder that can be written.`,
    );
  }
}
