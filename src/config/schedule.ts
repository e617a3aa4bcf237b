/**
 * Of `headwater.config.ts`: when journeys are walked.
 *
 * ```ts
 * schedule: { concurrency: 1, stopWithin: '60s', jitter: '20s' },
 * journeys: {
 *   'sign-in': { run: './sign-in.journey.ts', url: 'https://shop.example', every: '5m' },
 *   buy: { cron: '0 8-18 * * 1-5', timeZone: 'Europe/Berlin', retries: 2, catchUp: 'skip' },
 * }
 * ```
 */
import { z } from 'zod';
import { durationNs } from '../model/duration-text.ts';
import { cronFault } from '../schedule/cron.ts';
import { isTimeZone } from '../schedule/zone.ts';
import { duration } from './duration.ts';

/** A browser takes about a second to start: less is a load test, not a watch. */
const SHORTEST_INTERVAL = '1s';
/** More tries than this hide a fault instead of outliving a hiccup. */
const MOST_RETRIES = 5;

const httpAddress = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'must be an address such as https://shop.example/',
  );
const atLeast = (least: string) =>
  duration.refine(
    (text) => (durationNs(text) ?? Number.POSITIVE_INFINITY) >= (durationNs(least) ?? 0),
    `must be ${least} or longer`,
  );
const catchUp = z.enum(['skip', 'once', 'all'], { error: "must be 'skip', 'once' or 'all'" });
const timeZone = z
  .string()
  .refine(isTimeZone, { error: ({ input }) => `"${input}" is no time zone: give one such as Europe/Berlin` });

/** Keys of one entry of `journeys`. */
export const journeySchedule = {
  /** A file, a name in `scenarios/` or an address; the entry's key when missing. */
  run: z.string().min(1, 'must be a file, a name or an address').optional(),
  /** Where it starts; the `url` of all journeys when missing. */
  url: httpAddress.optional(),
  /** `5m`: counted from midnight UTC of 1 January 1970, so that a restart changes nothing. */
  every: atLeast(SHORTEST_INTERVAL).optional(),
  /** Five fields, or six with seconds first: `0 8-18 * * 1-5`. */
  cron: z
    .string()
    .superRefine((text, context) => {
      const fault = cronFault(text);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    })
    .optional(),
  /** Of `cron`, and for reading; this machine's when missing. */
  timeZone: timeZone.optional(),
  /** At most so much later, always the same for the same time, so that not all begin at once. */
  jitter: duration.optional(),
  /** Of one try. */
  timeout: atLeast(SHORTEST_INTERVAL).optional(),
  /** More tries after a failed one; 1 when missing. Every try is kept as a run. */
  retries: z
    .number()
    .int('must be a whole number')
    .min(0, 'must be 0 or more')
    .max(MOST_RETRIES, `must be ${MOST_RETRIES} or less`)
    .optional(),
  /** After sleep or downtime: no run for what was missed, one, or all of them. */
  catchUp: catchUp.optional(),
  /** `false` leaves it out. */
  enabled: z.boolean().optional(),
};

type JourneySchedule = z.infer<z.ZodObject<typeof journeySchedule>>;

/** What one key alone cannot say. */
export function checkJourneySchedule(entry: JourneySchedule, context: z.RefinementCtx): void {
  const fault = (key: keyof JourneySchedule, message: string): void =>
    context.addIssue({ code: 'custom', path: [key], message });
  const { every, cron, jitter } = entry;
  if (every !== undefined && cron !== undefined)
    fault('cron', 'stands beside every: give one of them, not both');
  const [jitterNs, everyNs] = [jitter, every].map((text) => durationNs(text ?? ''));
  if (jitterNs !== undefined && everyNs !== undefined && jitterNs >= everyNs)
    fault('jitter', `must be shorter than every (${every})`);
}

export const schedule = z.strictObject({
  /** How many journeys are walked at once; 1 when missing, since browsers beside each other slow each other down. */
  concurrency: z.number().int('must be a whole number').min(1, 'must be 1 or more').optional(),
  /** How long a run in flight may take to end when the schedule is stopped; it is broken off then. */
  stopWithin: duration.optional(),
  /** For every journey that says nothing else. */
  jitter: duration.optional(),
  catchUp: catchUp.optional(),
});
