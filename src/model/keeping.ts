/**
 * What is kept of a run, and for how long.
 *
 * ```
 * // part      what it is                                        goes
 * // files     pictures, NetLogs, samples of hosts               first
 * // spans     as they were reported, and as they are drawn      then
 * // report    verdict, ledger by step, path: one small object   late
 * // (the row: time, layers, steps, sentence)                    never
 * ```
 */
import type { RunSummary } from './report.ts';

export const KEPT_PARTS = ['files', 'spans', 'report'] as const;
export type KeptPart = (typeof KEPT_PARTS)[number];

/** The key of the configuration that a part went by. */
export const DROPPED_BY = ['days', 'failedDays', 'ordinary', 'size'] as const;
export type DroppedBy = (typeof DROPPED_BY)[number];

export interface PartDropped {
  /** Unix ms. */
  readonly atUnixMs: number;
  readonly by: DroppedBy;
}
export type Dropped = Readonly<Partial<Record<KeptPart, PartDropped>>>;

/** Infinity: no bound. */
export interface KeepPolicy {
  /** Of ordinary runs. */
  readonly days: number;
  /** Of those that failed, had a problem, or were the first after a mark; and of every run's report. */
  readonly failedDays: number;
  /** The share of ordinary runs whose files and spans are kept: 0 to 1. */
  readonly ordinary: number;
  /** Of the file on the disk, its write-ahead log included. */
  readonly sizeBytes: number;
}

/** Nobody fills a disk by not knowing of this. */
export const DEFAULT_SIZE = '5GB';
/** Nobody said anything: all is kept that there is room for. */
export const KEEP_ALL: KeepPolicy = { days: Infinity, failedDays: Infinity, ordinary: 1, sizeBytes: 5e9 };

/** A run, or a trace that belongs to none, that has something to drop. */
export interface KeptRun {
  readonly traceId: string;
  readonly journey: string;
  readonly site: string;
  /** loose: spans of a trace that is no run. */
  readonly status: RunSummary['status'] | 'loose';
  readonly healthy: boolean;
  /** It failed, had a problem, or was not as usual: somebody will want to look into it. */
  readonly standsOut: boolean;
  /** When it began; of a loose one, when the last of it came. */
  readonly atUnixMs: number;
  /** 0: nothing is there, or no more. */
  readonly bytes: Readonly<Record<KeptPart, number>>;
}

export interface Drop {
  readonly traceId: string;
  readonly part: KeptPart;
  readonly by: DroppedBy;
  readonly bytes: number;
}

/** What a store takes on the disk, in bytes. */
export interface DiskUse {
  readonly limit: number;
  /** The database and its write-ahead log, as the file system has them. */
  readonly file: number;
  readonly log: number;
  /** Inside the file, to be used again. */
  readonly free: number;
  /** By part; what is left of the file are rows and indexes. */
  readonly parts: Readonly<Record<KeptPart, number>>;
  /** How many runs, and traces that belong to none, still have each part; and how many runs there are at all. */
  readonly runs: Readonly<Record<KeptPart | 'summary', number>>;
}

/** `its spans were dropped on 2026-11-28 by keep.days`. Undefined when all of the run is there. */
export function droppedText(dropped: Dropped | undefined): string | undefined {
  const told = KEPT_PARTS.flatMap((part) => {
    const gone = dropped?.[part];
    if (!gone) return [];
    return `its ${part} ${part === 'report' ? 'was' : 'were'} dropped on ${dayOf(gone.atUnixMs)} by keep.${gone.by}`;
  });
  return told.length > 0 ? told.join('; ') : undefined;
}

const dayOf = (unixMs: number): string => new Date(unixMs).toISOString().slice(0, 10);
