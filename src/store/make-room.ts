/** Lets go of as much as a write needs, when the store is as large as it may be. */
import type Database from 'libsql';
import { type Drop, KEEP_ALL } from '../model/keeping.ts';
import { formatBytes } from '../model/size-text.ts';
import type { Disk } from './disk.ts';
import { dropIn, plannedIn } from './kept.ts';
import { inTransaction } from './transaction.ts';

/** Dropped in one transaction, so that another writer waits for milliseconds. */
const RUNS_AT_ONCE = 8;
const BYTES_AT_ONCE = 4_000_000;
/** Finding out what to drop looks at every run: a little more is dropped than is needed just now. */
const SHARE_AT_LEAST = 0.02;
/** Pages that change for it: those of the tables that point to what goes. */
const LOGGED_BY_A_BATCH_BYTES = 1_000_000;
/** Given back in one transaction when the file shrinks. */
const SHRINK_AT_ONCE_BYTES = 500_000;
/** Each page that moves is written, and so is what points to it. */
const LOGGED_BY_A_SHRINK_BYTES = 3 * SHRINK_AT_ONCE_BYTES;
/** Emptying the log waits for readers each time. */
const TRIES = 5;
/** The store is as large as it may be, and what is left may not go. */
export class StoreFullError extends Error {
  readonly code = 'store-full';
  constructor(bytes: number, limit: number) {
    super(
      `The store may take ${formatBytes(limit)}, and there is no room for ${formatBytes(bytes)} more: what is left may not go. Raise keep.size.`,
    );
  }
}

/**
 * Lets go of what must for so many bytes. Another process may take the room that was made: whoever writes asks again.
 * @returns false when it is of no use to ask again
 */
export function makeRoom(db: Database.Database, disk: Disk, bytes: number): boolean {
  if (!disk.canEverFit(bytes)) return false;
  disk.emptyLog();
  if (disk.fits(bytes)) return true;
  const overBytes = Math.max(disk.missing(bytes), disk.limit * SHARE_AT_LEAST);
  const drops = plannedIn(db, { ...KEEP_ALL, sizeBytes: disk.limit }, Date.now(), overBytes, false);
  for (const batch of batches(drops)) if (!dropBatch(db, disk, batch, Date.now())) return true;
  shrinkUntil(db, disk, () => disk.fits(bytes));
  return drops.length > 0 || disk.log > 0 || disk.fits(bytes);
}

/** @returns false when others hold the log, so that it has no room for it now */
export const dropBatch = (
  db: Database.Database,
  disk: Disk,
  batch: readonly Drop[],
  atUnixMs: number,
): boolean => whenLogHasRoom(db, disk, LOGGED_BY_A_BATCH_BYTES, () => dropIn(db, batch, atUnixMs));

/** Piece by piece, each a transaction. */
export function shrinkUntil(db: Database.Database, disk: Disk, isEnough: () => boolean): void {
  while (!isEnough() && disk.canShrink && disk.free > 0) {
    const work = () => disk.shrink(SHRINK_AT_ONCE_BYTES);
    if (!whenLogHasRoom(db, disk, LOGGED_BY_A_SHRINK_BYTES, work)) return;
    disk.emptyLog();
  }
}

function whenLogHasRoom(db: Database.Database, disk: Disk, bytes: number, work: () => void): boolean {
  for (let tries = 0; tries < TRIES; tries++) {
    let hasRoom = false;
    inTransaction(db, () => {
      hasRoom = disk.hasLogRoom(bytes);
      if (hasRoom) work();
    });
    if (hasRoom) return true;
    disk.emptyLog();
  }
  return false;
}

export function* batches(drops: readonly Drop[]): Generator<Drop[]> {
  let batch: Drop[] = [];
  let bytes = 0;
  for (const drop of drops) {
    if (batch.length === RUNS_AT_ONCE || (batch.length > 0 && bytes + drop.bytes > BYTES_AT_ONCE)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(drop);
    bytes += drop.bytes;
  }
  if (batch.length > 0) yield batch;
}
