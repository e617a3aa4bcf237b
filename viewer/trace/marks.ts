/**
 * Instants worth a mark: what spans say happened at one moment. The page's own (errors, console, paints, layout shifts)
 * stand on the time axis too; those of services only in their rows.
 */
import { eventOf } from '../../src/analyse/columns/span-at.ts';
import type { Nanos } from '../../src/model/time.ts';
import type { TraceEvent } from '../../src/model/trace.ts';
import { lazyList } from './lazy-list.ts';
import { at, type SpanIndex, typeAt } from './span-index.ts';

export const MARK_KINDS = ['error', 'warning', 'milestone', 'note'] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

export interface Mark {
  readonly span: number;
  readonly timeNs: Nanos;
  readonly kind: MarkKind;
  /** `console error`, `largest contentful paint`. */
  readonly name: string;
  /** The message, the value, the element: what the event says of itself, short. */
  readonly detail: string;
}

export interface Marks {
  /** The page's, by time. */
  readonly ofPage: readonly Mark[];
  /** In the order of the walk through the tree. Each is made when it is asked for. */
  readonly all: readonly Mark[];
  /** Where in the walk each one's span is. */
  readonly walked: Int32Array;
}

/** Spans whose events are the page's. */
const PAGE_TYPES: ReadonlySet<string> = new Set(['run', 'step', 'action', 'task', 'interaction']);

/** Events in the order of the walk through the tree, and where in the walk each one's span is. */
export interface MarkOrder {
  readonly rows: Int32Array;
  readonly walked: Int32Array;
}

export function orderMarks(span: Int32Array, entered: Int32Array): MarkOrder {
  const keys = new Float64Array(span.length);
  for (let row = 0; row < span.length; row++) keys[row] = at(entered, at(span, row)) * span.length + row;
  keys.sort();
  return {
    rows: Int32Array.from(keys, (key) => key % span.length),
    walked: Int32Array.from(keys, (key) => Math.floor(key / span.length)),
  };
}

export function indexMarks(
  index: SpanIndex,
  order = orderMarks(index.columns.events.span, index.entered),
): Marks {
  const { span } = index.columns.events;
  const mark = (row: number): Mark => markOf(eventOf(index.columns, row), at(span, row));
  const ofPage: Mark[] = [];
  for (let row = 0; row < span.length; row++)
    if (PAGE_TYPES.has(typeAt(index, at(span, row)) ?? '')) ofPage.push(mark(row));
  return {
    all: lazyList(span.length, (i) => mark(at(order.rows, i))),
    walked: order.walked,
    ofPage: ofPage.sort((a, b) => a.timeNs - b.timeNs),
  };
}

export const markOf = (event: TraceEvent, span: number): Mark => ({
  span,
  timeNs: event.timeNs,
  kind: kindOf(event),
  name: nameOf(event),
  detail: detailOf(event),
});

/** Marks of the span itself, or with all below it, `most` at most; found by halving. */
export function marksOf(
  marks: Marks,
  index: SpanIndex,
  span: number,
  withBelow: boolean,
  most = Number.POSITIVE_INFINITY,
): readonly Mark[] {
  const [from, to] = [
    at(index.entered, span),
    withBelow ? at(index.left, span) : at(index.entered, span) + 1,
  ];
  const { all, walked } = marks;
  let [low, high] = [0, walked.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(walked, middle) < from) low = middle + 1;
    else high = middle;
  }
  const found: Mark[] = [];
  for (let i = low; i < walked.length && at(walked, i) < to && found.length < most; i++)
    found.push(all[i] as Mark);
  return found;
}

const IS_MILESTONE = /paint|^(fp|fcp|lcp|cls)$|contentful|layout.?shift|content.?loaded|^load(ed)?$|navigat/i;

function kindOf({ name, attributes }: TraceEvent): MarkKind {
  const level = String(attributes['headwater.console.level'] ?? attributes.level ?? '');
  if (/error|exception|crash/i.test(name) || level === 'error' || 'exception.type' in attributes)
    return 'error';
  if (/warn|sent again|retransmit/i.test(name) || /^warn/.test(level)) return 'warning';
  return IS_MILESTONE.test(name) ? 'milestone' : 'note';
}

const SHORT_NAMES: Readonly<Record<string, string>> = {
  fp: 'first paint',
  fcp: 'first contentful paint',
  lcp: 'largest contentful paint',
  cls: 'layout shift',
  domcontentloaded: 'DOM content loaded',
};

/** `largest-contentful-paint` → `largest contentful paint`. */
function nameOf({ name, attributes }: TraceEvent): string {
  const known = SHORT_NAMES[name.toLowerCase()];
  if (known) return known;
  const level = attributes['headwater.console.level'] ?? attributes.level;
  const words = name
    .replace(/([a-z])([A-Z])/g, (_, end: string, start: string) => `${end} ${start.toLowerCase()}`)

    .replace(/^(headwater|browser|page)\./, '')
    .replace(/[-_.]+/g, ' ')
    .trim();
  return words === 'console' && level !== undefined ? `console ${level}` : words;
}

/** What an event's attributes may end in, the most telling first. */
const TELLING = ['message', 'text', 'value', 'score', 'element', 'selector', 'reason', 'type', 'url'];

function detailOf({ attributes }: TraceEvent): string {
  const rank = (name: string): number => TELLING.findIndex((word) => name.endsWith(word));
  const names = Object.keys(attributes).filter((name) => rank(name) >= 0);
  names.sort((a, b) => rank(a) - rank(b));
  const words = names.slice(0, 2).map((name) => String(attributes[name]));
  return words.filter(Boolean).join(' · ');
}
