/**
 * Cron as croner reads it (https://croner.56k.guru/), on the wall clock of a time zone.
 *
 * croner answers for a wall clock without changes; what a change of the clocks means is decided here, because a run
 * must be neither lost nor made twice by it:
 * ```
 * hours are named (`30 2 * * *`, `0 8-18 * * *`): each time of the wall clock counts once
 *   jumped over   01:59 → 03:00   a time in between is walked at 03:00
 *   repeated      02:59 → 02:00   the first 02:30 counts, the second does not
 * every hour (`0 * * * *`): real time goes on, so nothing is jumped over and both hours count
 * ```
 */
import { Cron } from 'croner';
import { instantsOf, offsetsAround } from './zone.ts';

/** Where a search for any time at all begins; a leap year is in reach. */
const ANY_TIME = new Date('2024-01-01T00:00:00Z');

/** What is wrong with the text; undefined when it can be used. */
export function cronFault(text: string): string | undefined {
  if (!/^@\w+$/.test(text.trim()) && !/^\S+(\s+\S+){4,5}$/.test(text.trim()))
    return `"${text}" is no cron line: give five fields (minute hour day month weekday), such as 0 8-18 * * 1-5`;
  try {
    if (wallCron(text).nextRun(ANY_TIME)) return undefined;
    return `"${text}" names a day that never comes`;
  } catch (error) {
    return `"${text}" is no cron line: ${reasonOf(error)}`;
  }
}

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/^CronPattern: /, '').replace(/\.$/, '');

/** Wall clock times as if they were UTC, which knows no changes. */
const wallCron = (text: string): Cron =>
  new Cron(text.trim(), { utcOffset: 0, paused: true, mode: '5-or-6-parts' });

/** The next instant after one; undefined when there is none. */
export type NextAfter = (unixMs: number) => number | undefined;

export function cronTimes(text: string, zone: string): NextAfter {
  const cron = wallCron(text);
  const isEveryHour = cron.getPattern()?.split(/\s+/).at(-4) === '*';
  const walked = (wallMs: number): number[] => {
    const { instants, jumpMs } = instantsOf(zone, wallMs);
    if (isEveryHour) return instants;
    return instants.slice(0, 1).concat(jumpMs ?? []);
  };
  return remembering((unixMs) => {
    // Near a change the wall clock may show again what it has shown: begin at what it shows least.
    let wall: Date | null = new Date(unixMs + Math.min(...offsetsAround(zone, unixMs)) - 1);
    let best: number | undefined;
    for (;;) {
      wall = cron.nextRun(wall);
      if (!wall) return best;
      const instants = walked(wall.getTime());
      const later = instants.filter((instant) => instant > unixMs);
      if (best !== undefined && (instants[0] ?? 0) >= best) return best;
      best = Math.min(best ?? Number.POSITIVE_INFINITY, ...later);
      if (!Number.isFinite(best)) best = undefined;
    }
  });
}

/** Of one look at the schedule: what is asked again before anything has changed. */
const ANSWERS_REMEMBERED = 8;

function remembering(nextAfter: NextAfter): NextAfter {
  const answers = new Map<number, number | undefined>();
  return (unixMs) => {
    if (answers.has(unixMs)) return answers.get(unixMs);
    if (answers.size >= ANSWERS_REMEMBERED) answers.clear();
    const next = nextAfter(unixMs);
    answers.set(unixMs, next);
    return next;
  };
}
