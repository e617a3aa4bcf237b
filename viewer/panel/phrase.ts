/** What the four answers are made of. */
import { formatDuration } from '../../src/model/time.ts';
import type { Span } from '../../src/model/trace.ts';
import type { RunState } from '../run/run-state.ts';
import { nameOf } from '../waterfall/row-label.ts';

export type Phrase = string | { readonly span: number; readonly text: string };
export type Sentence = readonly Phrase[];

export interface Story {
  readonly what: Sentence;
  readonly where: Sentence;
  readonly why: Sentence;
  readonly after: Sentence;
}

export const link = (state: RunState, span: number): Phrase => ({ span, text: nameOf(state.index, span) });
export const lengthOf = (span: Span): string => formatDuration(span.endNs - span.startNs);
