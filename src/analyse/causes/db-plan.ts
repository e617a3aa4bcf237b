/** Where a statement that ran long had its time, as far as its plan tells. */
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { numberAt, type Tree, textAt } from '../tree.ts';
import { grouped, lengthOf } from './amounts.ts';
import { firstTold } from './db-locks.ts';
import { actOf, nodeNumber, planNodes, triggerMsOf } from './db-statement.ts';

/** A statement slower than this is slow for a page's request, whatever it did. */
export const SLOW_PLAN_NS = 100e6;
/**
 * From here on it is slow when it is known that it was at work. Without that it may only have waited for a processor:
 * statements of a millisecond that took 30 ms were seen on a busy machine.
 */
export const SLOW_WORK_NS = 40e6;
/** A row takes from 50 ns to a microsecond: with this many, tens of milliseconds of work are no surprise. */
const MUCH_WORK_ROWS = 20_000;
/** An SSD flushes the log in under 5 ms, a disk that turns in 10. */
export const SLOW_COMMIT_NS = 20e6;

export const isCommit = ({ attributes }: Span): boolean =>
  /^commit\b/i.test(textAt(attributes, 'db.query.text') ?? textAt(attributes, 'db.statement') ?? '');

export function ranLong(statement: Span, tree: Tree): boolean {
  const took = lengthOf(statement);
  return took >= SLOW_PLAN_NS || (took >= SLOW_WORK_NS && wasAtWork(statement, tree));
}

function wasAtWork(statement: Span, tree: Tree): boolean {
  if (triggerMsOf(statement, tree) * 1e6 >= lengthOf(statement) / 2) return true;
  const rows = planNodes(statement, tree).reduce((sum, node) => sum + visitedRows(node), 0);
  const examined = numberAt(statement.attributes, 'mariadb.rows_examined') ?? 0;
  return Math.max(rows, examined) >= MUCH_WORK_ROWS;
}

function visitedRows(node: Span): number {
  const loops = nodeNumber(node, 'loops') ?? 1;
  const removed = (nodeNumber(node, 'rows_removed_by_filter') ?? 0) * loops;
  return (nodeNumber(node, 'total_rows') ?? 0) + removed;
}

const slowest = (spans: readonly Span[]): string => formatDuration(Math.max(...spans.map(lengthOf)));

/** `Nested Loop had 131 ms of it and gave 499 500 rows, where 12 were expected.` */
export function planProof(spans: readonly Span[], tree: Tree): string {
  const took = firstTold(spans, tree, (statement) => `It took ${formatDuration(lengthOf(statement))}`);
  const most = firstTold(
    spans,
    tree,
    (statement) => triggersIn(statement, tree) ?? heaviestNode(statement, tree) ?? tablesIn(statement),
  );
  return `${took ?? `The slowest took ${slowest(spans)}`} inside the server${most ? `; ${most}` : ''}.`;
}

function triggersIn(statement: Span, tree: Tree): string | undefined {
  const took = triggerMsOf(statement, tree) * 1e6;
  return took >= lengthOf(statement) / 2 ? `its triggers had ${formatDuration(took)} of that` : undefined;
}

function heaviestNode(statement: Span, tree: Tree): string | undefined {
  if (actOf(statement) === 'bind') return 'that was planning, before it ran';
  const selfMs = (node: Span) => nodeNumber(node, 'self_ms') ?? 0;
  const [node] = [...planNodes(statement, tree)].sort((a, b) => selfMs(b) - selfMs(a));
  if (!node || selfMs(node) === 0) return undefined;
  return `${node.name} had ${formatDuration(selfMs(node) * 1e6)} of that${estimateOf(node)}`;
}

/** `it read parcel: ALL, 20000 rows read, Using filesort`, as MariaDB explains it. */
function tablesIn({ attributes }: Span): string | undefined {
  const tables = attributes['mariadb.explain'];
  return Array.isArray(tables) && tables.length > 0 ? `it read ${tables.slice(0, 3).join('; ')}` : undefined;
}

/** Estimates further off than this lead planners astray. */
const ASTRAY = 10;

function estimateOf(node: Span): string {
  const rows = nodeNumber(node, 'rows');
  const expected = nodeNumber(node, 'plan_rows');
  if (rows === undefined || expected === undefined) return '';
  const gave = ` and gave ${grouped(rows)} rows`;
  const isAstray =
    Math.max(rows, 1) / Math.max(expected, 1) >= ASTRAY || expected / Math.max(rows, 1) >= ASTRAY;
  return isAstray ? `${gave}, where ${grouped(expected)} were expected` : gave;
}

/** Why a statement that ran long may have been slow for another reason. */
export function planDoubt(spans: readonly Span[], tree: Tree): string | undefined {
  const isKnown = firstTold(spans, tree, (statement) => wasAtWork(statement, tree) || undefined);
  return isKnown
    ? undefined
    : 'Nothing tells what it did in that time: waiting for a lock, the disk or a busy processor would look the same.';
}

export function planAdvice(spans: readonly Span[], tree: Tree): string {
  if (firstTold(spans, tree, (statement) => triggersIn(statement, tree)))
    return 'Look at the triggers of the table that it changes: what they do is done before the client gets its answer.';
  return firstTold(spans, tree, (statement) => heaviestNode(statement, tree))
    ? 'Open the plan: why does that node see so many rows, and would an index or another condition spare them?'
    : 'Ask the database for its plan (EXPLAIN ANALYZE); auto_explain, or the slow log with explain, logs it each time. Look at triggers and functions too.';
}

export function commitProof(spans: readonly Span[]): string {
  return `COMMIT took ${slowest(spans)}; writing its log to an SSD takes a few.`;
}
