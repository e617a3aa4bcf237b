/**
 * Waits for locks: told by the database's log, or by what a statement did not do in its time.
 *
 * Most servers log no lock wait, or only those longer than `deadlock_timeout` (1 s unless set). Then a statement that
 * changed a row or two and took long beside that has waited for something. A lock is by far the likeliest; the
 * verdict says that it was not told.
 */
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { enclosing, numberAt, placesOfType, type Tree, textAt, typeOf } from '../tree.ts';
import { lengthOf } from './amounts.ts';
import { actOf, nodeNumber, nodeText, planNodes, triggerMsOf } from './db-statement.ts';

/** A page in memory is read in microseconds: an engine that took this much for each was waiting. */
const WAITED_MS_PER_PAGE = 1;
/** A wait for a lock that is shorter hides among the rest. */
const LOCK_WORTH_NAMING_NS = 5e6;
/**
 * Parsing takes microseconds, and so does changing a row in memory. A busy machine makes it 20 ms at times; what is
 * longer was a wait.
 */
export const SILENT_WAIT_NS = 40e6;
/** A statement that changed more rows than this, or read more pages from disk, may have been at work. */
const FEW = 200;

export const isLockWait = (span: Span): boolean =>
  typeOf(span) === 'db_server' && actOf(span) === 'lock_wait';

/** How a wait for a lock is known. */
export type LockWait = 'told' | 'engine' | 'silent';

export function lockWaitOf(segment: Segment, statement: Span, tree: Tree): LockWait | undefined {
  if (isLockWait(statement) || isCoveredByWait(segment, statement, tree)) return 'told';
  if (rowLockWaitNs(statement) !== undefined) return 'engine';
  return silentWaitNs(statement, tree) === undefined ? undefined : 'silent';
}

/**
 * What was at work and the wait for a lock are told by lines of their own, and lie over each other: a row's lock under
 * its statement, a table's beside the parsing that asked for it.
 * ```
 * // Update on orders, parse  |------------------------|
 * // lock wait                |---------------------|
 * // segment                  |---------------------|     at least half of it is the wait's
 * ```
 */
function isCoveredByWait({ startNs, endNs }: Segment, statement: Span, tree: Tree): boolean {
  if (!hasLockWaits(tree)) return false;
  return waitsAround(statement, tree).some(
    (wait) => Math.min(wait.endNs, endNs) - Math.max(wait.startNs, startNs) >= (endNs - startNs) / 2,
  );
}

const hasLockWaitsByTree = new WeakMap<Tree, boolean>();

/** In most runs nobody waited for a lock, and nobody need look around. */
function hasLockWaits(tree: Tree): boolean {
  const known =
    hasLockWaitsByTree.get(tree) ??
    placesOfType(tree, 'db_server').some(
      (place) => actOf({ attributes: tree.list.attributesAt(place) }) === 'lock_wait',
    );
  hasLockWaitsByTree.set(tree, known);
  return known;
}

function waitsAround(statement: Span, tree: Tree): Span[] {
  const client = tree.parentOf(statement);
  const beside = client && typeOf(client) !== 'db_server' ? tree.childrenOf(client) : [];
  return [...tree.childrenOf(statement), ...beside].filter(isLockWait);
}

/**
 * InnoDB's wait for a row is in no field of its own: the engine was busy long over few pages, none of them read.
 * @returns how long, in ns
 */
export function rowLockWaitNs({ attributes }: Span): number | undefined {
  const engineMs = numberAt(attributes, 'mariadb.engine_time_ms');
  const pages = numberAt(attributes, 'mariadb.pages_accessed');
  if (engineMs === undefined || pages === undefined) return undefined;
  const waitedMs = engineMs - (numberAt(attributes, 'mariadb.pages_read_time_ms') ?? 0);
  const isWait =
    waitedMs >= WAITED_MS_PER_PAGE * Math.max(1, pages) && waitedMs * 1e6 >= LOCK_WORTH_NAMING_NS;
  return isWait ? waitedMs * 1e6 : undefined;
}

/** Time in which a statement did next to nothing, in ns; undefined when it was at work, or nothing tells. */
function silentWaitNs(statement: Span, tree: Tree): number | undefined {
  if (lengthOf(statement) < SILENT_WAIT_NS) return undefined;
  if (actOf(statement) === 'parse' || isIdleEntry(statement)) return lengthOf(statement);
  const node = planNodes(statement, tree).find((each) => /^(LockRows|ModifyTable)$/.test(typeOfNode(each)));
  const selfNs = node && (nodeNumber(node, 'self_ms') ?? 0) * 1e6;
  if (!node || !selfNs || selfNs < SILENT_WAIT_NS || selfNs < lengthOf(statement) / 2) return undefined;
  return isIdle(node, selfNs, statement, tree) ? selfNs : undefined;
}

/** Statements that lock the rows that they find; what is inserted is locked by nobody yet. */
const LOCKS_ROWS = /^\W*(update|delete|replace)\b|\b(for update|for share|lock in share mode)\b/i;

/** MariaDB tells of a whole statement how many rows and pages it saw. Not all of its waits are in `Engine_time`. */
function isIdleEntry({ attributes }: Span): boolean {
  const seen = ['rows_examined', 'pages_accessed', 'pages_read'].map((name) =>
    numberAt(attributes, `mariadb.${name}`),
  );
  const sql = textAt(attributes, 'db.query.text') ?? '';
  return seen.every((count) => count !== undefined && count <= FEW) && LOCKS_ROWS.test(sql);
}

const typeOfNode = (node: Span): string => nodeText(node, 'node_type') ?? '';

/** Few rows, few pages from disk, and no trigger that could have been at work. */
function isIdle(node: Span, selfNs: number, statement: Span, tree: Tree): boolean {
  const rows = tree.childrenOf(node).reduce((sum, child) => sum + (nodeNumber(child, 'total_rows') ?? 0), 0);
  const triggerMs = triggerMsOf(statement, tree);
  const readMs = nodeNumber(node, 'io_read_ms') ?? 0;
  const readPages = nodeNumber(node, 'shared_read_blocks') ?? 0;
  return rows <= FEW && readPages <= FEW && (triggerMs + readMs) * 1e6 < selfNs / 2;
}

/** The first of the statements behind these spans of which something can be told. */
export function firstTold<T>(
  spans: readonly Span[],
  tree: Tree,
  tell: (statement: Span) => T | undefined,
): T | undefined {
  for (const span of spans) {
    const statement = enclosing(tree, span, 'db_server');
    const told = statement && tell(statement);
    if (told !== undefined) return told;
  }
  return undefined;
}

/** What held the lock, as far as the log told. */
function blockerOf(spans: readonly Span[], tree: Tree): string | undefined {
  return firstTold(spans, tree, (statement) =>
    [statement, ...tree.childrenOf(statement), ...waitsAround(statement, tree)]
      .map(blockerIn)
      .find((text) => text !== undefined),
  );
}

function blockerIn({ attributes }: Span): string | undefined {
  const pids = attributes['postgresql.lock_holder_pids'];
  if (!Array.isArray(pids)) return undefined;
  const who = textAt(attributes, 'postgresql.blocker.application_name');
  const last = textAt(attributes, 'postgresql.blocker.last_statement');
  const name = who ? `${who} (backend ${pids.join(', ')})` : `backend ${pids.join(', ')}`;
  return last ? `${name}, whose last statement was: ${last}` : name;
}

const slowest = (spans: readonly Span[]): string => formatDuration(Math.max(...spans.map(lengthOf)));

export function lockProof(spans: readonly Span[], tree: Tree): string {
  const blocker = blockerOf(spans, tree);
  if (blocker) return `It waited ${slowest(spans)} for ${blocker}.`;
  const engineNs = firstTold(spans, tree, rowLockWaitNs);
  if (engineNs !== undefined)
    return `Its engine was busy for ${formatDuration(engineNs)} over few pages, none of them read from disk: that is a wait for a row.`;
  const silentNs = firstTold(spans, tree, (statement) => silentWaitNs(statement, tree));
  if (silentNs === undefined) return `It waited ${slowest(spans)} before it could go on.`;
  return `It took ${formatDuration(silentNs)} over ${firstTold(spans, tree, didWhat) ?? 'next to nothing'}, which takes a millisecond.`;
}

const didWhat = (statement: Span): string | undefined =>
  actOf(statement) === 'parse' ? 'reading the statement, before it was planned' : 'a few rows';

/** Why a wait that no line of the log tells of may have been another. */
export function lockDoubt(spans: readonly Span[], tree: Tree): string | undefined {
  const isTold = spans.some((span) => isLockWait(span)) || blockerOf(spans, tree) !== undefined;
  const isGuessed =
    !isTold && firstTold(spans, tree, (statement) => silentWaitNs(statement, tree)) !== undefined;
  return isGuessed
    ? 'No line of the log tells of a lock (PostgreSQL logs those longer than deadlock_timeout, with log_lock_waits on; MariaDB none): a trigger, the disk or a busy processor would look the same.'
    : undefined;
}
