/** The rows of the waterfall: the tree, with what is closed left out. Lines and levels, no pixels. */
import type { Nanos } from '../../src/model/time.ts';
import type { PathIndex } from './path-index.ts';
import { groupSiblings, type Sibling, type SimilarSpans } from './similar.ts';
import { ancestorsOf, at, hasChildren, isWithin, type SpanIndex, spanAt } from './span-index.ts';

export interface SpanRow {
  readonly kind: 'span';
  readonly key: string;
  readonly span: number;
  readonly level: number;
  readonly expandable: boolean;
  readonly expanded: boolean;
}

export interface GroupRow {
  readonly kind: 'group';
  readonly key: string;
  readonly group: SimilarSpans;
  readonly level: number;
  readonly expandable: true;
  readonly expanded: boolean;
}

export type Row = SpanRow | GroupRow;

export interface RowOptions {
  /** Keys of open rows. */
  readonly open: ReadonlySet<string>;
  /** Leave out what the critical path never touched. */
  readonly criticalOnly: boolean;
}

/** Decides which siblings share a row, once per parent. */
export class RowTree {
  private readonly siblings = new Map<number, readonly Sibling[]>();

  constructor(
    readonly index: SpanIndex,
    readonly path: PathIndex,
    private readonly keepsOwnRow: (span: number) => boolean,
  ) {}

  rows({ open, criticalOnly }: RowOptions): Row[] {
    const rows: Row[] = [];
    const shows = (span: number): boolean => !criticalOnly || at(this.path.subtreeNs, span) > 0;
    const waiting: { item: Sibling; level: number }[] = [];
    const push = (items: readonly Sibling[], level: number): void => {
      for (let i = items.length - 1; i >= 0; i--) waiting.push({ item: items[i] ?? 0, level });
    };
    push(this.index.roots, 1);
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { item, level } = next;
      const row = typeof item === 'number' ? this.spanRow(item, level, open) : groupRow(item, level, open);
      const members = typeof item === 'number' ? [item] : item.members.filter(shows);
      if (!members.some(shows)) continue;
      rows.push(row);
      if (!row.expanded) continue;
      push(typeof item === 'number' ? this.siblingsUnder(item) : members, level + 1);
    }
    return rows;
  }

  /** The keys of all rows that can be opened. */
  *everyKey(): Generator<string> {
    for (let span = 0; span < this.index.spans.length; span++) {
      if (!hasChildren(this.index, span)) continue;
      yield spanKey(span);
      for (const item of this.siblingsUnder(span)) if (typeof item !== 'number') yield groupKey(item);
    }
  }

  /** The keys that must be open for the span to have a row. */
  keysAbove(span: number): string[] {
    const chain = [...ancestorsOf(this.index, span), span];
    return chain.slice(0, -1).flatMap((ancestor, i) => {
      const child = chain[i + 1] ?? span;
      const group = this.groupOf(ancestor, child);
      return group ? [spanKey(ancestor), groupKey(group)] : [spanKey(ancestor)];
    });
  }

  private groupOf(parent: number, child: number): SimilarSpans | undefined {
    return this.siblingsUnder(parent).find(
      (item): item is SimilarSpans => typeof item !== 'number' && item.members.includes(child),
    );
  }

  private siblingsUnder(parent: number): readonly Sibling[] {
    let siblings = this.siblings.get(parent);
    if (!siblings) {
      siblings = groupSiblings(this.index, parent, this.keepsOwnRow);
      this.siblings.set(parent, siblings);
    }
    return siblings;
  }

  private spanRow(span: number, level: number, open: ReadonlySet<string>): SpanRow {
    const key = spanKey(span);
    const expandable = hasChildren(this.index, span);
    return { kind: 'span', key, span, level, expandable, expanded: expandable && open.has(key) };
  }
}

function groupRow(group: SimilarSpans, level: number, open: ReadonlySet<string>): GroupRow {
  const key = groupKey(group);
  return { kind: 'group', key, group, level, expandable: true, expanded: open.has(key) };
}

export const spanKey = (span: number): string => `s${span}`;
export const groupKey = (group: SimilarSpans): string => `g${group.first}`;

/** The span that stands for a row: its own, or the first of its group. */
export const leadOf = (row: Row): number => (row.kind === 'span' ? row.span : row.group.first);

export function rowExtent(row: Row, index: SpanIndex): { startNs: Nanos; endNs: Nanos } {
  if (row.kind === 'span') return spanAt(index, row.span);
  let [startNs, endNs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const member of row.group.members) {
    const span = spanAt(index, member);
    startNs = Math.min(startNs, span.startNs);
    endNs = Math.max(endNs, span.endNs);
  }
  return { startNs, endNs };
}

/** Whether the span is drawn in this row: its own, a member, or below a closed one. */
export function rowHolds(row: Row, index: SpanIndex, span: number): boolean {
  if (row.kind === 'group')
    return !row.expanded && row.group.members.some((member) => isWithin(index, span, member));
  return row.expanded ? row.span === span : isWithin(index, span, row.span);
}
