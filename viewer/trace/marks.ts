/**
 * Instants worth a mark: what spans say happened at one moment. The page's own (errors, console, paints, layout shifts)
 * stand on the time axis too; those of services only in their rows.
 */
import type { Nanos } from '../../src/model/time.ts';
import type { TraceEvent } from '../../src/model/trace.ts';
import { at, type SpanIndex, spanAt, typeOf } from './span-index.ts';

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
  /** In the order of the walk through the tree. */
  readonly all: readonly Mark[];
}

/** Spans whose events are the page's. */
const PAGE_TYPES: ReadonlySet<string> = new Set(['run', 'step', 'action', 'task', 'interaction']);

export function indexMarks(index: SpanIndex): Marks {
  const all: Mark[] = [];
  index.spans.forEach((span, i) => {
    for (const event of span.events) all.push(markOf(event, i));
  });
  const ofPage = all.filter((mark) => PAGE_TYPES.has(typeOf(spanAt(index, mark.span)) ?? ''));
  all.sort((a, b) => at(index.entered, a.span) - at(index.entered, b.span));
  return { all, ofPage: ofPage.sort((a, b) => a.timeNs - b.timeNs) };
}

export const markOf = (event: TraceEvent, span: number): Mark => ({
  span,
  timeNs: event.timeNs,
  kind: kindOf(event),
  name: nameOf(event),
  detail: detailOf(event),
});

/** Marks of the span itself, or with all below it; found by halving. */
export function marksOf(marks: Marks, index: SpanIndex, span: number, withBelow: boolean): readonly Mark[] {
  const [from, to] = [
    at(index.entered, span),
    withBelow ? at(index.left, span) : at(index.entered, span) + 1,
  ];
  const number = (mark: Mark | undefined): number => (mark ? at(index.entered, mark.span) : to);
  let [low, high] = [0, marks.all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (number(marks.all[middle]) < from) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < marks.all.length && number(marks.all[end]) < to) end++;
  return marks.all.slice(low, end);
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
