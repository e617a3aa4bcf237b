/**
 * What idle time on the main thread was waiting for, where the trace says so.
 *
 * ```
 * // main thread   |--script--|                    |--timer--|
 * // timer            |set-------------------fired|               setTimeout(…, 300)
 * // frame            |asked------|fired|                          requestAnimationFrame
 * // commit   |answer-----|first work|                            the document went to its renderer
 * ```
 * A wait that ended in no task worth showing and in no request is left out: nothing was waiting for it.
 */
import { type Fields, numberOf, textOf } from '../../src/import/netlog/events.ts';
import type { MainThreadTask } from './main-thread-task.ts';
import { dataOf, frameOf, threadOf } from './trace-events.ts';

export interface PageWait {
  readonly kind: 'timer' | 'frame' | 'commit';
  /** Monotonic seconds. */
  readonly startS: number;
  readonly endS: number;
  /** What `setTimeout` was asked for. */
  readonly askedMs?: number;
}

/** Shorter waits are not worth a row. */
const MIN_WAIT_S = 0.001;
/** A task that begins this long after the timer fired or the document was committed was begun by it. */
const STARTS_WITHIN_S = 0.001;
/** A page that polls sets timers for ever. */
const MAX_WAITS = 500;

export function readWaits(
  events: readonly Fields[],
  frameIds: ReadonlySet<string>,
  tasks: readonly MainThreadTask[],
): PageWait[] {
  const inTime = [...events].sort((a, b) => (numberOf(a.ts) ?? 0) - (numberOf(b.ts) ?? 0));
  const starts = [...tasks.map((task) => task.startS), ...sendsOf(events, frameIds)].sort((a, b) => a - b);
  return scheduled(inTime, frameIds)
    .filter((wait) => wait.endS - wait.startS >= MIN_WAIT_S && startsTask(starts, wait.endS))
    .sort((a, b) => b.endS - b.startS - (a.endS - a.startS))
    .slice(0, MAX_WAITS);
}

/** When the page asked for something: what a timer began may be no more than that. */
const sendsOf = (events: readonly Fields[], frameIds: ReadonlySet<string>): number[] =>
  events
    .filter((event) => event.name === 'ResourceSendRequest' && frameIds.has(frameOf(event) ?? ''))
    .map(({ ts }) => (numberOf(ts) ?? 0) / 1e6);

interface Asked {
  readonly atS: number;
  readonly askedMs?: number;
  /** `setInterval`: asks again whenever it fires. */
  readonly repeats: boolean;
}

function scheduled(events: readonly Fields[], frameIds: ReadonlySet<string>): PageWait[] {
  const open = new Map<string, Asked>();
  const waits: PageWait[] = [];
  for (const event of events) {
    const frame = frameOf(event);
    const ts = numberOf(event.ts);
    if (!frame || ts === undefined || !frameIds.has(frame)) continue;
    const atS = ts / 1e6;
    const data = dataOf(event);
    const timer = `timer ${threadOf(event)} ${numberOf(data.timerId)}`;
    const animation = `frame ${threadOf(event)} ${frame} ${numberOf(data.id)}`;
    const fire = (key: string, kind: PageWait['kind']) => {
      const asked = open.get(key);
      if (!asked) return;
      waits.push({ kind, startS: asked.atS, endS: atS, askedMs: asked.askedMs });
      if (asked.repeats) open.set(key, { ...asked, atS });
      else open.delete(key);
    };
    const name = textOf(event.name);
    if (name === 'TimerInstall')
      open.set(timer, { atS, askedMs: numberOf(data.timeout), repeats: data.singleShot === false });
    else if (name === 'TimerRemove') open.delete(timer);
    else if (name === 'TimerFire') fire(timer, 'timer');
    else if (name === 'RequestAnimationFrame') open.set(animation, { atS, repeats: false });
    else if (name === 'FireAnimationFrame') fire(animation, 'frame');
  }
  return waits;
}

function startsTask(starts: readonly number[], atS: number): boolean {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) >= atS - STARTS_WITHIN_S) high = middle;
    else low = middle + 1;
  }
  return (starts[low] ?? Number.POSITIVE_INFINITY) <= atS + STARTS_WITHIN_S;
}

/** When each document was handed to its renderer: frame, address and monotonic seconds. */
export interface Commit {
  readonly frameId: string;
  readonly url: string;
  readonly atS: number;
}

export function readCommits(events: readonly Fields[], frameIds: ReadonlySet<string>): Commit[] {
  return events.flatMap((event) => {
    const frameId = frameOf(event);
    const ts = numberOf(event.ts);
    if (event.name !== 'CommitLoad' || !frameId || ts === undefined || !frameIds.has(frameId)) return [];
    return { frameId, url: textOf(dataOf(event).url) ?? '', atS: ts / 1e6 };
  });
}
