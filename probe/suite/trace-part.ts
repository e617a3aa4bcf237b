/** The part of a browser's trace that one test is in: its events carry the browser's monotonic microseconds. */
import { type Fields, numberOf } from '../../src/import/netlog/events.ts';
import { browserClock } from '../spans/browser-clock.ts';
import type { TestRecord } from './test-record.ts';

/** What began while the test was on. A test that asked for nothing has no way to tell when that was. */
export function tracePart(
  events: readonly Fields[],
  { seen, windowMs: [fromMs, toMs] }: Pick<TestRecord, 'seen' | 'windowMs'>,
): readonly Fields[] {
  const clock = browserClock(seen.network.requests);
  if (!clock) return [];
  const unixMs = (event: Fields) => clock.unixMs(timeOf(event) / 1e6);
  return events.slice(
    firstAt(events, (event) => unixMs(event) >= fromMs),
    firstAt(events, (event) => unixMs(event) > toMs),
  );
}

const timeOf = (event: Fields): number => numberOf(event.ts) ?? 0;

/** Index of the first event for which it holds, of events for which it first does not and then does. */
function firstAt(events: readonly Fields[], holds: (event: Fields) => boolean): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(events[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
