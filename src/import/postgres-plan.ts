/**
 * The plan that auto_explain logs, as spans.
 *
 * A plan says how long each node took, children included, but not when. So the place is inferred: a node starts
 * where the sibling before it ended, the first one where its parent started, and nothing leaves its parent:
 * ```
 * Hash Join          |-----------------------------------|
 *   Seq Scan         |------------|
 *   Hash                          |---------------|
 *     Seq Scan                    |-----------|
 * ```
 * `Actual Total Time` is the mean of one loop. Loops run one after the other, except those of parallel workers, which
 * overlap: below a Gather the time is divided by the number of processes.
 *
 * https://www.postgresql.org/docs/current/using-explain.html
 */
import { HEADWATER } from '../model/attributes.ts';
import { spanIdOf } from '../model/ids.ts';
import type { AttributeValue, ReportedSpan } from '../model/span.ts';
import { nanosFromMs, type UnixNano } from '../model/time.ts';

export type PlanNode = { readonly [key: string]: unknown };

/** A plan with more nodes than this is machine-made noise (a thousand partitions); the rest is left out. */
export const MAX_PLAN_NODES = 2_000;

export interface PlanSpans {
  readonly spans: readonly ReportedSpan[];
  readonly isCut: boolean;
  /** False when auto_explain ran without `log_analyze` or `log_timing`. */
  readonly isTimed: boolean;
}

interface Placed {
  readonly node: PlanNode;
  readonly path: string;
  readonly parentId: string;
  readonly startUnixNano: UnixNano;
  readonly limitUnixNano: UnixNano;
  /** Processes that ran the node side by side: 1 unless it is below a Gather. */
  readonly processes: number;
}

/** One span a plan node, parents first, under the span of the statement. */
export function planSpans(root: PlanNode, statement: ReportedSpan): PlanSpans {
  const spans: ReportedSpan[] = [];
  const { startUnixNano, endUnixNano: limitUnixNano, spanId: parentId } = statement;
  const open: Placed[] = [{ node: root, path: '0', parentId, startUnixNano, limitUnixNano, processes: 1 }];
  while (open.length && spans.length < MAX_PLAN_NODES) {
    const placed = open.pop() as Placed;
    const span = nodeSpan(placed, statement);
    spans.push(span);
    open.push(...placeChildren(placed, span).reverse());
  }
  return { spans, isCut: open.length > 0, isTimed: number(root['Actual Total Time']) !== undefined };
}

function placeChildren({ node, path, processes }: Placed, span: ReportedSpan): Placed[] {
  const launched = number(node['Workers Launched']) ?? 0;
  // the leader helps its workers, unless parallel_leader_participation is off
  const below = launched > 0 ? launched + 1 : processes;
  let at = span.startUnixNano;
  return children(node).map((child, index) => {
    const placed = {
      node: child,
      path: `${path}.${index}`,
      parentId: span.spanId,
      startUnixNano: at,
      limitUnixNano: span.endUnixNano,
      processes: below,
    };
    at = endOf(placed);
    return placed;
  });
}

function endOf({ node, processes, startUnixNano, limitUnixNano }: Placed): UnixNano {
  const end = startUnixNano + BigInt(nanosFromMs(wallMs(node, processes)));
  return end < limitUnixNano ? end : limitUnixNano;
}

/** How long the node kept the statement busy, its children included, in ms. */
function wallMs(node: PlanNode, processes: number): number {
  const loops = number(node['Actual Loops']) ?? 0;
  return ((number(node['Actual Total Time']) ?? 0) * loops) / Math.max(1, Math.min(processes, loops));
}

function nodeSpan(placed: Placed, statement: ReportedSpan): ReportedSpan {
  const { node, path, parentId, startUnixNano, processes } = placed;
  return {
    ...statement,
    spanId: spanIdOf(statement.spanId, path),
    parentSpanId: parentId,
    name: planNodeName(node),
    kind: 'internal',
    startUnixNano,
    endUnixNano: endOf(placed),
    status: { code: 'unset' },
    events: [],
    attributes: {
      [HEADWATER.type]: 'plan_node',
      [HEADWATER.layer]: 'db',
      [HEADWATER.component]: statement.attributes[HEADWATER.component] ?? 'postgresql',
      ...timeAttributes(node, processes),
      ...countAttributes(node),
      ...copied(node),
    },
  };
}

/** As EXPLAIN's text format puts it: `Parallel Seq Scan on orders`, `Index Scan using orders_pkey on orders`. */
function planNodeName(node: PlanNode): string {
  const isModify = node['Node Type'] === 'ModifyTable' && typeof node.Operation === 'string';
  const type = isModify ? node.Operation : (node['Node Type'] ?? 'plan node');
  const parallel = node['Parallel Aware'] === true ? 'Parallel ' : '';
  const index = node['Index Name'] ? ` using ${node['Index Name']}` : '';
  const target = node['Relation Name'] ?? node['CTE Name'] ?? node['Function Name'];
  return `${parallel}${type}${index}${target ? ` on ${target}` : ''}`;
}

function timeAttributes(node: PlanNode, processes: number): Record<string, AttributeValue> {
  if (number(node['Actual Total Time']) === undefined) return {};
  const totalMs = wallMs(node, processes);
  const launched = number(node['Workers Launched']) ?? 0;
  const below = launched > 0 ? launched + 1 : processes;
  const childrenMs = children(node).reduce((sum, child) => sum + wallMs(child, below), 0);
  const startupMs = number(node['Actual Startup Time']) ?? 0;
  return {
    'postgresql.plan.startup_ms': startupMs,
    'postgresql.plan.total_ms': toMicros(totalMs),
    'postgresql.plan.self_ms': toMicros(Math.max(0, totalMs - childrenMs)),
  };
}

/** Rows are, as in the plan, the mean of one loop; `total_rows` is of all loops, as the blocks already are. */
function countAttributes(node: PlanNode): Record<string, AttributeValue> {
  const loops = number(node['Actual Loops']);
  if (loops === undefined) return {};
  const rows = number(node['Actual Rows']) ?? 0;
  return {
    'postgresql.plan.loops': loops,
    'postgresql.plan.rows': rows,
    'postgresql.plan.total_rows': Math.round(rows * loops),
  };
}

/** What is taken as it stands. `Shared I/O Read Time` was `I/O Read Time` before PostgreSQL 17. */
const COPIED: readonly (readonly [key: string, attribute: string])[] = [
  ['Node Type', 'node_type'],
  ['Parent Relationship', 'parent_relationship'],
  ['Relation Name', 'relation'],
  ['Schema', 'schema'],
  ['Alias', 'alias'],
  ['Index Name', 'index'],
  ['Join Type', 'join_type'],
  ['Strategy', 'strategy'],
  ['Plan Rows', 'plan_rows'],
  ['Rows Removed by Filter', 'rows_removed_by_filter'],
  ['Filter', 'filter'],
  ['Index Cond', 'index_cond'],
  ['Recheck Cond', 'recheck_cond'],
  ['Hash Cond', 'hash_cond'],
  ['Join Filter', 'join_filter'],
  ['Heap Fetches', 'heap_fetches'],
  ['Index Searches', 'index_searches'],
  ['Shared Hit Blocks', 'shared_hit_blocks'],
  ['Shared Read Blocks', 'shared_read_blocks'],
  ['Shared Dirtied Blocks', 'shared_dirtied_blocks'],
  ['Temp Read Blocks', 'temp_read_blocks'],
  ['Temp Written Blocks', 'temp_written_blocks'],
  ['I/O Read Time', 'io_read_ms'],
  ['Shared I/O Read Time', 'io_read_ms'],
  ['Sort Method', 'sort_method'],
  ['Sort Space Used', 'sort_space_kb'],
  ['Sort Space Type', 'sort_space_type'],
  ['Hash Batches', 'hash_batches'],
  ['Peak Memory Usage', 'peak_memory_kb'],
  ['Workers Planned', 'workers_planned'],
  ['Workers Launched', 'workers_launched'],
];

function copied(node: PlanNode): Record<string, AttributeValue> {
  const pairs = COPIED.flatMap(([key, attribute]) => {
    const value = node[key];
    return typeof value === 'string' || typeof value === 'number'
      ? [[`postgresql.plan.${attribute}`, value]]
      : [];
  });
  return Object.fromEntries(pairs);
}

function children(node: PlanNode): readonly PlanNode[] {
  return Array.isArray(node.Plans) ? node.Plans.filter(isPlanNode) : [];
}

export const isPlanNode = (value: unknown): value is PlanNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A finite number that is not negative, and small enough that nanoseconds of it are still exact enough. */
const number = (value: unknown): number | undefined =>
  typeof value === 'number' && value >= 0 && value < 1e12 ? value : undefined;

const toMicros = (ms: number): number => Math.round(ms * 1_000) / 1_000;
