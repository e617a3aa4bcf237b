/**
 * The database: what it says of itself, and what its clients saw. A statement is blamed as a whole: the one thing that
 * spent most of its time names the cause of everything that it cost inside the server (all else only waited for it).
 */
import { isPoolWait } from '../../model/attributes.ts';
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import type { SpanList } from '../span-list.ts';
import { DATABASE, enclosing, isDatabaseClientAt, type Tree, textAt, UNTYPED } from '../tree.ts';
import { grouped, lengthOf } from './amounts.ts';
import { failureOf } from './db-failure.ts';
import { firstTold, lockDoubt, lockProof, lockWaitOf } from './db-locks.ts';
import {
  commitProof,
  isCommit,
  planAdvice,
  planDoubt,
  planProof,
  ranLong,
  SLOW_COMMIT_NS,
} from './db-plan.ts';
import { callerOf, loopAround, REPEATS_WORTH_NAMING, repeatsOf } from './db-repeats.ts';
import { actOf, type Scan, spillOf, wastefulScan } from './db-statement.ts';
import type { Blame, Family } from './rule.ts';

/**
 * A statement of which only the client knows, hop and all: on a page's way a database answers in a few milliseconds,
 * and a hop of this length would be another continent.
 */
export const SLOW_QUERY_NS = 100e6;

const isAsking = (list: SpanList, place: number): boolean =>
  isDatabaseClientAt(list, place) ||
  (list.types[place] === UNTYPED &&
    isPoolWait(list.nameAt(place)) &&
    textAt(list.attributesAt(place), 'db.system.name') !== undefined);

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
  return { cause: statement ? plainCause(statement) : clientsCause(span) };
}

/**
 * A loop also costs the ways there and back, and what lies between two turns.
 * ```
 * // caller     |------------------------------|
 * // statement    |---------|     |---------|
 * // server          |---|           |---|
 * // loop's       |-----------------------------
 * ```
 */
function around({ span, startNs, endNs }: Segment, tree: Tree): Blame | undefined {
  const client = clientOf(span, tree);
  const isTurn = client !== undefined && repeatsOf(client, tree) >= REPEATS_WORTH_NAMING;
  const turn = isTurn ? client : turnBefore(span, startNs, endNs, tree);
  return turn && { cause: 'db.n_plus_one', layer: 'db', component: turn.component };
}

/** Of the loop whose pause this is: its caller's own time, or the taking of a connection. */
function turnBefore(span: Span, startNs: number, endNs: number, tree: Tree): Span | undefined {
  const caller = isPoolWait(span.name) ? tree.parentOf(span) : span.kind === 'client' ? undefined : span;
  return caller?.layer === 'service' ? loopAround(caller, startNs, endNs, tree) : undefined;
}

/** The nearest span of a program that asks a database, at or above this one. */
function clientOf(span: Span, tree: Tree): Span | undefined {
  const { list } = tree;
  for (let at = list.placeOf(span); at >= 0; at = list.parents[at]!) {
    if (isAsking(list, at)) return list.at(at);
    if (list.layers[at] !== DATABASE) return undefined;
  }
  return undefined;
}

function blameInside(segment: Segment, statement: Span, tree: Tree): string | undefined {
  const lock = lockWaitOf(segment, statement, tree);
  if (lock === 'told' || lock === 'engine') return 'db.lock_wait';
  if (wastefulScan(statement, tree)) return 'db.seq_scan';
  if (spillOf(statement, tree)) return 'db.sort_spill';
  if (isCommit(statement)) return lengthOf(statement) >= SLOW_COMMIT_NS ? 'db.slow_commit' : undefined;
  if (lock) return 'db.lock_wait';
  return ranLong(statement, tree) ? 'db.slow_plan' : undefined;
}

const CAUSE_OF_ACT: Readonly<Record<string, string>> = { parse: 'db.parse', bind: 'db.planning' };

const plainCause = (statement: Span): string =>
  isCommit(statement) ? 'db.commit' : (CAUSE_OF_ACT[actOf(statement)] ?? 'db.execute');

function clientsCause(client: Span): string {
  if (lengthOf(client) < SLOW_QUERY_NS) return 'db.query';
  return isCommit(client) ? 'db.slow_commit' : 'db.slow_query';
}

const scanOf = (spans: readonly Span[], tree: Tree): Scan | undefined =>
  firstTold(spans, tree, (statement) => wastefulScan(statement, tree));
const relationOf = (spans: readonly Span[], tree: Tree): string => scanOf(spans, tree)?.relation ?? 'a table';

function scanProof(spans: readonly Span[], tree: Tree): string {
  const scan = scanOf(spans, tree);
  if (!scan) return 'The database read a table from end to end.';
  const filter = scan.filter ? `, filter ${scan.filter}` : '';
  return `It read ${grouped(scan.read)} rows of ${scan.relation} to keep ${grouped(scan.kept)}${filter}.`;
}

const slowest = (spans: readonly Span[]): string => formatDuration(Math.max(...spans.map(lengthOf)));

/** The statement of the loop; what only opens and closes its transactions is not what it is about. */
function loopOf(
  spans: readonly Span[],
  tree: Tree,
): { client: Span; times: number; sql: string } | undefined {
  const loops = spans.flatMap((span) => {
    const client = clientOf(span, tree);
    const times = client ? repeatsOf(client, tree) : 1;
    if (!client || times < REPEATS_WORTH_NAMING) return [];
    return { client, times, sql: sqlOf(client) ?? client.name };
  });
  return loops.find(({ sql }) => !/^(begin|start|commit|rollback|set)\b/i.test(sql)) ?? loops[0];
}

const sqlOf = ({ attributes }: Span): string | undefined =>
  textAt(attributes, 'db.query.text') ?? textAt(attributes, 'db.statement');

const isWriting = (spans: readonly Span[], tree: Tree): boolean =>
  /^(insert|update|delete|replace|merge)\b/i.test(loopOf(spans, tree)?.sql ?? '');

function repeatProof(spans: readonly Span[], tree: Tree): string {
  const loop = loopOf(spans, tree);
  if (!loop) return 'One caller asked the same again and again.';
  const caller = callerOf(loop.client, tree)?.name ?? 'One caller';
  return `${caller} asked the same ${loop.times} times, one after the other: ${loop.sql}`;
}

export const db: Family = {
  blame,
  around,
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
      thin: lockDoubt,
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
      what: (component, spans, tree) =>
        isWriting(spans, tree)
          ? `one caller writes its rows to ${component} one by one`
          : `one caller asks ${component} for its rows one by one`,
      proof: repeatProof,
      next: (_component, spans, tree) =>
        isWriting(spans, tree)
          ? 'Write all of them with one statement: many rows in one INSERT, or a batch.'
          : 'Ask for all of them with one statement: a join, or a list of keys.',
    },
    'db.sort_spill': {
      what: (component) => `a statement in ${component} needed more memory than it may have`,
      proof: (spans, tree) =>
        `In ${slowest(spans)}, ${firstTold(spans, tree, (s) => spillOf(s, tree)) ?? 'it wrote to temporary files'}.`,
      next: () =>
        'Give it more memory (work_mem, sort_buffer_size), or sort less: an index, a LIMIT, fewer columns.',
    },
    'db.slow_plan': {
      what: (component) => `a statement in ${component} ran long`,
      proof: planProof,
      next: (_component, spans, tree) => planAdvice(spans, tree),
      thin: planDoubt,
    },
    'db.slow_commit': {
      what: (component) => `${component} took long to commit a transaction`,
      proof: commitProof,
      next: (component) =>
        `Look at what ${component} does at commit: its disk (fsync), a replica it waits for, deferred constraints and triggers.`,
    },
    'db.slow_query': {
      what: (component) => `${component} took long to answer`,
      proof: (spans) => `The slowest statement took ${slowest(spans)}: ${statementOf(spans)}`,
      next: (component) =>
        `Let ${component} say what it did meanwhile: its plans, or its slow log; headwater doctor names the lines.`,
      thin: () =>
        'Only its client saw it: whether the statement, a lock or the way there took the time, nobody said.',
    },
  },
};

const statementOf = ([slowestSpan]: readonly Span[]): string =>
  slowestSpan ? (sqlOf(slowestSpan) ?? slowestSpan.name) : 'not told.';
