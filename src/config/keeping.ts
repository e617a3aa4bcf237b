/** Of `headwater.config.ts`: what is kept of the runs, and for how long. */
import { z } from 'zod';
import { DEFAULT_SIZE, KEEP_ALL, type KeepPolicy } from '../model/keeping.ts';
import { bytesOf } from '../model/size-text.ts';

/** Less than this holds a run or two, and the store's own log. */
const LEAST_BYTES = 16e6;
const days = z.number().positive();

export const keep = z.strictObject({
  /** Files and spans of ordinary runs; 30 unless told otherwise. */
  days: days.optional(),
  /** Those of runs that failed, had a problem, or came first after a mark; three times `days` unless told otherwise. */
  failedDays: days.optional(),
  /** Of the file on the disk; it is never larger. 5GB unless told otherwise. */
  size: z
    .string()
    .refine(
      (text) => (bytesOf(text) ?? 0) >= LEAST_BYTES,
      'must be a size of 16MB or more, such as 500MB or 5GB',
    )
    .optional(),
  /** The share of ordinary runs that are kept whole, 0 to 1; 0.1 unless told otherwise. */
  ordinary: z.number().min(0).max(1).optional(),
});

const DEFAULT_DAYS = 30;
const DEFAULT_ORDINARY = 0.1;
/** What went wrong is asked for longer: until the next quarter's review. */
const FAILED_DAYS_PER_DAY = 3;

/** Without `keep` in the configuration only the size is bounded: somebody who tries it out wants to see all of it. */
export function keepPolicy(config: z.infer<typeof keep> | undefined): KeepPolicy {
  if (!config) return KEEP_ALL;
  const ordinaryDays = config.days ?? DEFAULT_DAYS;
  return {
    days: ordinaryDays,
    failedDays: config.failedDays ?? FAILED_DAYS_PER_DAY * ordinaryDays,
    ordinary: config.ordinary ?? DEFAULT_ORDINARY,
    sizeBytes: bytesOf(config.size ?? DEFAULT_SIZE)!,
  };
}
