/** How much: lengths of spans, and the words in which proofs tell them. */
import { formatDuration, type Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';

export const lengthOf = ({ startNs, endNs }: Pick<Span, 'startNs' | 'endNs'>): Nanos => endNs - startNs;

/** The one in the middle, the longer of two; 0 of none. */
export const middleOf = (lengths: readonly Nanos[]): Nanos =>
  [...lengths].sort((a, b) => a - b)[lengths.length >> 1] ?? 0;

/** `120 ms`: of the longest of them. */
export const longest = (spans: readonly Span[]): string =>
  formatDuration(Math.max(0, ...spans.map(lengthOf)));

/** `240 ms`: of all together. */
export const total = (spans: readonly Span[]): string =>
  formatDuration(spans.reduce((sum, span) => sum + lengthOf(span), 0));

/** `1 240 000` */
export const grouped = (count: number): string =>
  Math.round(count).toLocaleString('en-US').replaceAll(',', ' ');

/** `1 request`, `3 requests`, `2 tries` */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
