/**
 * From a person's input to the next paint, from the trace's `EventTiming` pairs (https://w3c.github.io/event-timing/).
 * The events of one interaction (`pointerdown`, `pointerup`, `click`) share an id; 0 is no interaction.
 *
 * ```
 * // pointerdown  |--------------------------|
 * // click          |========handlers====|---|     begins with the first, ends with the last paint
 * //              |delay|   processing   |presentation|
 * ```
 */
import { type Fields, numberOf, textOf } from '../../src/import/netlog/events.ts';
import { dataOf, frameOf } from './trace-events.ts';

export interface Interaction {
  /** `click`, `keydown`: the event whose handlers took longest. */
  readonly kind: string;
  /** Monotonic seconds. */
  readonly startS: number;
  readonly endS: number;
  readonly inputDelayMs: number;
  readonly processingMs: number;
  readonly presentationMs: number;
}

/** A person types some hundred keys in a journey; a script that dispatches events for ever is no person. */
const MAX_INTERACTIONS = 500;

interface Timing {
  readonly kind: string;
  readonly startUs: number;
  readonly durationMs: number;
  /** Milliseconds after the event. */
  readonly processingStartMs: number;
  readonly processingEndMs: number;
}

export function readInteractions(events: readonly Fields[], frameIds: ReadonlySet<string>): Interaction[] {
  const timingsById = new Map<string, Timing[]>();
  for (const event of events) {
    if (event.name !== 'EventTiming' || event.ph !== 'b') continue;
    const frame = frameOf(event);
    const id = numberOf(dataOf(event).interactionId);
    const timing = timingOf(event);
    if (!id || !timing || !frame || !frameIds.has(frame)) continue;
    const key = `${frame} ${id}`;
    timingsById.set(key, [...(timingsById.get(key) ?? []), timing]);
    if (timingsById.size >= MAX_INTERACTIONS) break;
  }
  return [...timingsById.values()].map(interactionOf);
}

function timingOf(event: Fields): Timing | undefined {
  const data = dataOf(event);
  const startUs = numberOf(event.ts);
  const [stampMs, durationMs, start, end] = [
    data.timeStamp,
    data.duration,
    data.processingStart,
    data.processingEnd,
  ].map((value) => numberOf(value));
  if (startUs === undefined || stampMs === undefined || !durationMs || durationMs < 0) return undefined;
  if (start === undefined || end === undefined || start < stampMs || end < start) return undefined;
  return {
    kind: textOf(data.type) ?? 'input',
    startUs,
    durationMs,
    processingStartMs: start - stampMs,
    processingEndMs: end - stampMs,
  };
}

function interactionOf(timings: readonly Timing[]): Interaction {
  const startUs = Math.min(...timings.map((t) => t.startUs));
  const endUs = Math.max(...timings.map((t) => t.startUs + t.durationMs * 1_000));
  const after = (t: Timing, ms: number) => (t.startUs - startUs) / 1_000 + ms;
  const delayMs = Math.min(...timings.map((t) => after(t, t.processingStartMs)));
  const processedMs = Math.max(...timings.map((t) => after(t, t.processingEndMs)));
  const busiest = timings.reduce((a, b) => (lengthOf(b) > lengthOf(a) ? b : a));
  return {
    kind: busiest.kind,
    startS: startUs / 1e6,
    endS: endUs / 1e6,
    inputDelayMs: delayMs,
    processingMs: processedMs - delayMs,
    presentationMs: Math.max(0, (endUs - startUs) / 1_000 - processedMs),
  };
}

const lengthOf = (timing: Timing): number => timing.processingEndMs - timing.processingStartMs;
