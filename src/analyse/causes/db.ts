/**
 * The database: what its own plan says. A plan is blamed as a whole: the node that spent most of the time names the
 * cause of everything the statement cost inside the server (its parents only wait for it).
 */
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { enclosing, numberAt, type Tree, textAt, typeOf } from '../tree.ts';
import type { Blame, Family } from './rule.ts';

/** Below this a scan is not worth an index: reading a few thousand cached rows takes about a millisecond. */
export const SCAN_WORTH_NAMING_NS = 5e6;
/** A scan that throws away at least this many rows for each one it keeps wants an index. */
export const ROWS_DISCARDED_PER_ROW_KEPT = 10;
/** A statement slower than this without a nameable node is still slow for a page's request. */
export const SLOW_PLAN_NS = 100e6;

const ns = (span: Span): number => span.endNs - span.startNs;

function blame({ span }: Segment, tree: Tree): Blame | undefined {
  if (span.layer !== 'db') return undefined;
  const statement = enclosing(tree, span, 'db_server');
  if (!statement) return { cause: 'db.query' };
  if (numberAt(statement.attributes, 'postgresql.lock_wait_ms') !== undefined)
    return { cause: 'db.lock_wait' };
  const culprit = culpritScan(statement, tree);
  if (culprit) return { cause: 'db.seq_scan' };
  return { cause: ns(statement) >= SLOW_PLAN_NS ? 'db.slow_plan' : 'db.execute' };
}

/** The sequential scan below this statement that threw most rows away and had at least half of its time. */
export function culpritScan(statement: Span, tree: Tree): Span | undefined {
  if (ns(statement) < SCAN_WORTH_NAMING_NS) return undefined;
  let worst: Span | undefined;
  const stack = [...tree.childrenOf(statement)];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (typeOf(node) !== 'plan_node') continue;
    if (isWastefulScan(node) && ns(node) >= ns(statement) / 2 && (!worst || ns(node) > ns(worst)))
      worst = node;
    stack.push(...tree.childrenOf(node));
  }
  return worst;
}

function isWastefulScan(node: Span): boolean {
  if (!/Seq Scan/.test(textAt(node.attributes, 'postgresql.plan.node_type') ?? '')) return false;
  const kept = (numberAt(node.attributes, 'postgresql.plan.rows') ?? 0) * loops(node);
  const discarded = (numberAt(node.attributes, 'postgresql.plan.rows_removed_by_filter') ?? 0) * loops(node);
  return discarded >= ROWS_DISCARDED_PER_ROW_KEPT * Math.max(1, kept);
}

const loops = (node: Span): number => numberAt(node.attributes, 'postgresql.plan.loops') ?? 1;

/** The statement and scan behind the spans of one ledger entry. */
function worstScan(spans: readonly Span[], tree: Tree): Span | undefined {
  for (const span of spans) {
    const statement = enclosing(tree, span, 'db_server');
    const scan = statement && culpritScan(statement, tree);
    if (scan) return scan;
  }
  return undefined;
}

const relationOf = (scan: Span | undefined): string =>
  (scan && textAt(scan.attributes, 'postgresql.plan.relation')) ?? 'a table';

const count = (n: number): string => Math.round(n).toLocaleString('en-US').replaceAll(',', ' ');

function scanProof(spans: readonly Span[], tree: Tree): string {
  const scan = worstScan(spans, tree);
  if (!scan) return 'The plan shows a sequential scan.';
  const kept = (numberAt(scan.attributes, 'postgresql.plan.rows') ?? 0) * loops(scan);
  const discarded = (numberAt(scan.attributes, 'postgresql.plan.rows_removed_by_filter') ?? 0) * loops(scan);
  const filter = textAt(scan.attributes, 'postgresql.plan.filter');
  return `The plan read ${count(kept + discarded)} rows of ${relationOf(scan)} to keep ${count(kept)}${filter ? `, filter ${filter}` : ''}.`;
}

const slowest = (spans: readonly Span[]): string => formatDuration(Math.max(...spans.map(ns)));

export const db: Family = {
  blame,
  problems: {
    'db.seq_scan': {
      what: (component, spans, tree) => `${component} reads ${relationOf(worstScan(spans, tree))} row by row`,
      proof: scanProof,
      next: (_component, spans, tree) =>
        `Add or restore an index on ${relationOf(worstScan(spans, tree))} that serves this filter, and look at the plan below.`,
    },
    'db.lock_wait': {
      what: (component) => `a statement in ${component} waited for a lock`,
      proof: (spans) => `It waited ${slowest(spans)} before it could go on.`,
      next: () => "Find the transaction that held the lock: it is named in the statement's events.",
    },
    'db.slow_plan': {
      what: (component) => `a statement in ${component} ran long`,
      proof: (spans) => `The slowest took ${slowest(spans)} inside the server.`,
      next: () => 'Open the plan: which node had the time, and how far was its row estimate off?',
    },
  },
};
