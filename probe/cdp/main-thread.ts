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
import { type Fields, numberOf, textOf } from '../../src/import/netlog/events.ts';
import { present } from '../../src/model/attributes.ts';
import type { Attributes } from '../../src/model/span.ts';
import { type Interaction, readInteractions } from './interactions.ts';
import type { MainThreadTask, Work } from './main-thread-task.ts';
import { type Commit, type PageWait, readCommits, readWaits } from './page-waits.ts';
import { msByWork, scriptParts } from './task-parts.ts';
import { dataOf, frameOf, threadOf } from './trace-events.ts';

/** Shorter work says nothing about where a journey's time went. */
export const MIN_TASK_MS = 1;
/** Work that follows this closely belongs to the same task of the event loop. */
const JOIN_GAP_MS = 0.1;

export interface PageMoment {
  /** `firstContentfulPaint`, `largestContentfulPaint`, `load`, … */
  readonly name: string;
  readonly atS: number;
  readonly attributes: Attributes;
}
export interface MainThread {
  readonly tasks: readonly MainThreadTask[];
  readonly moments: readonly PageMoment[];
  readonly interactions: readonly Interaction[];
  readonly waits: readonly PageWait[];
  readonly commits: readonly Commit[];
  /** When a page saw a key or a changed field, monotonic seconds. */
  readonly typedS: readonly number[];
}

export const NO_MAIN_THREAD: MainThread = {
  tasks: [],
  moments: [],
  interactions: [],
  waits: [],
  commits: [],
  typedS: [],
};

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
    const frameId = frameOf(event);
    if (!frameId || !frameIds.has(frameId)) continue;
    if (event.ph === 'X') threads.add(threadOf(event));
    const name = MOMENT_BY_EVENT[textOf(event.name) ?? ''];
    const ts = numberOf(event.ts);
    if (name && ts && pageFrameIds.has(frameId))
      moments.push({ name, atS: ts / 1e6, attributes: paintedElement(dataOf(event)) });
  }
  const tasks = tasksOf(events.filter((e) => e.ph === 'X' && threads.has(threadOf(e))));
  return {
    tasks,
    moments,
    interactions: readInteractions(events, frameIds),
    waits: readWaits(events, frameIds, tasks),
    commits: readCommits(events, frameIds),
    typedS: events.filter(isTyping).flatMap(({ ts }) => (numberOf(ts) ?? Number.NaN) / 1e6 || []),
  };
}

/** In any page: which of them is in the picture does not matter. */
const isTyping = (event: Fields): boolean =>
  event.name === 'EventDispatch' &&
  /^(beforeinput|input|keydown|keypress|paste)$/.test(textOf(dataOf(event).type) ?? '');

/** What the largest paint was of: the kind of element, never its text. */
const paintedElement = (data: Fields): Attributes =>
  present({
    'headwater.paint.element': textOf(data.nodeName),
    'headwater.paint.kind': textOf(data.type),
    'headwater.paint.pixels': numberOf(data.size),
  });

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
  const parts = scriptParts(group, selfUs);
  return {
    kind: textOf(dominant.event.name) ?? 'task',
    url: textOf(data.url) || urlAround(group),
    functionName: textOf(data.functionName) || undefined,
    lineNumber: numberOf(data.lineNumber),
    begunBy: begunBy(group[0]),
    cpuMs: cpuMsOf(group),
    msByWork: msByWork(selfUs),
    ...(parts.length > 0 && { parts }),
    startS: Math.min(...group.map((item) => item.startUs)) / 1e6,
    endS: Math.max(...group.map((item) => item.endUs)) / 1e6,
  };
}

/** `tdur` counts the thread's own processor time; inner work is part of the outer. */
function cpuMsOf(group: readonly Work[]): number | undefined {
  let us = 0;
  let endUs = Number.NEGATIVE_INFINITY;
  for (const { event, startUs, endUs: itemEndUs } of group) {
    if (startUs < endUs) continue;
    const tdur = numberOf(event.tdur);
    if (tdur === undefined) return undefined;
    us += tdur;
    endUs = itemEndUs;
  }
  return us / 1_000;
}

function begunBy(first: Work | undefined): string | undefined {
  if (!first) return undefined;
  const name = textOf(first.event.name);
  if (name === 'TimerFire') return 'timer';
  if (name === 'FireAnimationFrame') return 'animation frame';
  if (name === 'EventDispatch') return `event ${textOf(dataOf(first.event).type) ?? ''}`.trim();
  return undefined;
}

const urlAround = (group: readonly Work[]): string | undefined =>
  group.map(({ event }) => textOf(dataOf(event).url)).find((url) => url !== undefined && url !== '');
