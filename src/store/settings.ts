/**
 * What all processes that use a store must agree on, whatever folder they were started in: how large it may become and
 * how many series are counted. Kept in the store as records of the kind `setting`.
 */
import type Database from 'libsql';
import { DEFAULT_LIMITS, type SeriesLimits } from '../metrics/guard.ts';
import { KEEP_ALL, type KeepPolicy } from '../model/keeping.ts';
import { recordIn } from './records.ts';
import type { StoreRecord } from './store.ts';

export const SETTING = 'setting';
export const KEEP_SETTING = 'keep';
export const SERIES_SETTING = 'series';
/** Trace IDs that somebody points to; told by whoever sweeps. */
export const NEEDED_SETTING = 'needed';

export const keepPolicyIn = (db: Database.Database): KeepPolicy =>
  keepPolicyOf(recordIn(db, SETTING, KEEP_SETTING));

/** JSON has no Infinity: what is missing has no bound. */
export function keepPolicyOf(record: StoreRecord | undefined): KeepPolicy {
  const told = record?.body as Partial<KeepPolicy> | undefined;
  return {
    days: told?.days ?? KEEP_ALL.days,
    failedDays: told?.failedDays ?? KEEP_ALL.failedDays,
    ordinary: told?.ordinary ?? KEEP_ALL.ordinary,
    sizeBytes: told?.sizeBytes ?? KEEP_ALL.sizeBytes,
  };
}

export const seriesLimitsIn = (db: Database.Database): SeriesLimits => ({
  ...DEFAULT_LIMITS,
  ...(recordIn(db, SETTING, SERIES_SETTING)?.body as Partial<SeriesLimits> | undefined),
});

export const neededIn = (db: Database.Database): ReadonlySet<string> =>
  new Set((recordIn(db, SETTING, NEEDED_SETTING)?.body as readonly string[] | undefined) ?? []);
