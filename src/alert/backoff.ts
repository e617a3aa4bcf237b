/** When a message that was not taken is tried again. */

const FIRST_WAIT_MS = 5_000;
/** A channel that comes back is noticed within five minutes. */
const LONGEST_WAIT_MS = 5 * 60_000;

/**
 * Twice as long after each attempt, and half of it left to chance, so that many senders do not come back as one.
 * @param attempts how many have failed, at least 1
 * @param random 0 to 1
 * @param retryAfterMs what the other side asked for; it is never asked sooner
 */
export function waitMs(attempts: number, random: number, retryAfterMs = 0): number {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempts - 1));
  return Math.max(Math.round(most / 2 + (most / 2) * random), retryAfterMs);
}
