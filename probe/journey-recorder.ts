/**
 * What the journey itself does: its steps, and the Playwright calls in them. Observes only; spans are made later.
 *
 * ```
 * run    |--------------------------------------|
 * step     |-----------------|  |--------------|
 * action   |--goto--| |click|   |-waitForURL-|
 * ```
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { UnixNano } from '../src/model/time.ts';
import { type CallListener, errorSentence, type PlaywrightCall } from './playwright-calls.ts';
import { newSpanId } from './spans/span-draft.ts';
import type { UnixClock } from './unix-clock.ts';

export interface RecordedStep {
  readonly spanId: string;
  /** Span id of the step around it, or of the run. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly startUnixNano: UnixNano;
  endUnixNano?: UnixNano;
  error?: string;
}
export interface RecordedAction extends PlaywrightCall {
  readonly spanId: string;
  readonly parentSpanId: string;
  endUnixNano?: UnixNano;
  error?: string;
}
export interface StepNews {
  readonly name: string;
  readonly state: 'started' | 'ended';
  readonly status?: 'ok' | 'failed';
  readonly ms?: number;
}

export class JourneyRecorder implements CallListener {
  readonly steps: RecordedStep[] = [];
  readonly actions: RecordedAction[] = [];
  private readonly currentStep = new AsyncLocalStorage<RecordedStep>();
  private readonly runSpanId: string;
  private readonly clock: UnixClock;
  private readonly onStep: (news: StepNews) => void;

  constructor(runSpanId: string, clock: UnixClock, onStep: (news: StepNews) => void) {
    this.runSpanId = runSpanId;
    this.clock = clock;
    this.onStep = onStep;
  }

  async step<T>(name: string, body: () => Promise<T>): Promise<T> {
    const parentSpanId = this.currentStep.getStore()?.spanId ?? this.runSpanId;
    const step: RecordedStep = { spanId: newSpanId(), parentSpanId, name, startUnixNano: this.clock.now() };
    this.steps.push(step);
    this.onStep({ name, state: 'started' });
    try {
      return await this.currentStep.run(step, body);
    } catch (error) {
      // A step that was stopped from outside keeps that reason: what fails in it afterwards is only its echo.
      if (step.endUnixNano === undefined) step.error = errorSentence(error);
      throw error;
    } finally {
      this.endStep(step);
    }
  }

  private endStep(step: RecordedStep): void {
    if (step.endUnixNano !== undefined) return;
    step.endUnixNano = this.clock.now();
    const ms = Number(step.endUnixNano - step.startUnixNano) / 1e6;
    this.onStep({ name: step.name, state: 'ended', status: step.error === undefined ? 'ok' : 'failed', ms });
  }

  now(): UnixNano {
    return this.clock.now();
  }

  started(call: PlaywrightCall): (error?: unknown) => void {
    const parentSpanId = this.currentStep.getStore()?.spanId ?? this.runSpanId;
    const action: RecordedAction = { ...call, spanId: newSpanId(), parentSpanId };
    this.actions.push(action);
    return (error) => {
      if (action.endUnixNano !== undefined) return;
      action.endUnixNano = this.clock.now();
      if (error !== undefined) action.error = errorSentence(error);
    };
  }

  /** Ends what the journey left open when it was stopped from outside. */
  stop(reason: string): void {
    for (const action of this.actions) {
      if (action.endUnixNano !== undefined) continue;
      action.endUnixNano = this.clock.now();
      action.error = reason;
    }
    for (const step of this.steps) {
      if (step.endUnixNano !== undefined) continue;
      step.error ??= reason;
      this.endStep(step);
    }
  }
}
