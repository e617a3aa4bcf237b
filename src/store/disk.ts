/**
 * The space that a store takes, and whether a write still fits.
 *
 * ```
 * // file   |######### used ##########|.. free ..|            pages that were freed are used again
 * // log                                          |~~~~~~|    every changed page once more, until it is in the file
 * // limit  |----------------------------------------------------------|
 * //                                                     |room|         for the log of dropping itself
 * ```
 * Asked for inside the transaction that writes: the lock is held, so nobody else grows in between.
 */
import { statSync } from 'node:fs';
import type Database from 'libsql';
import { type DiskUse, KEPT_PARTS } from '../model/keeping.ts';
import { BUSY_TIMEOUT_MS } from './prepare.ts';
import { keepPolicyIn } from './settings.ts';

/** Dropping a few runs changes this much at most, and must be possible when there is no room. */
const ROOM_FOR_DROPPING_BYTES = 2_000_000;
/** A page holds a little less than its size, a row has its keys and indexes, a table its inner pages. */
const WRITTEN_PER_BYTE = 1.15;
/** Pages that any write may touch besides its own: inner pages of the tables and indexes, the list of free pages. */
const TOUCHED_PAGES = 40;
/** Of the limit: a write is in the log and in the file for a while, and what normal is learned from stays. */
const LARGEST_WRITE = 0.8;
/** Of a page in the log, besides the page. */
const FRAME_HEAD_BYTES = 24;
/** A reader that takes longer keeps its part of the log; the next write asks again. */
const READERS_MS = 200;

export class Disk {
  readonly #db: Database.Database;
  readonly #path: string;
  readonly #pageBytes: number;

  constructor(db: Database.Database, path: string) {
    this.#db = db;
    this.#path = path;
    this.#pageBytes = this.#pragma('page_size');
  }

  get limit(): number {
    return keepPolicyIn(this.#db).sizeBytes;
  }

  /** As it is, or as it will be when the log is in it: it is cut only then. */
  get file(): number {
    return Math.max(this.#pages, sizeOf(this.#path));
  }

  /** All pages, in bytes. */
  get #pages(): number {
    return this.#pragma('page_count') * this.#pageBytes;
  }

  get free(): number {
    return this.#pragma('freelist_count') * this.#pageBytes;
  }

  get log(): number {
    return sizeOf(`${this.#path}-wal`);
  }

  /**
   * How many bytes too many there were if so many were written now; 0 when they fit. Of a file that is too large already
   * (the limit was lowered) only that it grows no more: sweeps bring it down, and no write waits for all of that.
   */
  missing(bytes: number): number {
    const growth = this.#growth(bytes);
    // one of before version 6 has no other way to fit
    if (growth === 0 && !this.canShrink) return 0;
    if (this.#pages > this.limit) return growth;
    const logged = this.#pagesFor(bytes) * (this.#pageBytes + FRAME_HEAD_BYTES);
    const file = Math.max(this.file, this.#pages + growth);
    return Math.max(0, file + this.log + logged + ROOM_FOR_DROPPING_BYTES - this.limit);
  }

  fits(bytes: number): boolean {
    return this.missing(bytes) === 0;
  }

  /** What is larger than this would empty the store, and find no room even so. */
  canEverFit(bytes: number): boolean {
    const written = this.#pagesFor(bytes) * this.#pageBytes;
    return 2 * written + ROOM_FOR_DROPPING_BYTES <= this.limit * LARGEST_WRITE;
  }

  /**
   * May the log grow by so much for making room? Dropping and shrinking are no reason to be larger than allowed either.
   * Of a file that is too large already they are the cure.
   */
  hasLogRoom(bytes: number): boolean {
    return this.file + this.log + bytes <= this.limit || this.#pages > this.limit;
  }

  #pagesFor(bytes: number): number {
    return Math.ceil((bytes * WRITTEN_PER_BYTE) / this.#pageBytes) + TOUCHED_PAGES;
  }

  #growth(bytes: number): number {
    return Math.max(0, this.#pagesFor(bytes) * this.#pageBytes - this.free);
  }

  /** Brings the log into the file and empties it, as far as readers let go of it. */
  emptyLog(): void {
    this.#db.exec(`PRAGMA busy_timeout = ${READERS_MS}`);
    try {
      this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    } finally {
      this.#db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }

  /** Gives free pages back to the file system; of a file from before version 6 there is no way but `rebuild`. */
  shrink(bytes: number): void {
    const pages = Math.ceil(bytes / this.#pageBytes);
    if (pages > 0) this.#db.prepare(`PRAGMA incremental_vacuum(${pages})`).all();
  }

  get canShrink(): boolean {
    return this.#pragma('auto_vacuum') === 2;
  }

  /** Writes the file anew, as small as it can be. Others wait, and for a while the disk holds it twice. */
  rebuild(): void {
    this.#db.exec('PRAGMA auto_vacuum = INCREMENTAL');
    this.#db.exec('VACUUM');
    this.emptyLog();
  }

  use(): DiskUse {
    const sums = KEPT_PARTS.map((part) => `sum(${part}) AS ${part}, sum(${part} > 0) AS ${part}_runs`);
    const row = this.#db.prepare(`SELECT ${sums.join(', ')} FROM run_bytes`).get() as Record<string, number>;
    const summary = this.#db.prepare('SELECT count(*) AS count FROM runs').get() as { count: number };
    const of = (name: (part: string) => string) => ({
      files: row[name('files')] ?? 0,
      spans: row[name('spans')] ?? 0,
      report: row[name('report')] ?? 0,
    });
    return {
      limit: this.limit,
      file: this.file,
      log: this.log,
      free: this.free,
      parts: of((part) => part),
      runs: { ...of((part) => `${part}_runs`), summary: summary.count },
    };
  }

  #pragma(name: string): number {
    return (this.#db.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[name]!;
  }
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
