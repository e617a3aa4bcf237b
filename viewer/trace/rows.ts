/** The rows of the waterfall: the tree, with what is closed left out. Lines and levels, no pixels. */
import type { Nanos } from '../../src/model/time.ts';
import type { OpenRows } from './open-rows.ts';
import type { PathIndex } from './path-index.ts';
import { RowList } from './row-list.ts';
import { GROUP_FROM, groupSiblings, type Sibling, type SimilarSpans } from './similar.ts';
import {
  ancestorsOf,
  at,
  childrenOfSpan,
  hasChildren,
  isWithin,
  type SpanIndex,
  typeAt,
} from './span-index.ts';

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
  readonly open: OpenRows;
  /** Leave out what the critical path never touched. */
  readonly criticalOnly: boolean;
}

/** Decides which siblings share a row, once per parent. */
export class RowTree {
  private readonly siblings = new Map<number, readonly Sibling[]>();
  private readonly groups = new Map<number, SimilarSpans>();

  constructor(
    readonly index: SpanIndex,
    readonly path: PathIndex,
    private readonly keepsOwnRow: (span: number) => boolean,
  ) {}

  /** A row is its span, or `~first` of its group; rows themselves are made for those on screen. */
  rows({ open, criticalOnly }: RowOptions): RowList {
    const { index, path } = this;
    const shows = (span: number): boolean => !criticalOnly || path.subtreeNs[span]! > 0;
    const list = new RowList((item, level) =>
      item >= 0 ? this.spanRow(item, level, open) : this.groupRow(~item, level, open),
    );
    const waiting: number[] = [];
    const push = (item: number, level: number): number => waiting.push(level, item);
    for (let i = index.roots.length - 1; i >= 0; i--) push(index.roots[i] ?? 0, 1);
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
      const level = waiting.pop() ?? 1;
      const members = item < 0 ? this.members(~item) : undefined;
      if (members ? !members.some(shows) : !shows(item)) continue;
      list.push(item, level);
      if (!(members ? open.hasGroup(~item) : open.hasSpan(item))) continue;
      if (members) for (let i = members.length - 1; i >= 0; i--) push(members[i] ?? 0, level + 1);
      else this.eachChildBackwards(item, (child) => push(child, level + 1));
    }
    return list;
  }

  /** What stands below an open span, the last first: spans, and `~first` for groups. */
  private eachChildBackwards(span: number, take: (item: number) => void): void {
    if (!this.mayGroup(span)) {
      const children = childrenOfSpan(this.index, span);
      for (let i = children.length - 1; i >= 0; i--) take(children[i]!);
      return;
    }
    const siblings = this.siblingsUnder(span);
    for (let i = siblings.length - 1; i >= 0; i--) {
      const item = siblings[i] ?? 0;
      take(typeof item === 'number' ? item : ~item.first);
    }
  }

  /** Whether it is worth looking: few children make no group, unless they are connections. */
  private mayGroup(span: number): boolean {
    const children = childrenOfSpan(this.index, span);
    return (
      children.length >= GROUP_FROM || children.some((child) => typeAt(this.index, child) === 'connection')
    );
  }

  private members(first: number): readonly number[] {
    return this.groupAt(first)?.members ?? [];
  }

  /** The group that begins with this span. */
  private groupAt(first: number): SimilarSpans | undefined {
    if (!this.groups.has(first)) this.siblingsUnder(this.index.parent[first]!);
    return this.groups.get(first);
  }

  /** The keys of all rows that can be opened. */
  *everyKey(): Generator<string> {
    for (let span = 0; span < this.index.size; span++) {
      if (!hasChildren(this.index, span)) continue;
      yield spanKey(span);
      for (const item of this.siblingsUnder(span)) if (typeof item !== 'number') yield groupKey(item);
    }
  }

  /** The keys that must be open for the span to have a row. */
  keysAbove(span: number): string[] {
    const chain = [...ancestorsOf(this.index, span), span];
    return chain.slice(0, -1).flatMap((ancestor, i) => {
      const group = this.groupOf(ancestor, chain[i + 1] ?? span);
      return group ? [spanKey(ancestor), groupKey(group)] : [spanKey(ancestor)];
    });
  }

  /** Key of the row that the span is drawn in: its own, or that of what is closed above it. */
  keyShowing(span: number, open: OpenRows): string {
    const chain = [...ancestorsOf(this.index, span), span];
    for (const [i, ancestor] of chain.slice(0, -1).entries()) {
      if (!open.hasSpan(ancestor)) return spanKey(ancestor);
      const group = this.groupOf(ancestor, chain[i + 1] ?? span);
      if (group && !open.hasGroup(group.first)) return groupKey(group);
    }
    return spanKey(span);
  }

  private groupOf(parent: number, child: number): SimilarSpans | undefined {
    if (!this.mayGroup(parent)) return undefined;
    return this.siblingsUnder(parent).find(
      (item): item is SimilarSpans => typeof item !== 'number' && holds(item.members, child),
    );
  }

  private siblingsUnder(parent: number): readonly Sibling[] {
    let siblings = this.siblings.get(parent);
    if (!siblings) {
      siblings = groupSiblings(this.index, parent, this.keepsOwnRow);
      this.siblings.set(parent, siblings);
      for (const item of siblings) if (typeof item !== 'number') this.groups.set(item.first, item);
    }
    return siblings;
  }

  /** The span by itself, where rows are not those of the tree. */
  rowAlone(span: number): SpanRow {
    return { kind: 'span', key: spanKey(span), span, level: 1, expandable: false, expanded: false };
  }

  private spanRow(span: number, level: number, open: OpenRows): SpanRow {
    const expandable = hasChildren(this.index, span);
    return {
      kind: 'span',
      key: spanKey(span),
      span,
      level,
      expandable,
      expanded: expandable && open.hasSpan(span),
    };
  }

  private groupRow(first: number, level: number, open: OpenRows): GroupRow {
    const group = this.groupAt(first);
    if (!group) throw new RangeError(`No group begins with span ${first}.`);
    return {
      kind: 'group',
      key: groupKey(group),
      group,
      level,
      expandable: true,
      expanded: open.hasGroup(first),
    };
  }
}

/** Members are in the order of the trace: found by halving. */
function holds(members: readonly number[], span: number): boolean {
  let [low, high] = [0, members.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((members[middle] ?? 0) < span) low = middle + 1;
    else high = middle;
  }
  return members[low] === span;
}

export const spanKey = (span: number): string => `s${span}`;
export const groupKey = (group: SimilarSpans): string => `g${group.first}`;

/** The span that stands for a row: its own, or the first of its group. */
export const leadOf = (row: Row): number => (row.kind === 'span' ? row.span : row.group.first);

export function rowExtent(row: Row, index: SpanIndex): { startNs: Nanos; endNs: Nanos } {
  const members = row.kind === 'span' ? [row.span] : row.group.members;
  let [startNs, endNs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const member of members) {
    startNs = Math.min(startNs, at(index.startNs, member));
    endNs = Math.max(endNs, at(index.endNs, member));
  }
  return { startNs, endNs };
}

/** Whether the span is drawn in this row: its own, a member, or below a closed one. */
export function rowHolds(row: Row, index: SpanIndex, span: number): boolean {
  if (row.kind === 'group')
    return !row.expanded && row.group.members.some((member) => isWithin(index, span, member));
  return row.expanded ? row.span === span : isWithin(index, span, row.span);
}
