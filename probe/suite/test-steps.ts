/**
 * What a test does, from the steps that Playwright Test tells its reporter: `test.step`, hooks and fixtures become
 * steps; calls and expectations become actions.
 *
 * ```
 * // Before Hooks  |browser|context|page|-- beforeEach --|
 * // test                                                |--step--|--click--|
 * // After Hooks                                                             |-- afterEach --|page|context|
 * // run                                |------------------------------------|---------------|
 * ```
 * Opening and closing Playwright's own browser, context and page is no part of the run: it belongs to the machine, not
 * to the site. What was typed never leaves: of a call only its name, its locator, address or waiting time are kept.
 */
import { type Fields, textOf } from '../../src/import/netlog/events.ts';
import type { UnixNano } from '../../src/model/time.ts';
import type { RecordedAction, RecordedStep } from '../journey-recorder.ts';
import { errorSentence, stateOf } from '../playwright-calls.ts';
import { newSpanId } from '../spans/span-draft.ts';
import type { UnixClock } from '../unix-clock.ts';
import type { ApiCall, Channel, StepBegin, StepEnd, StepListener } from './playwright-internals.ts';

/** Fixtures of Playwright's own; a test's fixtures are part of what it does. */
const OWN_FIXTURES = new Set(['playwright', 'browser', 'context', 'page', 'request']);
/** Calls that those make by themselves. */
const OPENS_OR_CLOSES =
  /^(browserType\.\w+|browser\.(newContext|close)|browserContext\.(newPage|close)|page\.close)$/;

const AFTER_HOOKS = 'After Hooks';
const WORKER_CLEANUP = 'Worker Cleanup';

/** Returning from a fixture that does nothing takes microseconds, on a busy machine some milliseconds; from here on a verdict would speak of it. */
const IDLE_END_NS = 20_000_000n;

interface OpenStep {
  /** Of the span that things below it hang under. */
  readonly spanId: string;
  readonly part?: RecordedStep | RecordedAction;
  /** One of Playwright's own hooks or fixtures, or below nothing else. */
  readonly isOwn: boolean;
  /** What ends with the worker is no test's. */
  readonly isWorkers?: boolean;
}

export class TestSteps implements StepListener {
  readonly steps: RecordedStep[] = [];
  readonly actions: RecordedAction[] = [];
  private readonly openById = new Map<string, OpenStep>();
  private readonly runSpanId: string;
  private readonly clock: UnixClock;
  private pending: { readonly name: string; readonly channel: Channel } | undefined;
  private bodyEnd: UnixNano | undefined;
  private readonly fixtureEnds: RecordedStep[] = [];

  constructor(runSpanId: string, clock: UnixClock) {
    this.runSpanId = runSpanId;
    this.clock = clock;
  }

  /** Told at once before the step that is made of it. */
  called({ apiName }: ApiCall, channel: Channel): void {
    this.pending = { name: nameOf(apiName, channel), channel };
  }

  began(step: StepBegin): void {
    const parent = this.openById.get(step.parentStepId ?? '');
    const { pending } = this;
    if (step.category === 'pw:api') this.pending = undefined;
    if (step.category === 'hook' && step.title === AFTER_HOOKS) this.bodyEnd = this.clock.now();
    this.openById.set(step.stepId, this.opened(step, parent, pending));
  }

  private opened(step: StepBegin, parent: OpenStep | undefined, pending: TestSteps['pending']): OpenStep {
    const parentSpanId = parent?.spanId ?? this.runSpanId;
    const below = { spanId: parentSpanId, isOwn: parent?.isOwn ?? false, isWorkers: parent?.isWorkers };
    if (step.category === 'hook' && step.title === WORKER_CLEANUP) return { ...below, isWorkers: true };
    if (isOwnPart(step)) return { ...below, isOwn: true };
    if (step.category === 'test.attach' || below.isWorkers) return below;
    const base = { spanId: newSpanId(), parentSpanId, startUnixNano: this.clock.now() };
    if (step.category !== 'pw:api' && step.category !== 'expect') {
      const isFixtureEnd = step.category === 'fixture' && this.bodyEnd !== undefined;
      const part: RecordedStep = { ...base, name: `${stepName(step)}${isFixtureEnd ? ', its end' : ''}` };
      this.steps.push(part);
      if (isFixtureEnd) this.fixtureEnds.push(part);
      return { spanId: base.spanId, part, isOwn: false };
    }
    const call = step.category === 'expect' ? undefined : pending;
    const name = call?.name ?? (step.category === 'expect' ? 'expect' : 'call');
    if (below.isOwn && OPENS_OR_CLOSES.test(name)) return below;
    const part: RecordedAction = { ...base, name, ...aimOf(name, step, call?.channel.params) };
    this.actions.push(part);
    return { spanId: base.spanId, part, isOwn: false };
  }

  ended({ stepId, error }: StepEnd): void {
    const part = this.openById.get(stepId)?.part;
    this.openById.delete(stepId);
    if (!part) return;
    part.endUnixNano = this.clock.now();
    if (error) part.error = errorSentence(error.message ?? 'failed');
  }

  /** Most fixtures have nothing to do at their end. */
  private dropIdleEnds(): void {
    const parents = new Set([...this.steps, ...this.actions].map(({ parentSpanId }) => parentSpanId));
    for (const end of this.fixtureEnds) {
      const tookNs = (end.endUnixNano ?? end.startUnixNano) - end.startUnixNano;
      if (tookNs < IDLE_END_NS && !parents.has(end.spanId)) this.steps.splice(this.steps.indexOf(end), 1);
    }
  }

  /** Ends what the test left open, and says from when to when it was at work. */
  finish(startUnixNano: UnixNano, reason: string | undefined): { start: UnixNano; end: UnixNano } {
    const now = this.clock.now();
    const parts = [...this.steps, ...this.actions];
    for (const part of parts) {
      if (part.endUnixNano !== undefined) continue;
      part.endUnixNano = this.bodyEnd && this.bodyEnd > part.startUnixNano ? this.bodyEnd : now;
      part.error ??= reason;
    }
    this.dropIdleEnds();
    const starts = parts.map((part) => part.startUnixNano);
    const ends = parts.map((part) => part.endUnixNano ?? now);
    const start = starts.length > 0 ? starts.reduce((a, b) => (b < a ? b : a)) : startUnixNano;
    const end = [this.bodyEnd ?? start, ...ends].reduce((a, b) => (b > a ? b : a));
    return { start, end };
  }
}

function isOwnPart({ category, title }: StepBegin): boolean {
  if (category === 'hook') return title === 'Before Hooks' || title === AFTER_HOOKS;
  return category === 'fixture' && OWN_FIXTURES.has(fixtureName(title));
}

/** `Fixture "todoPage"`; older versions write `fixture: todoPage`. */
const fixtureName = (title: string): string => title.replace(/^fixture:? /i, '').replace(/^"(.*)"$/, '$1');

const stepName = ({ category, title }: StepBegin): string =>
  category === 'fixture' ? `fixture ${fixtureName(title)}` : title;

const nameOf = (apiName: string | undefined, { type = 'call', method = '' }: Channel): string =>
  apiName && /^\w+\.\w+$/.test(apiName)
    ? apiName
    : `${type.charAt(0).toLowerCase()}${type.slice(1)}${method && `.${method}`}`;

/** What a call was aimed at, and the state that it waits for. */
function aimOf(
  name: string,
  { params, title, category }: StepBegin,
  sent: Fields = {},
): Pick<RecordedAction, 'target' | 'state'> {
  const state = stateOf([sent]);
  const locator = textOf(params?.locator);
  if (category === 'expect') return { target: locator ?? matcherOf(title) };
  if (name.endsWith('.waitForTimeout')) return { target: `${Number(sent.waitTimeout ?? sent.timeout)} ms` };
  if (name.endsWith('.goto')) return { target: textOf(sent.url), state };
  return { target: locator ?? textOf(sent.selector), state };
}

/** `Expect "toHaveText"`; older versions write `expect.toHaveText`. */
const matcherOf = (title: string): string | undefined => /\b(?:not\.)?to[A-Z]\w*/.exec(title)?.[0];
