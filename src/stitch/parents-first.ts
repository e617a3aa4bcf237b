/**
 * Drafts in the order of a waterfall: depth first, parents before children, siblings by start, then end, then id.
 * Iterative: a tree may be 100 000 deep. Who hangs under nobody that the root knows is left out.
 *
 * ```
 * // parents    0  1  2  3  4  5         children of 0, of 1, of 2 … side by side in one list
 * // firstOf    0  3  3  5  5  5  5      1, 2, 4 │ 3, 5
 * ```
 */
import { inScratch, int32s, type Scratch } from '../model/column-memory.ts';
import { NOBODY } from '../model/span-table.ts';
import type { Cast } from './cast.ts';
import type { DraftTable } from './draft-table.ts';

/** @param cast in any order; one by start saves sorting */
export function parentsFirst(cast: Cast, root: number): Int32Array {
  const ordered = int32s(cast.table.size);
  const count = inScratch((scratch) => putInOrder(ordered, cast, root, scratch));
  return ordered.subarray(0, count);
}

/** @returns how many there are */
function putInOrder(ordered: Int32Array, cast: Cast, root: number, scratch: Scratch): number {
  const { firstOf, children } = childrenInOneList(cast, scratch);
  const stack = scratch.int32s(cast.table.size);
  let [count, height] = [0, 0];
  stack[height++] = root;
  while (height > 0) {
    const row = stack[--height]!;
    ordered[count++] = row;
    const first = firstOf[row]!;
    for (let i = firstOf[row + 1]! - 1; i >= first; i--) stack[height++] = children[i]!;
  }
  return count;
}

function childrenInOneList(
  { table, order }: Cast,
  scratch: Scratch,
): { firstOf: Int32Array; children: Int32Array } {
  const { size, parents } = table;
  const firstOf = scratch.int32s(size + 1);
  for (let i = 0; i < order.length; i++) {
    const parent = parents[order[i]!]!;
    if (parent !== NOBODY) firstOf[parent + 1]!++;
  }
  for (let i = 1; i <= size; i++) firstOf[i]! += firstOf[i - 1]!;
  const nextOf = scratch.int32s(size + 1);
  nextOf.set(firstOf);
  const children = scratch.int32s(firstOf[size]!);
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    const parent = parents[row]!;
    if (parent !== NOBODY) children[nextOf[parent]!++] = row;
  }
  for (let row = 0; row < size; row++) sortPart(children, firstOf[row]!, firstOf[row + 1]!, table);
  return { firstOf, children };
}

/** Up to this many moves a sibling, siblings are put in order one by one: most are in order already, for they come by start. */
const FEW_MOVES = 8;

function sortPart(children: Int32Array, from: number, to: number, table: DraftTable): void {
  let movesLeft = FEW_MOVES * (to - from);
  for (let at = from + 1; at < to; at++) {
    const moved = children[at]!;
    let gap = at;
    for (; gap > from && earliestFirst(children[gap - 1]!, moved, table) > 0; gap--)
      children[gap] = children[gap - 1]!;
    children[gap] = moved;
    movesLeft -= at - gap;
    if (movesLeft > 0) continue;
    children.subarray(from, to).sort((a, b) => earliestFirst(a, b, table));
    return;
  }
}

const earliestFirst = (a: number, b: number, table: DraftTable): number =>
  table.startNs[a]! - table.startNs[b]! ||
  table.endNs[b]! - table.endNs[a]! ||
  (table.idOf(a) < table.idOf(b) ? -1 : 1);
