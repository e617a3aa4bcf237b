/**
 * What kept a page's main thread from drawing for longer than 50 ms, as the page's own timeline tells it: for pages whose
 * browser trace is not taken. Observed in a world of its own, which the page's scripts neither see nor slow down.
 *
 * ```
 * // frame    |.....................................|     from its first task until it was drawn
 * // scripts     |run /app.js|   |event click|             each of 5 ms and more
 * // drawing                                  |====|       style, layout, paint
 * ```
 * Between them the thread may have been at rest: nothing is said of that time.
 * Format: https://w3c.github.io/long-animation-frames/ (Chromium 123 and newer)
 */
import { type Fields, isFields, numberOf, textOf } from '../../src/import/netlog/events.ts';
import type { CdpSession } from './cdp-session.ts';
import type { TaskPart } from './main-thread-task.ts';

/** A stretch of such a frame in which the thread was busy, in Unix milliseconds. */
export interface FramePart extends Omit<TaskPart, 'startS' | 'endS'> {
  readonly begunBy?: string;
  readonly startUnixMs: number;
  readonly endUnixMs: number;
}

const WORLD = 'headwater';
const BINDING = 'headwaterFrame';
const SOURCE = `try {
  new PerformanceObserver((list) => {
    for (const frame of list.getEntries())
      ${BINDING}(JSON.stringify({ origin: performance.timeOrigin, frame }));
  }).observe({ type: 'long-animation-frame', buffered: true });
} catch {}`;
/** A page that never comes to rest may tell for ever. */
const MAX_PARTS = 2_000;

export class LongFrames {
  readonly parts: FramePart[] = [];

  /** @param isOn the page tells already, on this session */
  async enable(session: CdpSession, isOn: boolean): Promise<void> {
    session.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === BINDING) this.add(textOf(payload) ?? '');
    });
    if (isOn) return;
    const script = { source: SOURCE, worldName: WORLD, runImmediately: true };
    await Promise.allSettled([
      session.send('Runtime.enable'),
      session.send('Page.enable'),
      session.send('Runtime.addBinding', { name: BINDING, executionContextName: WORLD }),
      session.send('Page.addScriptToEvaluateOnNewDocument', script),
    ]);
  }

  private add(payload: string): void {
    if (this.parts.length < MAX_PARTS) this.parts.push(...framePartsIn(payload));
  }
}

/** @param payload what the page told: JSON of one frame, and of the Unix time that its times count from */
export function framePartsIn(payload: string): FramePart[] {
  const told = parsed(payload);
  if (!isFields(told) || !isFields(told.frame)) return [];
  const { frame } = told;
  const origin = numberOf(told.origin);
  const start = numberOf(frame.startTime);
  const duration = numberOf(frame.duration);
  if (origin === undefined || start === undefined || duration === undefined) return [];
  const scripts = Array.isArray(frame.scripts) ? frame.scripts.filter(isFields) : [];
  return [
    ...scripts.flatMap((script) => scriptPart(script, origin) ?? []),
    ...drawingPart(numberOf(frame.styleAndLayoutStart) ?? 0, start + duration, origin),
  ];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function scriptPart(script: Fields, origin: number): FramePart | undefined {
  const start = numberOf(script.startTime);
  const ms = numberOf(script.duration);
  if (start === undefined || ms === undefined) return undefined;
  const invokerType = textOf(script.invokerType) ?? '';
  const isWholeScript = /^(classic|module)-script$/.test(invokerType);
  const layoutMs = numberOf(script.forcedStyleAndLayoutDuration) ?? 0;
  const begunBy = begunByOf(invokerType, textOf(script.invoker) ?? '');
  return {
    kind: isWholeScript ? 'EvaluateScript' : 'FunctionCall',
    // A script that is run whole is called by its address.
    url: addressIn(textOf(script.sourceURL) || (isWholeScript ? textOf(script.invoker) : undefined)),
    functionName: textOf(script.sourceFunctionName) || undefined,
    ...(begunBy && { begunBy }),
    msByWork: { script: ms - layoutMs, ...(layoutMs > 0 && { layout: layoutMs }) },
    startUnixMs: origin + start,
    endUnixMs: origin + start + ms,
  };
}

/** Of a page that is an address itself (`data:`), nobody wants to read it. */
const addressIn = (url: string | undefined): string | undefined =>
  url && !url.startsWith('data:') ? url : undefined;

/** 0 for a frame that was not drawn. */
const drawingPart = (start: number, end: number, origin: number): FramePart[] =>
  start > 0 && end > start
    ? [
        {
          kind: 'Layout',
          msByWork: { layout: end - start },
          startUnixMs: origin + start,
          endUnixMs: origin + end,
        },
      ]
    : [];

/** `TimerHandler:setTimeout`, `FrameRequestCallback`, `BUTTON#buy.onclick` */
function begunByOf(invokerType: string, invoker: string): string | undefined {
  if (invoker.startsWith('TimerHandler:')) return 'timer';
  if (invoker === 'FrameRequestCallback') return 'animation frame';
  const event = invokerType === 'event-listener' ? /\.on(\w+)$/.exec(invoker)?.[1] : undefined;
  return event && `event ${event}`;
}
