/** One write, whole or not at all. */
import type Database from 'libsql';

/** Takes the write lock first, so that waiting happens before work, never in the middle of it. */
export function inTransaction(db: Database.Database, work: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
