/**
 * What a main-thread task was made of: its time by kind of work, and the stretches in which scripts had it.
 *
 * ```
 * task             |ParseHTML----------------------------------|
 * inner work          |EvaluateScript-----------| |Evaluate|
 *                        |FunctionCall| |Layout|
 * parts               |run script /a.js---------|               the second is too short for a row
 * ```
 */
import { type Fields, numberOf, textOf } from '../../src/import/netlog/events.ts';
import type { TaskPart, Work } from './main-thread-task.ts';
import { dataOf } from './trace-events.ts';

/** A script that had the thread for less is told by its task's name well enough. */
const MIN_PART_US = 20_000;

const WORK_BY_EVENT: readonly (readonly [RegExp, string])[] = [
  [
    /^(v8\.|Evaluate|FunctionCall|Timer|FireAnimation|FireIdle|EventDispatch|XHR|RunMicrotasks|Compile)/,
    'script',
  ],
  [/^(UpdateLayoutTree|RecalculateStyles|ParseAuthorStyleSheet)/, 'style'],
  [/^(Layout|PrePaint.*Layout|HitTest)$/, 'layout'],
  [/^(PrePaint|Paint|Layerize|Commit|UpdateLayer|CompositeLayers|RasterTask|Decode)/, 'paint'],
  [/^(ParseHTML|HTMLDocumentParser)/, 'parse'],
  [/GC/, 'garbage collection'],
];

/** Milliseconds by kind of work. @param selfUs each event's own time, inner work not counted */
export function msByWork(selfUs: ReadonlyMap<Work, number>): Record<string, number> {
  const ms: Record<string, number> = {};
  for (const [{ event }, us] of selfUs) {
    const work = workOf(event);
    ms[work] = (ms[work] ?? 0) + us / 1_000;
  }
  return ms;
}

const workOf = ({ name }: Fields): string =>
  WORK_BY_EVENT.find(([pattern]) => pattern.test(textOf(name) ?? ''))?.[1] ?? 'other';

/** The outermost scripts of a task. @param group by start, outer work first */
export function scriptParts(group: readonly Work[], selfUs: ReadonlyMap<Work, number>): TaskPart[] {
  const parts: TaskPart[] = [];
  let coveredUs = Number.NEGATIVE_INFINITY;
  for (const item of group) {
    if (item.startUs < coveredUs || workOf(item.event) !== 'script') continue;
    coveredUs = item.endUs;
    if (item.endUs - item.startUs >= MIN_PART_US) parts.push(partOf(item, group, selfUs));
  }
  return parts;
}

/** A timer or an event says little by itself: the script that it called names the part. */
function partOf(outer: Work, group: readonly Work[], selfUs: ReadonlyMap<Work, number>): TaskPart {
  const inside = group.filter(({ startUs, endUs }) => startUs >= outer.startUs && endUs <= outer.endUs);
  const named = longestNamed(inside) ?? outer;
  const data = dataOf(named.event);
  return {
    kind: textOf(named.event.name) ?? 'task',
    url: textOf(data.url) || undefined,
    functionName: textOf(data.functionName) || undefined,
    lineNumber: numberOf(data.lineNumber),
    msByWork: msByWork(new Map(inside.map((work) => [work, selfUs.get(work) ?? 0]))),
    startS: outer.startUs / 1e6,
    endS: outer.endUs / 1e6,
  };
}

function longestNamed(inside: readonly Work[]): Work | undefined {
  let longest: Work | undefined;
  for (const work of inside) {
    if (workOf(work.event) !== 'script' || !textOf(dataOf(work.event).url)) continue;
    if (!longest || work.endUs - work.startUs > longest.endUs - longest.startUs) longest = work;
  }
  return longest;
}
