/**
 * What the page's main thread did, from the browser's own trace (`Tracing`, category `devtools.timeline`).
 *
 * ```
 * main thread   |ParseHTML      |            |FunctionCall|
 *                  |Evaluate|                   |Layout|       inner work is part of the outer task
 * ```
 * The outermost events of the page's renderer main thread are its tasks. `RunTask` itself, which would hold them,
 * sits in a category that also reports every thread of every process: 15 000 events in a two-second journey.
 */
import { type Fields, isFields, numberOf, textOf } from '../../src/import/netlog/events.ts';
import type { CdpSession } from './cdp-session.ts';

const CATEGORIES = ['devtools.timeline'];
/** Shorter work says nothing about where a journey's time went. */
export const MIN_TASK_MS = 1;
/** Work that follows this closely belongs to the same task of the event loop. */
const JOIN_GAP_MS = 0.1;

export interface MainThreadTask {
  /** The event that took most of it: `EvaluateScript`, `Layout`. */
  readonly kind: string;
  readonly url?: string;
  readonly functionName?: string;
  /** Monotonic seconds, the same clock as Network's. */
  readonly startS: number;
  readonly endS: number;
}
export interface PageMoment {
  /** `firstContentfulPaint`, `largestContentfulPaint`, `load`, … */
  readonly name: string;
  readonly atS: number;
}
export interface MainThread {
  readonly tasks: readonly MainThreadTask[];
  readonly moments: readonly PageMoment[];
}

/** Starts the trace; the function that it returns stops it and hands the events over. */
export async function startTrace(session: CdpSession): Promise<() => Promise<Fields[]>> {
  const events: Fields[] = [];
  let complete: () => void = () => undefined;
  const completed = new Promise<void>((resolve) => {
    complete = resolve;
  });
  session.on('Tracing.dataCollected', ({ value }) => {
    if (Array.isArray(value)) events.push(...value.filter(isFields));
  });
  session.on('Tracing.tracingComplete', () => complete());
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: CATEGORIES, excludedCategories: ['*'] },
  });
  return async () => {
    await session.send('Tracing.end');
    await completed;
    return events;
  };
}

const MOMENT_BY_EVENT: Readonly<Record<string, string>> = {
  firstPaint: 'firstPaint',
  firstContentfulPaint: 'firstContentfulPaint',
  'largestContentfulPaint::Candidate': 'largestContentfulPaint',
  MarkDOMContent: 'domContentLoaded',
  MarkLoad: 'load',
};

/** The tasks of the frames with these ids, and the moments of those among them that are whole pages. */
export function readMainThread(
  events: readonly Fields[],
  frameIds: ReadonlySet<string>,
  pageFrameIds: ReadonlySet<string>,
): MainThread {
  const moments: PageMoment[] = [];
  const threads = new Set<string>();
  for (const event of events) {
    const data = dataOf(event);
    const frameId = textOf(data.frame) ?? textOf(isFields(event.args) ? event.args.frame : undefined);
    if (!frameId || !frameIds.has(frameId)) continue;
    if (event.ph === 'X') threads.add(threadOf(event));
    const name = MOMENT_BY_EVENT[textOf(event.name) ?? ''];
    const ts = numberOf(event.ts);
    if (name && ts && pageFrameIds.has(frameId)) moments.push({ name, atS: ts / 1e6 });
  }
  return { tasks: tasksOf(events.filter((e) => e.ph === 'X' && threads.has(threadOf(e)))), moments };
}

const threadOf = (event: Fields): string => `${event.pid}:${event.tid}`;

interface Work {
  readonly event: Fields;
  readonly startUs: number;
  readonly endUs: number;
}

function tasksOf(events: readonly Fields[]): MainThreadTask[] {
  const work = events
    .map((event): Work => {
      const startUs = numberOf(event.ts) ?? 0;
      return { event, startUs, endUs: startUs + (numberOf(event.dur) ?? 0) };
    })
    .sort((a, b) => a.startUs - b.startUs || b.endUs - a.endUs);
  return groupsOf(work)
    .map(taskOf)
    .filter((task) => (task.endS - task.startS) * 1_000 >= MIN_TASK_MS);
}

/** Outermost work, with what follows it at once. */
function groupsOf(work: readonly Work[]): Work[][] {
  const groups: Work[][] = [];
  let endUs = Number.NEGATIVE_INFINITY;
  for (const item of work) {
    if (item.startUs > endUs + JOIN_GAP_MS * 1_000) groups.push([]);
    groups.at(-1)?.push(item);
    endUs = Math.max(endUs, item.endUs);
  }
  return groups;
}

/** A task is named by the work in it that took longest by itself, its inner work not counted. */
function taskOf(group: readonly Work[]): MainThreadTask {
  const selfUs = new Map<Work, number>();
  const open: Work[] = [];
  for (const item of group) {
    while (open.length > 0 && (open.at(-1)?.endUs ?? 0) <= item.startUs) open.pop();
    const outer = open.at(-1);
    const lengthUs = item.endUs - item.startUs;
    if (outer) selfUs.set(outer, (selfUs.get(outer) ?? 0) - lengthUs);
    selfUs.set(item, lengthUs);
    open.push(item);
  }
  const dominant = [...selfUs].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
  const data = dataOf(dominant.event);
  return {
    kind: textOf(dominant.event.name) ?? 'task',
    url: textOf(data.url) || urlAround(group),
    functionName: textOf(data.functionName) || undefined,
    startS: Math.min(...group.map((item) => item.startUs)) / 1e6,
    endS: Math.max(...group.map((item) => item.endUs)) / 1e6,
  };
}

const urlAround = (group: readonly Work[]): string | undefined =>
  group.map(({ event }) => textOf(dataOf(event).url)).find((url) => url !== undefined && url !== '');

function dataOf(event: Fields): Fields {
  if (!isFields(event.args)) return {};
  if (isFields(event.args.data)) return event.args.data;
  return isFields(event.args.beginData) ? event.args.beginData : event.args;
}
