/** The journey's own spans: the run, its steps, the Playwright calls, and the page's work and paints in them. */
import { HEADWATER, present } from '../../src/model/attributes.ts';
import type { Attributes, ReportedEvent } from '../../src/model/span.ts';
import type { UnixNano } from '../../src/model/time.ts';
import type { JourneyRecorder, RecordedAction, RecordedStep } from '../journey-recorder.ts';
import { newSpanId, type SpanDraft } from './span-draft.ts';
import { waitsFor } from './waiting-words.ts';

export interface RunSpan {
  readonly spanId: string;
  readonly journey: string;
  readonly startUnixNano: UnixNano;
  readonly endUnixNano: UnixNano;
  readonly error?: string;
  /** What else is known of it: the test that it was. */
  readonly attributes?: Attributes;
}
/** What a run's own script did; whoever recorded it. */
export type JourneyParts = Pick<JourneyRecorder, 'steps' | 'actions'>;

export interface PageEvents {
  /** Paints, shifts, console errors: each goes to the step that it fell into. */
  readonly events: readonly ReportedEvent[];
  /** When the page got the first event of each interaction, by time. */
  readonly inputs: readonly UnixNano[];
}

export function journeySpans(run: RunSpan, { steps, actions }: JourneyParts, page: PageEvents): SpanDraft[] {
  const parentAt = parentFinder(run.spanId, steps, run.endUnixNano);
  const momentsOf = (spanId: string) =>
    page.events.filter((event) => parentAt(event.timeUnixNano) === spanId);
  return [
    runSpan(run, momentsOf(run.spanId)),
    ...steps.map((step) => stepSpan(step, run, momentsOf(step.spanId), waitedFor(step, run, actions))),
    ...actions.flatMap((action) => [actionSpan(action, run), ...checksSpan(action, run, page.inputs)]),
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
    attributes: { [HEADWATER.journey]: run.journey, ...run.attributes },
    events,
  };
}

/** What the step was waiting for at its end: its last call, when that had an end of its own. */
function waitedFor(step: RecordedStep, run: RunSpan, actions: readonly RecordedAction[]): string | undefined {
  const end = step.endUnixNano ?? run.endUnixNano;
  const last = actions
    .filter((action) => action.parentSpanId === step.spanId && action.startUnixNano <= end)
    .reduce<RecordedAction | undefined>(
      (a, b) => (a && (a.endUnixNano ?? end) > (b.endUnixNano ?? end) ? a : b),
      undefined,
    );
  return last && waitsFor(last);
}

/** Sum of the layout shifts that nobody's input explains (https://web.dev/articles/cls counts those). */
function shiftOf(events: readonly ReportedEvent[]): number | undefined {
  const shifts = events.filter(
    ({ name, attributes }) => name === 'layoutShift' && !attributes['headwater.layout_shift.after_input'],
  );
  if (shifts.length === 0) return undefined;
  return shifts.reduce((sum, { attributes }) => sum + Number(attributes['headwater.layout_shift.value']), 0);
}

function stepSpan(
  step: RecordedStep,
  run: RunSpan,
  events: readonly ReportedEvent[],
  waited: string | undefined,
): SpanDraft {
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
    attributes: {
      [HEADWATER.journey]: run.journey,
      ...present({ 'headwater.step.waited_for': waited, 'headwater.step.layout_shift': shiftOf(events) }),
    },
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
    attributes: present({
      'headwater.action.target': action.target,
      'headwater.action.waits_for': waitsFor(action),
    }),
  };
}

/** Calls that Playwright holds until the element is visible, at rest and in reach, and then acts on it once. */
const ACTS_ONCE = /\.(click|tap|press|check|uncheck|hover)$/;

/**
 * The part of a call before the browser got its input, measured at the page.
 * ```
 * // click   |--------------------------------|
 * // input                 ^ pointerdown
 * //         |-- checks ----|
 * ```
 */
function checksSpan(action: RecordedAction, run: RunSpan, inputs: readonly UnixNano[]): SpanDraft[] {
  if (!ACTS_ONCE.test(action.name)) return [];
  const end = action.endUnixNano ?? run.endUnixNano;
  const input = inputs.find((at) => at > action.startUnixNano && at < end);
  if (input === undefined) return [];
  return [
    {
      spanId: newSpanId(),
      parentSpanId: action.spanId,
      type: 'wait',
      name: 'until the element can be acted on',
      layer: 'browser',
      component: 'playwright',
      startUnixNano: action.startUnixNano,
      endUnixNano: input,
      source: 'playwright',
      attributes: { [HEADWATER.waitKind]: 'checks' },
    },
  ];
}
