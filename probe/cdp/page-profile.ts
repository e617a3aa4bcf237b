/**
 * The sampling profiler of the pages' main threads, as trace events: they come in pieces, across navigations too, and on
 * the clock of all other events.
 *
 * ```
 * // Profile       pid 7 id 0x1   startTime
 * // ProfileChunk  pid 7 id 0x1   nodes, samples, timeDeltas      again and again, nodes only once
 * ```
 */
import { type Fields, isFields, numberOf, textOf } from '../../src/import/netlog/events.ts';
import type { V8Node, V8Profile } from '../../src/import/v8-profile.ts';
import { TRACE_CATEGORIES } from './browser-trace.ts';
import { dataOf, frameOf, threadOf } from './trace-events.ts';

/** Sampled each 0.2 ms or so. */
export const PROFILE_CATEGORIES: readonly string[] = [
  ...TRACE_CATEGORIES,
  'disabled-by-default-v8.cpu_profiler',
];

interface Gathered {
  readonly startTime: number;
  readonly nodes: V8Node[];
  readonly samples: number[];
  readonly timeDeltas: number[];
}

/** Of the threads that drew the frames with these ids. */
export function readPageProfiles(events: readonly Fields[], frameIds: ReadonlySet<string>): V8Profile[] {
  const threads = new Set(
    events.flatMap((event) => (frameIds.has(frameOf(event) ?? '') ? threadOf(event) : [])),
  );
  const profiles = new Map<string, Gathered>();
  for (const event of events) {
    const key = `${numberOf(event.pid)} ${textOf(event.id)}`;
    if (event.name === 'Profile' && threads.has(threadOf(event)))
      profiles.set(key, {
        startTime: numberOf(dataOf(event).startTime) ?? numberOf(event.ts) ?? 0,
        ...{ nodes: [], samples: [], timeDeltas: [] },
      });
    else if (event.name === 'ProfileChunk') addChunk(profiles.get(key), dataOf(event));
  }
  return [...profiles.values()].filter(({ samples }) => samples.length > 0);
}

function addChunk(profile: Gathered | undefined, { cpuProfile, timeDeltas }: Fields): void {
  if (!profile || !isFields(cpuProfile)) return;
  const samples = numbersIn(cpuProfile.samples);
  profile.samples.push(...samples);
  profile.timeDeltas.push(...numbersIn(timeDeltas).slice(0, samples.length));
  if (Array.isArray(cpuProfile.nodes))
    profile.nodes.push(...cpuProfile.nodes.filter(isFields).flatMap((node) => nodeOf(node) ?? []));
}

const numbersIn = (list: unknown): number[] =>
  Array.isArray(list) ? list.map((value) => numberOf(value) ?? 0) : [];

function nodeOf({ id, parent, callFrame }: Fields): V8Node | undefined {
  const number = numberOf(id);
  if (number === undefined || !isFields(callFrame)) return undefined;
  const above = numberOf(parent);
  const line = numberOf(callFrame.lineNumber);
  return {
    id: number,
    ...(above === undefined ? {} : { parent: above }),
    callFrame: {
      functionName: textOf(callFrame.functionName) ?? '',
      url: textOf(callFrame.url) ?? '',
      ...(line === undefined ? {} : { lineNumber: line }),
    },
  };
}
