/** Brings a database file to what this version of Headwater reads and writes. */
import type Database from 'libsql';
import { outcomeOf } from '../analyse/journey/outcome.ts';
import { fillTotals } from './count.ts';
import { putRow } from './run-row.ts';
import { outlineIn } from './run-view.ts';
import { MIGRATIONS, SCHEMA, SCHEMA_VERSION } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** Longer than any of our transactions by far; a writer that waits this long has met a stuck process. */
export const BUSY_TIMEOUT_MS = 10_000;
/** After a large run the log is cut to this; what it holds in between is a few MB. */
const MOST_LOG_BYTES = 8_000_000;

export function openError(error: unknown, path: string): Error {
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

export function prepare(db: Database.Database, path: string): void {
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  // of a new file only: free pages can be given back
  db.exec('PRAGMA auto_vacuum = INCREMENTAL');
  db.exec('PRAGMA journal_mode = WAL');
  db.exec(`PRAGMA journal_size_limit = ${MOST_LOG_BYTES}`);
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
  if (version > 0 && version < TOTALS_SINCE) fillTotals(db);
  db.exec(`PRAGMA user_version = ${Math.max(version, SCHEMA_VERSION)}`);
}

const OUTCOMES_SINCE = 3;
const TOTALS_SINCE = 6;

/** Runs of an older store know their history's columns only inside their views. */
function fillOutcomes(db: Database.Database): void {
  const ids = db.prepare("SELECT trace_id AS id FROM runs WHERE status <> 'running'").all() as {
    id: string;
  }[];
  for (const { id } of ids) {
    const view = outlineIn(db, id);
    if (view) putRow(db, outcomeOf(view));
  }
}

const versionOf = (db: Database.Database): number =>
  (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
