/**
 * The database: what it says of itself, and what its clients saw. A statement is blamed as a whole: the one thing that
 * spent most of its time names the cause of everything that it cost inside the server (all else only waited for it).
 */
import { isPoolWait } from '../../model/attributes.ts';
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { enclosing, isDatabaseClient, type Tree, textAt } from '../tree.ts';
import { failureOf } from './db-failure.ts';
import { REPEATS_WORTH_NAMING, repeatsOf } from './db-repeats.ts';
import { actOf, isLockWait, ns, rowLockWaitNs, type Scan, spillOf, wastefulScan } from './db-statement.ts';
import type { Blame, Family } from './rule.ts';

/** A statement slower than this without a nameable node is still slow for a page's request. */
export const SLOW_PLAN_NS = 100e6;

const isAsking = (span: Span): boolean =>
  isDatabaseClient(span) ||
  (isPoolWait(span.name) && textAt(span.attributes, 'db.system.name') !== undefined);

function blame(segment: Segment, tree: Tree): Blame | undefined {
  const { span } = segment;
  const client = clientOf(span, tree);
  const failed = client && failureOf(client, tree);
  if (client && failed)
    return { cause: failed, layer: 'db', component: span.layer === 'db' ? span.component : client.component };
  if (span.layer !== 'db') return undefined;
  const statement = enclosing(tree, span, 'db_server');
  const inside = statement && blameInside(segment, statement, tree);
  if (inside) return { cause: inside };
  if (client && repeatsOf(client, tree) >= REPEATS_WORTH_NAMING) return { cause: 'db.n_plus_one' };
  return { cause: statement ? plainCause(statement) : 'db.query' };
}

/** The nearest span of a program that asks a database, at or above this one. */
function clientOf(span: Span, tree: Tree): Span | undefined {
  for (let at: Span | undefined = span; at; at = tree.parentOf(at)) {
    if (isAsking(at)) return at;
    if (at.layer !== 'db') return undefined;
  }
  return undefined;
}

function blameInside(segment: Segment, statement: Span, tree: Tree): string | undefined {
  if (isLockWait(statement) || waitsForLock(segment, statement, tree)) return 'db.lock_wait';
  if (rowLockWaitNs(statement) !== undefined) return 'db.lock_wait';
  if (wastefulScan(statement, tree)) return 'db.seq_scan';
  if (spillOf(statement, tree)) return 'db.sort_spill';
  return ns(statement) >= SLOW_PLAN_NS ? 'db.slow_plan' : undefined;
}

const CAUSE_OF_ACT: Readonly<Record<string, string>> = { parse: 'db.parse', bind: 'db.planning' };

function plainCause(statement: Span): string {
  const isCommit = /^commit\b/i.test(textAt(statement.attributes, 'db.query.text') ?? '');
  return isCommit ? 'db.commit' : (CAUSE_OF_ACT[actOf(statement)] ?? 'db.execute');
}

/**
 * The plan's node and the wait for a lock are told by two lines, and lie over each other:
 * ```
 * // Update on orders  |------------------------|
 * // lock wait          |---------------------|
 * // segment            |---------------------|     at least half of it is the wait's
 * ```
 */
function waitsForLock({ startNs, endNs }: Segment, statement: Span, tree: Tree): boolean {
  return tree
    .childrenOf(statement)
    .some(
      (child) =>
        isLockWait(child) &&
        Math.min(child.endNs, endNs) - Math.max(child.startNs, startNs) >= (endNs - startNs) / 2,
    );
}

/** The first of the statements behind these spans of which something can be told. */
function first<T>(
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

const scanOf = (spans: readonly Span[], tree: Tree): Scan | undefined =>
  first(spans, tree, (statement) => wastefulScan(statement, tree));
const relationOf = (spans: readonly Span[], tree: Tree): string => scanOf(spans, tree)?.relation ?? 'a table';

const count = (n: number): string => Math.round(n).toLocaleString('en-US').replaceAll(',', ' ');

function scanProof(spans: readonly Span[], tree: Tree): string {
  const scan = scanOf(spans, tree);
  if (!scan) return 'The database read a table from end to end.';
  const filter = scan.filter ? `, filter ${scan.filter}` : '';
  return `It read ${count(scan.read)} rows of ${scan.relation} to keep ${count(scan.kept)}${filter}.`;
}

const slowest = (spans: readonly Span[]): string => formatDuration(Math.max(...spans.map(ns)));

/** What held the lock, as far as the log told. */
function blockerOf(spans: readonly Span[], tree: Tree): string | undefined {
  return first(spans, tree, (statement) =>
    [statement, ...tree.childrenOf(statement)]
      .map(({ attributes }) => {
        const pids = attributes['postgresql.lock_holder_pids'];
        if (!Array.isArray(pids)) return undefined;
        const who = textAt(attributes, 'postgresql.blocker.application_name');
        const last = textAt(attributes, 'postgresql.blocker.last_statement');
        const name = who ? `${who} (backend ${pids.join(', ')})` : `backend ${pids.join(', ')}`;
        return last ? `${name}, whose last statement was: ${last}` : name;
      })
      .find((text) => text !== undefined),
  );
}

function lockProof(spans: readonly Span[], tree: Tree): string {
  const blocker = blockerOf(spans, tree);
  if (blocker) return `It waited ${slowest(spans)} for ${blocker}.`;
  const inferredNs = first(spans, tree, rowLockWaitNs);
  if (inferredNs === undefined) return `It waited ${slowest(spans)} before it could go on.`;
  return `Its engine was busy for ${formatDuration(inferredNs)} over few pages, none of them read from disk: that is a wait for a row.`;
}

function repeatProof(spans: readonly Span[], tree: Tree): string {
  for (const span of spans) {
    const client = clientOf(span, tree);
    const times = client ? repeatsOf(client, tree) : 1;
    if (client && times >= REPEATS_WORTH_NAMING)
      return `${tree.parentOf(client)?.name ?? 'One caller'} asked the same ${times} times: ${textAt(client.attributes, 'db.query.text') ?? client.name}`;
  }
  return 'One caller asked the same again and again.';
}

export const db: Family = {
  blame,
  problems: {
    'db.seq_scan': {
      what: (component, spans, tree) => `${component} reads ${relationOf(spans, tree)} row by row`,
      proof: scanProof,
      next: (_component, spans, tree) =>
        `Add or restore an index on ${relationOf(spans, tree)} that serves this filter, and look at the plan below.`,
    },
    'db.lock_wait': {
      what: (component) => `a statement in ${component} waited for a lock`,
      proof: lockProof,
      next: () =>
        'Look at the transaction that held the lock: what it does between taking it and its commit.',
    },
    'db.deadlock': {
      what: (component) => `${component} ended a statement that was in a deadlock`,
      proof: (spans) => `It failed after ${slowest(spans)}; the log names both sides.`,
      next: () => 'Let both transactions take their locks in the same order, and try the ended one again.',
    },
    'db.connections_exhausted': {
      what: (component) => `${component} took no more connections`,
      proof: (spans) => `A client was refused after ${slowest(spans)}.`,
      next: () => 'Add up the pools of all its clients: together they may not exceed max_connections.',
    },
    'db.statement_timeout': {
      what: (component) => `${component} gave a statement up when its time was over`,
      proof: (spans) => `It was ended after ${slowest(spans)}.`,
      next: () =>
        'Which statement is it, and what did it wait for? Its plan is not logged, as it never ended.',
    },
    'db.n_plus_one': {
      what: (component) => `one caller asks ${component} for its rows one by one`,
      proof: repeatProof,
      next: () => 'Ask for all of them with one statement: a join, or a list of keys.',
    },
    'db.sort_spill': {
      what: (component) => `a statement in ${component} needed more memory than it may have`,
      proof: (spans, tree) =>
        `In ${slowest(spans)}, ${first(spans, tree, (s) => spillOf(s, tree)) ?? 'it wrote to temporary files'}.`,
      next: () =>
        'Give it more memory (work_mem, sort_buffer_size), or sort less: an index, a LIMIT, fewer columns.',
    },
    'db.slow_plan': {
      what: (component) => `a statement in ${component} ran long`,
      proof: (spans) => `The slowest took ${slowest(spans)} inside the server.`,
      next: () => 'Open the plan: which node had the time, and how far was its row estimate off?',
    },
  },
};
