/** The page's own work as spans: tasks of its main thread, interactions, and what idle time was waiting for. */
import { HEADWATER, PHASES, present } from '../../src/model/attributes.ts';
import type { Attributes, ReportedEvent } from '../../src/model/span.ts';
import { type UnixNano, unixNanoFromMs } from '../../src/model/time.ts';
import type { Interaction } from '../cdp/interactions.ts';
import type { MainThread, PageMoment } from '../cdp/main-thread.ts';
import type { MainThreadTask, TaskPart } from '../cdp/main-thread-task.ts';
import type { Commit, PageWait } from '../cdp/page-waits.ts';
import type { BrowserClock } from './browser-clock.ts';
import { newSpanId, type ProbeSource, type SpanDraft } from './span-draft.ts';
import { taskName } from './task-name.ts';

/** The web platform's own threshold for a long task (https://w3c.github.io/longtasks/). */
const LONG_TASK_MS = 50;

export interface PageSpansInput {
  readonly mainThread: MainThread;
  readonly source: ProbeSource;
  readonly clock: BrowserClock;
  readonly startUnixNano: UnixNano;
  readonly endUnixNano: UnixNano;
  /** Span id of the step (or the run) that was under way at an instant. */
  readonly parentAt: (unixNano: UnixNano) => string;
  /** Requests with their phases. */
  readonly requests: readonly SpanDraft[];
}

export function pageSpans(input: PageSpansInput): SpanDraft[] {
  const { tasks, interactions, waits, commits } = input.mainThread;
  const drafts = [
    ...interactions.map((interaction) => ({ at: interaction, draft: interactionDraft(interaction) })),
    ...waits.map((wait) => ({ at: wait, draft: waitDraft(wait) })),
  ].map(({ at, draft }) => placed(draft, input.clock.unixMs(at.startS), input.clock.unixMs(at.endS), input));
  return [
    ...tasks.flatMap((task) => taskSpans(task, input)),
    ...drafts,
    ...commits.map((commit) => commitSpan(commit, input)),
  ].filter((draft) => draft !== undefined);
}

type Unplaced = Pick<SpanDraft, 'type' | 'name' | 'component' | 'attributes'>;

/** Undefined for what lies outside the run. */
function placed(
  draft: Unplaced,
  startMs: number,
  endMs: number,
  input: PageSpansInput,
): SpanDraft | undefined {
  const startUnixNano = unixNanoFromMs(startMs);
  const endUnixNano = unixNanoFromMs(endMs);
  if (endUnixNano <= input.startUnixNano || startUnixNano >= input.endUnixNano) return undefined;
  return {
    ...draft,
    spanId: newSpanId(),
    parentSpanId: input.parentAt(startUnixNano),
    layer: 'browser',
    startUnixNano,
    endUnixNano,
    source: input.source,
  };
}

/** A task, and below it what scripts had of it. */
function taskSpans(task: MainThreadTask, input: PageSpansInput): (SpanDraft | undefined)[] {
  const place = (draft: Unplaced, { startS, endS }: TaskPart) =>
    placed(draft, input.clock.unixMs(startS), input.clock.unixMs(endS), input);
  const span = place(taskDraft(task), task);
  if (!span) return [];
  const parts = (task.parts ?? []).map((part) => place(partDraft(part), part));
  return [span, ...parts.map((part) => part && { ...part, parentSpanId: span.spanId })];
}

function partDraft(part: TaskPart): Unplaced {
  return {
    type: 'task_part',
    name: taskName(part),
    component: 'main thread',
    attributes: {
      'headwater.task.kind': part.kind,
      ...placeAttributes(part),
      ...workAttributes(part),
    },
  };
}

function taskDraft(task: MainThreadTask): Unplaced {
  return {
    type: 'task',
    name: taskName(task),
    component: 'main thread',
    attributes: {
      'headwater.task.kind': task.kind,
      ...(isLong(task) && { 'headwater.task.long': true }),
      ...placeAttributes(task),
      ...present({
        'headwater.task.begun_by': task.begunBy,
        'headwater.task.cpu_ms': task.cpuMs,
      }),
      ...(isLong(task) && workAttributes(task)),
    },
  };
}

const placeAttributes = ({ url, functionName, lineNumber }: TaskPart): Attributes =>
  present({ 'url.full': url, 'code.function.name': functionName, 'code.line.number': lineNumber });

const isLong = ({ startS, endS }: MainThreadTask): boolean => (endS - startS) * 1_000 >= LONG_TASK_MS;

/** Where its time went; a short task's name says enough. */
const workAttributes = ({ msByWork }: TaskPart): Attributes =>
  Object.fromEntries(
    Object.entries(msByWork).map(([work, ms]) => [`headwater.task.${work.replace(' ', '_')}_ms`, ms]),
  );

const interactionDraft = (interaction: Interaction): Unplaced => ({
  type: 'interaction',
  name: interaction.kind,
  component: 'page',
  attributes: {
    'headwater.interaction.input_delay_ms': interaction.inputDelayMs,
    'headwater.interaction.processing_ms': interaction.processingMs,
    'headwater.interaction.presentation_ms': interaction.presentationMs,
  },
});

const WAIT_NAME: Readonly<Record<PageWait['kind'], string>> = {
  timer: 'timer',
  frame: 'next frame',
  commit: 'document handed to its renderer',
};

const waitDraft = ({ kind, askedMs }: Pick<PageWait, 'kind' | 'askedMs'>): Unplaced => ({
  type: 'wait',
  name: askedMs === undefined ? WAIT_NAME[kind] : `${WAIT_NAME[kind]} of ${Math.round(askedMs)} ms`,
  component: 'chromium',
  attributes: { [HEADWATER.waitKind]: kind, ...present({ 'headwater.wait.asked_ms': askedMs }) },
});

/** From the answer's headers until the document was committed in the process that renders it. */
function commitSpan(commit: Commit, input: PageSpansInput): SpanDraft | undefined {
  const committedMs = input.clock.unixMs(commit.atS);
  const committed = unixNanoFromMs(committedMs);
  const document = input.requests.findLast(
    ({ type, attributes, startUnixNano }) =>
      type === 'request' &&
      attributes?.['headwater.resource_type'] === 'document' &&
      attributes['url.full'] === commit.url &&
      startUnixNano < committed,
  );
  const answered = input.requests.find(
    ({ parentSpanId, name }) => parentSpanId === document?.spanId && name === PHASES.download,
  );
  if (!document || !answered || answered.startUnixNano >= committed) return undefined;
  const span = placed(waitDraft({ kind: 'commit' }), 0, committedMs, input);
  return (
    span && {
      ...span,
      startUnixNano: answered.startUnixNano,
      parentSpanId: input.parentAt(answered.startUnixNano),
    }
  );
}

export const momentEvent = (moment: PageMoment, clock: BrowserClock): ReportedEvent => ({
  name: moment.name,
  timeUnixNano: unixNanoFromMs(clock.unixMs(moment.atS)),
  attributes: moment.attributes,
});
