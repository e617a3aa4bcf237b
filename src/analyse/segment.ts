/** A stretch of the critical path before it has a cause: who had the water, and in which situation. */
import type { Nanos } from '../model/time.ts';
import type { Span } from '../model/trace.ts';

/**
 * - `self`: the span itself was at work, nothing below it explains the time
 * - `before`/`after`: a client waited before its first, after its last server was at work
 * - `uncovered`: inside a step or between steps, and nothing that was seen covers it
 */
export type Situation = 'self' | 'before' | 'after' | 'uncovered';

export interface Segment {
  readonly span: Span;
  readonly startNs: Nanos;
  readonly endNs: Nanos;
  readonly situation: Situation;
}

/** Collects segments of a walk that runs backwards in time; neighbours of one span and situation become one. */
export class BackwardPath {
  readonly #latestFirst: Segment[] = [];

  add(span: Span, startNs: Nanos, endNs: Nanos, situation: Situation): void {
    if (endNs <= startNs) return;
    const later = this.#latestFirst.at(-1);
    if (later && later.span === span && later.situation === situation && later.startNs === endNs)
      this.#latestFirst[this.#latestFirst.length - 1] = { ...later, startNs };
    else this.#latestFirst.push({ span, startNs, endNs, situation });
  }

  inOrder(): Segment[] {
    return [...this.#latestFirst].reverse();
  }
}
