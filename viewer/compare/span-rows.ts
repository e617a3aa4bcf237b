/** Which spans of a comparison are rows: those that changed enough or are searched for, and what they hang under. */
import { sizeOf } from '../../src/analyse/compare/least-change.ts';
import type { SpanChange } from '../../src/model/comparison.ts';
import type { SpanSort } from './compare-address.ts';

export interface RowChoice {
  readonly minNs: number;
  readonly query: string;
  readonly sort: SpanSort;
  /** Places of rows whose children are hidden. */
  readonly closed: ReadonlySet<number>;
}

export interface SpanRow {
  readonly place: number;
  readonly depth: number;
  readonly hasChildren: boolean;
  readonly isOpen: boolean;
  /** It is here for what hangs under it. */
  readonly isAbove: boolean;
}

export interface SpanRows {
  readonly rows: readonly SpanRow[];
  /** How many spans are rows for their own sake, hidden ones too. */
  readonly found: number;
}

export function spanRows(spans: readonly SpanChange[], choice: RowChoice): SpanRows {
  const isFound = spans.map((span) => isWanted(span, choice));
  const isShown = isFound.slice();
  for (let place = spans.length - 1; place >= 0; place--) {
    const parent = spans[place]?.parent ?? -1;
    if (isShown[place] && parent >= 0) isShown[parent] = true;
  }
  const children = childrenOf(spans, isShown, choice.sort);
  const rows: SpanRow[] = [];
  const ahead = (children.get(-1) ?? []).map((place) => ({ place, depth: 0 })).reverse();
  for (let next = ahead.pop(); next; next = ahead.pop()) {
    const below = children.get(next.place) ?? [];
    const isOpen = below.length > 0 && !choice.closed.has(next.place);
    rows.push({ ...next, hasChildren: below.length > 0, isOpen, isAbove: !isFound[next.place] });
    if (!isOpen) continue;
    for (let i = below.length - 1; i >= 0; i--) ahead.push({ place: below[i] ?? 0, depth: next.depth + 1 });
  }
  return { rows, found: isFound.filter(Boolean).length };
}

function isWanted(span: SpanChange, { minNs, query }: RowChoice): boolean {
  if (sizeOf(span) < minNs) return false;
  if (query === '') return true;
  const words = query.toLowerCase();
  return span.name.toLowerCase().includes(words) || span.component.toLowerCase().includes(words);
}

function childrenOf(
  spans: readonly SpanChange[],
  isShown: readonly boolean[],
  sort: SpanSort,
): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const [place, { parent }] of spans.entries()) {
    if (!isShown[place]) continue;
    const list = children.get(parent);
    if (list) list.push(place);
    else children.set(parent, [place]);
  }
  const size = (place: number): number => Math.abs(spans[place]?.deltaNs ?? 0);
  // Without it they stand as they came: by start.
  if (sort === 'change') for (const list of children.values()) list.sort((x, y) => size(y) - size(x));
  return children;
}
