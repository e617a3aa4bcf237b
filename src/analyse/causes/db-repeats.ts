/**
 * One statement asked again and again by one caller, each time for another value: a loop where one statement would do.
 * ```
 * // GET /orders  |--------------------------------|
 * //   select …    |--| |--| |--| |--| |--| |--|        one after the other: each pays its own way to the database
 * ```
 */
import { sqlShape } from '../../model/sql-shape.ts';
import type { Span } from '../../model/trace.ts';
import { isDatabaseClient, type Tree, textAt } from '../tree.ts';

/** A page asks for a few things of one kind; a loop over rows asks more often. */
export const REPEATS_WORTH_NAMING = 5;

const shapeOf = ({ attributes }: Span): string | undefined => {
  const sql = textAt(attributes, 'db.query.text') ?? textAt(attributes, 'db.statement');
  return sql === undefined ? undefined : sqlShape(sql);
};

/** How often this caller asked this, itself included; 1 when side by side, which is no loop. */
export function repeatsOf(client: Span, tree: Tree): number {
  const shape = isDatabaseClient(client) ? shapeOf(client) : undefined;
  const caller = tree.parentOf(client);
  if (!shape || !caller) return 1;
  return countsUnder(caller, tree).get(shape) ?? 1;
}

/** Counted once a caller: it may have a hundred thousand children, each of which asks. */
const countsByTree = new WeakMap<Tree, Map<Span, Map<string, number>>>();

function countsUnder(caller: Span, tree: Tree): Map<string, number> {
  const byCaller = countsByTree.get(tree) ?? new Map<Span, Map<string, number>>();
  countsByTree.set(tree, byCaller);
  const known = byCaller.get(caller);
  if (known) return known;
  const counts = new Map<string, number>();
  const lastEndNs = new Map<string, number>();
  const byStart = [...tree.childrenOf(caller)].sort((a, b) => a.startNs - b.startNs);
  for (const child of byStart) {
    const shape = isDatabaseClient(child) ? shapeOf(child) : undefined;
    if (!shape || child.startNs < (lastEndNs.get(shape) ?? 0)) continue;
    lastEndNs.set(shape, child.endNs);
    counts.set(shape, (counts.get(shape) ?? 0) + 1);
  }
  byCaller.set(caller, counts);
  return counts;
}
