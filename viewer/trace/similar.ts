/**
 * Brothers that say the same: thirty assets of a page, forty equal queries of a loop. From `GROUP_FROM` on they share
 * one row that can be opened. What failed, or is named in the verdict, always keeps a row of its own. The run's
 * connections share a row too, however many, below the steps.
 */
import type { SpanType } from '../../src/model/attributes.ts';
import { at, attributeAt, childrenOfSpan, nameAt, type SpanIndex, typeAt } from './span-index.ts';

/** Four equal rows can still be read one by one; a screen has room for about twenty-five. */
export const GROUP_FROM = 5;

export interface SimilarSpans {
  /** Position of the first; also the group's name. */
  readonly first: number;
  readonly members: readonly number[];
  readonly title: string;
  /** Connections stand together whatever they are called, after everything else. */
  readonly kind: 'alike' | 'connections';
}

export type Sibling = number | SimilarSpans;

export function groupSiblings(
  index: SpanIndex,
  parent: number,
  keepsOwnRow: (span: number) => boolean,
): Sibling[] {
  const children = [...childrenOfSpan(index, parent)];
  const isConnection = (span: number): boolean => typeAt(index, span) === 'connection';
  const connections = children.filter(isConnection);
  if (connections.length === 0) return groupAlike(index, children, keepsOwnRow);
  const others = children.filter((child) => !isConnection(child));
  return [...groupAlike(index, others, keepsOwnRow), connectionGroup(connections)];
}

function groupAlike(
  index: SpanIndex,
  children: readonly number[],
  keepsOwnRow: (span: number) => boolean,
): Sibling[] {
  const membersByKey = new Map<string | number, number[]>();
  for (const child of children) {
    const key = keepsOwnRow(child) ? undefined : similarityOf(index, child);
    if (key === undefined) continue;
    const members = membersByKey.get(key);
    if (members) members.push(child);
    else membersByKey.set(key, [child]);
  }
  const groupOf = new Map<number, SimilarSpans>();
  for (const [key, members] of membersByKey) {
    if (members.length < GROUP_FROM) continue;
    const title = typeof key === 'string' ? key : nameAt(index, members[0] ?? 0);
    const group: SimilarSpans = { first: members[0] ?? 0, members, title, kind: 'alike' };
    for (const member of members) groupOf.set(member, group);
  }
  return children.flatMap((child): Sibling[] => {
    const group = groupOf.get(child);
    if (!group) return [child];
    return group.first === child ? [group] : [];
  });
}

const connectionGroup = (members: readonly number[]): SimilarSpans => ({
  first: members[0] ?? 0,
  members,
  title: 'Connections',
  kind: 'connections',
});

/** Each of these says something of its own, or has a group of its own. */
const NEVER_GROUPED: ReadonlySet<SpanType> = new Set([
  'step',
  'phase',
  'plan_node',
  'connection',
  'tls_flight',
  'interaction',
]);

/** Types and kinds are fewer than this; so a key of all codes is one number, and exact. */
const CODES = 256;

/** Spans with the same are alike: a request's title, else what type, component and name make. Undefined: never grouped. */
function similarityOf(index: SpanIndex, i: number): string | number | undefined {
  const type = typeAt(index, i);
  if (type === 'request') return requestTitle(attributeAt(index, i, 'url.full'), nameAt(index, i));
  if (type !== undefined && NEVER_GROUPED.has(type)) return undefined;
  const { spans, texts } = index.columns;
  const sort = type === undefined ? at(spans.kind, i) : CODES / 2 + at(spans.type, i);
  return (at(spans.component, i) * texts.size + at(spans.name, i)) * CODES + sort;
}

/** `GET /assets/…` for files, which differ by name only; `GET /api/cart` for the rest, which differ by meaning. */
function requestTitle(url: unknown, name: string): string {
  const method = /^[A-Z]{3,7}\b/.exec(name)?.[0] ?? '';
  const path = typeof url === 'string' ? pathOf(url) : undefined;
  if (path === undefined) return name;
  const file = /^(.*\/)[^/]*\.[a-z0-9]{1,8}$/i.exec(path);
  return `${method} ${file ? `${file[1]}…` : path}`.trim();
}

function pathOf(url: string): string | undefined {
  try {
    return new URL(url).pathname;
  } catch {
    return undefined;
  }
}
