/** A point in time as a person types it. */
import { InvalidArgumentError } from 'commander';

const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;
const ISO = /^\d{4}-\d{2}-\d{2}/;

/**
 * @param text `14:03` today, `2026-11-28T14:03Z`, `2026-11-28 14:03`: local time where no zone is given
 * @returns Unix ms
 */
export function momentOf(text: string): number {
  const clock = CLOCK.exec(text.trim());
  const ms = clock ? today(clock) : ISO.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('It must be a time such as 14:03 or 2026-11-28T14:03Z.');
  return ms;
}

const today = ([, hours, minutes, seconds = '0']: RegExpExecArray): number =>
  new Date().setHours(Number(hours), Number(minutes), Number(seconds), 0);
