/**
 * What kept a page's main thread from drawing for longer than 50 ms, as the page's own timeline tells it: for pages whose
 * browser trace is not taken. Observed in a world of its own, which the page's scripts do not see.
 *
 * ```
 * // frame    |.....................................|     from its first task until it was drawn
 * // scripts     |run /app.js|   |event click|             each of 5 ms and more
 * // drawing                                  |====|       style, layout, paint
 * ```
 * Between them the thread may have been at rest: nothing is said of that time.
 * Format: https://w3c.github.io/long-animation-frames/ (Chromium 123 and newer)
 */
import { setTimeout as delay } from 'node:timers/promises';
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
const TELL = 'headwaterFrame';
/** How long a frame may take to be told after its last task: it has to be on the screen first. Some tasks have none. */
const LATE_MS = 100;
/** A page that is busy, or gone, does not hold up a test. */
const PATIENCE_MS = 250;
/**
 * A long task is known at once, its frame when it has been shown. `headwaterLast` resolves when all that is known of by
 * its tasks has been told.
 */
const SOURCE = `try {
  let [busyUntil, toldUntil] = [0, 0];
  const tell = (frames) => {
    for (const frame of frames) {
      toldUntil = Math.max(toldUntil, frame.startTime + frame.duration);
      ${TELL}(JSON.stringify({ origin: performance.timeOrigin, frame }));
    }
  };
  const note = (tasks) => {
    for (const task of tasks) busyUntil = Math.max(busyUntil, task.startTime + task.duration);
  };
  const frames = new PerformanceObserver((list) => tell(list.getEntries()));
  const tasks = new PerformanceObserver((list) => note(list.getEntries()));
  frames.observe({ type: 'long-animation-frame', buffered: true });
  tasks.observe({ type: 'longtask', buffered: true });
  addEventListener('pagehide', () => tell(frames.takeRecords()));
  globalThis.headwaterLast = async () => {
    for (;;) {
      note(tasks.takeRecords());
      tell(frames.takeRecords());
      // Tasks are told in whole milliseconds.
      if (busyUntil < toldUntil + 2 || performance.now() > busyUntil + ${LATE_MS}) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
} catch {}`;

/** Of one page, as long as it is there. */
export class LongFrames {
  /** Whoever watches the page now. */
  told: (parts: readonly FramePart[]) => void = () => undefined;
  private readonly session: CdpSession;
  /** Its documents' worlds by their ids, frames of the same site among them. */
  private readonly worlds = new Set<number>();
  private isOn = false;

  /** @param session one of its own: it is switched on for what costs each of its listeners some time */
  constructor(session: CdpSession) {
    this.session = session;
  }

  async start(): Promise<void> {
    if (this.isOn) return;
    this.isOn = true;
    const { session, worlds } = this;
    session.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === TELL) this.told(framePartsIn(textOf(payload) ?? ''));
    });
    session.on('Runtime.executionContextCreated', ({ context }) => {
      if (isFields(context) && context.name === WORLD) worlds.add(numberOf(context.id) ?? 0);
    });
    session.on('Runtime.executionContextDestroyed', (gone) => {
      worlds.delete(numberOf(gone.executionContextId) ?? 0);
    });
    session.on('Runtime.executionContextsCleared', () => worlds.clear());
    const script = { source: SOURCE, worldName: WORLD, runImmediately: true };
    await Promise.allSettled([
      session.send('Runtime.enable'),
      session.send('Page.enable'),
      session.send('Runtime.addBinding', { name: TELL, executionContextName: WORLD }),
      session.send('Page.addScriptToEvaluateOnNewDocument', script),
    ]);
  }

  /** Resolves when the page has told of what it did until now, as far as it does so in time. */
  async last(): Promise<void> {
    if (this.worlds.size === 0) return;
    const ask = { expression: 'globalThis.headwaterLast?.()', awaitPromise: true };
    const answers = [...this.worlds].map((contextId) =>
      this.session.send('Runtime.evaluate', { ...ask, contextId }),
    );
    await Promise.race([Promise.allSettled(answers), delay(PATIENCE_MS, undefined, { ref: false })]);
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
    msByWork: { script: tenths(ms - layoutMs), ...(layoutMs > 0 && { layout: tenths(layoutMs) }) },
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
          msByWork: { layout: tenths(end - start) },
          startUnixMs: origin + start,
          endUnixMs: origin + end,
        },
      ]
    : [];

/** As fine as the page tells time. */
const tenths = (ms: number): number => Math.round(ms * 10) / 10;

/** `TimerHandler:setTimeout`, `FrameRequestCallback`, `BUTTON#buy.onclick` */
function begunByOf(invokerType: string, invoker: string): string | undefined {
  if (invoker.startsWith('TimerHandler:')) return 'timer';
  if (invoker === 'FrameRequestCallback') return 'animation frame';
  const event = invokerType === 'event-listener' ? /\.on(\w+)$/.exec(invoker)?.[1] : undefined;
  return event && `event ${event}`;
}
