/** What a database's reports say of one statement, whichever database it is. */
import { type DbAct, HEADWATER } from '../../model/attributes.ts';
import type { Span } from '../../model/trace.ts';
import { numberAt, type Tree, textAt, typeOf } from '../tree.ts';
import { lengthOf } from './amounts.ts';

/** Below this a scan is not worth an index: reading a few thousand cached rows takes about a millisecond. */
export const SCAN_WORTH_NAMING_NS = 5e6;
/** A scan that throws away at least this many rows for each one it keeps wants an index. */
export const ROWS_DISCARDED_PER_ROW_KEPT = 10;

export const actOf = ({ attributes }: Pick<Span, 'attributes'>): DbAct =>
  (textAt(attributes, HEADWATER.dbAct) as DbAct | undefined) ??
  // reports of earlier versions
  (numberAt(attributes, 'postgresql.lock_wait_ms') === undefined ? 'plan' : 'lock_wait');

/** Does the server say how long it was at work? A remark (an error, a temporary file) says nothing of that. */
export const isToldByServer = (client: Span, tree: Tree): boolean =>
  tree.childrenOf(client).some((child) => typeOf(child) === 'db_server' && actOf(child) !== 'note');

/** What a scan read, kept and threw away. */
export interface Scan {
  readonly relation: string;
  readonly read: number;
  readonly kept: number;
  readonly filter?: string | undefined;
}

/** The scan below this statement that threw most away and had at least half of its time. */
export function wastefulScan(statement: Span, tree: Tree): Scan | undefined {
  if (lengthOf(statement) < SCAN_WORTH_NAMING_NS) return undefined;
  const scan = scanOfNodes(statement, tree) ?? scanOfEntry(statement);
  return scan && scan.read - scan.kept >= ROWS_DISCARDED_PER_ROW_KEPT * Math.max(1, scan.kept)
    ? scan
    : undefined;
}

function scanOfNodes(statement: Span, tree: Tree): Scan | undefined {
  let worst: Scan | undefined;
  for (const node of planNodes(statement, tree)) {
    if (lengthOf(node) < lengthOf(statement) / 2 || !nodeText(node, 'node_type')?.includes('Seq Scan'))
      continue;
    const scan = scanOfNode(node);
    if (!worst || scan.read - scan.kept > worst.read - worst.kept) worst = scan;
  }
  return worst;
}

function scanOfNode(node: Span): Scan {
  const loops = nodeNumber(node, 'loops') ?? 1;
  const kept = (nodeNumber(node, 'rows') ?? 0) * loops;
  const discarded = (nodeNumber(node, 'rows_removed_by_filter') ?? 0) * loops;
  const relation = nodeText(node, 'relation') ?? 'a table';
  return { relation, read: kept + discarded, kept, filter: nodeText(node, 'filter') };
}

/** MariaDB tells of a whole statement: how many rows it examined and sent, and of its tables when it explains. */
function scanOfEntry({ attributes }: Span): Scan | undefined {
  const isScan = attributes['mariadb.full_scan'] === true || attributes['mariadb.full_join'] === true;
  const examined = numberAt(attributes, 'mariadb.rows_examined') ?? 0;
  if (!isScan || examined === 0) return undefined;
  const relation = textAt(attributes, 'mariadb.scan.table') ?? 'a table';
  const read = numberAt(attributes, 'mariadb.scan.rows') ?? examined;
  const percent = numberAt(attributes, 'mariadb.scan.kept_percent');
  const used =
    (numberAt(attributes, 'mariadb.rows_sent') ?? 0) + (numberAt(attributes, 'mariadb.rows_affected') ?? 0);
  return { relation, read, kept: percent === undefined ? used : (read * percent) / 100 };
}

/** A sort, hash or temporary table that did not fit into the memory it may have. */
export function spillOf(statement: Span, tree: Tree): string | undefined {
  if (lengthOf(statement) < SCAN_WORTH_NAMING_NS) return undefined;
  const node = planNodes(statement, tree).find(
    (each) => isSpilled(each) && lengthOf(each) >= lengthOf(statement) / 2,
  );
  if (node) {
    const kb = nodeNumber(node, 'sort_space_kb');
    const pages = nodeNumber(node, 'temp_written_blocks');
    const size = kb ? `${kb} kB` : pages ? `${pages} pages` : 'what did not fit';
    return `${node.name} wrote ${size} to temporary files`;
  }
  const { attributes } = statement;
  const merges = numberAt(attributes, 'mariadb.merge_passes') ?? 0;
  if (attributes['mariadb.filesort'] === true && merges > 0)
    return `its sort went to disk in pieces, which were merged ${merges} times`;
  if (attributes['mariadb.filesort_on_disk'] === true) return 'its sort went to disk';
  if (attributes['mariadb.tmp_table_on_disk'] === true) return 'its temporary table went to disk';
  return undefined;
}

const isSpilled = (node: Span): boolean =>
  nodeText(node, 'sort_space_type') === 'Disk' || (nodeNumber(node, 'hash_batches') ?? 1) > 1;

const nodesByTree = new WeakMap<Tree, Map<Span, readonly Span[]>>();

/** The report of a plan lies inside that of the whole statement, where a log has both. */
const isPlan = (span: Span): boolean => typeOf(span) === 'db_server' && actOf(span) === 'plan';

/** The time of its triggers, in ms, whichever of the two reports has it. */
export function triggerMsOf(statement: Span, tree: Tree): number {
  const reports = [statement, ...tree.childrenOf(statement).filter(isPlan)];
  return Math.max(...reports.map(({ attributes }) => numberAt(attributes, 'postgresql.trigger_ms') ?? 0));
}

/** Every node below it, looked up once: all that is spent in a statement asks for them. */
export function planNodes(statement: Span, tree: Tree): readonly Span[] {
  const byStatement = nodesByTree.get(tree) ?? new Map<Span, readonly Span[]>();
  nodesByTree.set(tree, byStatement);
  const nodes = byStatement.get(statement) ?? nodesBelow(statement, tree);
  byStatement.set(statement, nodes);
  return nodes;
}

function nodesBelow(statement: Span, tree: Tree): Span[] {
  const nodes: Span[] = [];
  const stack = [...tree.childrenOf(statement)];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (typeOf(node) === 'plan_node') nodes.push(node);
    else if (!isPlan(node)) continue;
    stack.push(...tree.childrenOf(node));
  }
  return nodes;
}

export const nodeText = ({ attributes }: Span, fact: string) => textAt(attributes, `postgresql.plan.${fact}`);
export const nodeNumber = ({ attributes }: Span, fact: string) =>
  numberAt(attributes, `postgresql.plan.${fact}`);
