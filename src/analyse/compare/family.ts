/** Who has which children, by place in the list, first begun first. A span without a parent hangs under the root. */
import type { Trace } from '../../model/trace.ts';

export interface Family {
  readonly root: number;
  childrenOf(place: number): readonly number[];
}

const NONE: readonly number[] = [];

export function familyOf({ spans, rootId }: Pick<Trace, 'spans' | 'rootId'>): Family {
  const places = new Map<string, number>();
  for (let i = spans.length - 1; i >= 0; i--) places.set(spans[i]!.spanId, i);
  const root = places.get(rootId) ?? 0;
  const children = new Map<number, number[]>();
  for (let i = 0; i < spans.length; i++) {
    if (i === root) continue;
    const named = places.get(spans[i]!.parentId ?? '');
    // Parents stand before their children; what does not keep to that could go in circles.
    const parent = named !== undefined && named < i ? named : root;
    const list = children.get(parent);
    if (list) list.push(i);
    else children.set(parent, [i]);
  }
  for (const list of children.values()) list.sort((x, y) => spans[x]!.startNs - spans[y]!.startNs || x - y);
  return { root, childrenOf: (place) => children.get(place) ?? NONE };
}
