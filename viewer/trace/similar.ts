/**
 * Brothers that say the same: thirty assets of a page, forty equal queries of a loop. From `GROUP_FROM` on they share
 * one row that can be opened. What failed, or is named in the verdict, always keeps a row of its own.
 */
import { childrenOfSpan, type SpanIndex, spanAt, typeOf } from './span-index.ts';

/** Four equal rows can still be read one by one; a screen has room for about twenty-five. */
export const GROUP_FROM = 5;

export interface SimilarSpans {
  /** Position of the first; also the group's name. */
  readonly first: number;
  readonly members: readonly number[];
  readonly title: string;
}

export type Sibling = number | SimilarSpans;

export function groupSiblings(
  index: SpanIndex,
  parent: number,
  keepsOwnRow: (span: number) => boolean,
): Sibling[] {
  const membersByKey = new Map<string, number[]>();
  const children = childrenOfSpan(index, parent);
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
    const group = { first: members[0] ?? 0, members, title: key.slice(key.indexOf('|') + 1) };
    for (const member of members) groupOf.set(member, group);
  }
  return [...children].flatMap((child): Sibling[] => {
    const group = groupOf.get(child);
    if (!group) return [child];
    return group.first === child ? [group] : [];
  });
}

/** `type|title`: spans with the same are alike. Undefined: never grouped. */
function similarityOf(index: SpanIndex, position: number): string | undefined {
  const span = spanAt(index, position);
  const type = typeOf(span);
  if (type === 'request') return `request|${requestTitle(span.attributes['url.full'], span.name)}`;
  if (type === 'step' || type === 'phase' || type === 'plan_node') return undefined;
  return `${type ?? span.kind} ${span.component}|${span.name}`;
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
