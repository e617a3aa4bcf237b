/** The journey's own spans: the run, its steps, the Playwright calls, and the page's work and paints in them. */
import { HEADWATER } from '../../src/model/attributes.ts';
import type { ReportedEvent } from '../../src/model/span.ts';
import { type UnixNano, unixNanoFromMs } from '../../src/model/time.ts';
import type { MainThread, MainThreadTask, PageMoment } from '../cdp/main-thread.ts';
import type { JourneyRecorder, RecordedAction, RecordedStep } from '../journey-recorder.ts';
import type { BrowserClock } from './browser-clock.ts';
import { newSpanId, type SpanDraft } from './span-draft.ts';

export interface RunSpan {
  readonly spanId: string;
  readonly journey: string;
  readonly startUnixNano: UnixNano;
  readonly endUnixNano: UnixNano;
  readonly error?: string;
}

export function journeySpans(
  run: RunSpan,
  { steps, actions }: JourneyRecorder,
  mainThread: MainThread,
  clock: BrowserClock | undefined,
): SpanDraft[] {
  const parentAt = parentFinder(run.spanId, steps, run.endUnixNano);
  const moments = clock ? mainThread.moments.map((moment) => eventOf(moment, clock)) : [];
  const momentsOf = (spanId: string) => moments.filter((event) => parentAt(event.timeUnixNano) === spanId);
  return [
    runSpan(run, momentsOf(run.spanId)),
    ...steps.map((step) => stepSpan(step, run, momentsOf(step.spanId))),
    ...actions.map((action) => actionSpan(action, run)),
    ...(clock ? mainThread.tasks.flatMap((task) => taskSpan(task, run, clock, parentAt) ?? []) : []),
  ];
}

/** The innermost step under way at an instant, else the run. */
export function parentFinder(runSpanId: string, steps: readonly RecordedStep[], runEnd: UnixNano) {
  return (at: UnixNano): string => {
    const open = steps.filter((step) => step.startUnixNano <= at && at <= (step.endUnixNano ?? runEnd));
    return open.at(-1)?.spanId ?? runSpanId;
  };
}

function runSpan(run: RunSpan, events: readonly ReportedEvent[]): SpanDraft {
  return {
    spanId: run.spanId,
    type: 'run',
    name: run.journey,
    layer: 'browser',
    component: 'journey',
    startUnixNano: run.startUnixNano,
    endUnixNano: run.endUnixNano,
    error: run.error,
    source: 'playwright',
    attributes: { [HEADWATER.journey]: run.journey },
    events,
  };
}

function stepSpan(step: RecordedStep, run: RunSpan, events: readonly ReportedEvent[]): SpanDraft {
  return {
    spanId: step.spanId,
    parentSpanId: step.parentSpanId,
    type: 'step',
    name: step.name,
    layer: 'browser',
    component: 'journey',
    startUnixNano: step.startUnixNano,
    endUnixNano: step.endUnixNano ?? run.endUnixNano,
    error: step.error,
    source: 'playwright',
    attributes: { [HEADWATER.journey]: run.journey },
    events,
  };
}

function actionSpan(action: RecordedAction, run: RunSpan): SpanDraft {
  return {
    spanId: action.spanId,
    parentSpanId: action.parentSpanId,
    type: 'action',
    name: action.name,
    layer: action.name.endsWith('.waitForTimeout') ? 'think' : 'browser',
    component: 'journey',
    startUnixNano: action.startUnixNano,
    endUnixNano: action.endUnixNano ?? run.endUnixNano,
    error: action.error,
    source: 'playwright',
    attributes: action.target ? { 'headwater.action.target': action.target } : {},
  };
}

function taskSpan(
  task: MainThreadTask,
  run: RunSpan,
  clock: BrowserClock,
  parentAt: (at: UnixNano) => string,
): SpanDraft | undefined {
  const startUnixNano = unixNanoFromMs(clock.unixMs(task.startS));
  const endUnixNano = unixNanoFromMs(clock.unixMs(task.endS));
  if (endUnixNano <= run.startUnixNano || startUnixNano >= run.endUnixNano) return undefined;
  return {
    spanId: newSpanId(),
    parentSpanId: parentAt(startUnixNano),
    type: 'task',
    name: taskName(task),
    layer: 'browser',
    component: 'main thread',
    startUnixNano,
    endUnixNano,
    source: 'trace',
    attributes: {
      'headwater.task.kind': task.kind,
      ...(task.url && { 'url.full': task.url }),
      ...(task.functionName && { 'code.function.name': task.functionName }),
    },
  };
}

const NAME_BY_KIND: Readonly<Record<string, string>> = {
  EvaluateScript: 'run script',
  'v8.compile': 'compile script',
  'v8.evaluateModule': 'run script',
  FunctionCall: 'run script',
  FireAnimationFrame: 'animation frame',
  TimerFire: 'timer',
  EventDispatch: 'event handler',
  ParseHTML: 'parse HTML',
  ParseAuthorStyleSheet: 'parse style sheet',
  UpdateLayoutTree: 'compute style',
  Layout: 'layout',
  PrePaint: 'paint',
  Paint: 'paint',
  Layerize: 'paint',
  Commit: 'paint',
  MajorGC: 'collect garbage',
  MinorGC: 'collect garbage',
};

const FAMILY: Readonly<Record<string, string>> = {
  'V8.GC': 'collect garbage',
  HTMLDocumentParser: 'parse HTML',
};

/** `run script /app.js`, `layout` */
function taskName({ kind, url, functionName }: MainThreadTask): string {
  const family = Object.keys(FAMILY).find((prefix) => kind.startsWith(prefix));
  const what = NAME_BY_KIND[kind] ?? (family && FAMILY[family]) ?? kind;
  const where = url && URL.canParse(url) ? new URL(url).pathname : undefined;
  return [what, where, kind === 'FunctionCall' ? functionName : undefined].filter(Boolean).join(' ');
}

const eventOf = (moment: PageMoment, clock: BrowserClock): ReportedEvent => ({
  name: moment.name,
  timeUnixNano: unixNanoFromMs(clock.unixMs(moment.atS)),
  attributes: {},
});
