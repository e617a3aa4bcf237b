/** What a database's reports say of one statement, whichever database it is. */
import { type DbAct, HEADWATER } from '../../model/attributes.ts';
import type { Span } from '../../model/trace.ts';
import { numberAt, type Tree, textAt, typeOf } from '../tree.ts';

/** Below this a scan is not worth an index: reading a few thousand cached rows takes about a millisecond. */
export const SCAN_WORTH_NAMING_NS = 5e6;
/** A scan that throws away at least this many rows for each one it keeps wants an index. */
export const ROWS_DISCARDED_PER_ROW_KEPT = 10;
/** A page in memory is read in microseconds: an engine that took this much for each was waiting. */
export const WAITED_MS_PER_PAGE = 1;
/** A wait for a lock that is shorter hides among the rest. */
export const LOCK_WORTH_NAMING_NS = 5e6;

export const ns = (span: Span): number => span.endNs - span.startNs;

export const actOf = ({ attributes }: Span): DbAct =>
  (textAt(attributes, HEADWATER.dbAct) as DbAct | undefined) ??
  // reports of earlier versions
  (numberAt(attributes, 'postgresql.lock_wait_ms') === undefined ? 'plan' : 'lock_wait');

export const isLockWait = (span: Span): boolean =>
  typeOf(span) === 'db_server' && actOf(span) === 'lock_wait';

/** What a scan read, kept and threw away. */
export interface Scan {
  readonly relation: string;
  readonly read: number;
  readonly kept: number;
  readonly filter?: string | undefined;
}

/** The scan below this statement that threw most away and had at least half of its time. */
export function wastefulScan(statement: Span, tree: Tree): Scan | undefined {
  if (ns(statement) < SCAN_WORTH_NAMING_NS) return undefined;
  const scan = scanOfNodes(statement, tree) ?? scanOfEntry(statement);
  return scan && scan.read - scan.kept >= ROWS_DISCARDED_PER_ROW_KEPT * Math.max(1, scan.kept)
    ? scan
    : undefined;
}

function scanOfNodes(statement: Span, tree: Tree): Scan | undefined {
  const scans = planNodes(statement, tree).filter(
    (node) => ns(node) >= ns(statement) / 2 && /Seq Scan/.test(nodeText(node, 'node_type') ?? ''),
  );
  return scans.map(scanOfNode).sort((a, b) => b.read - b.kept - (a.read - a.kept))[0];
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
  if (ns(statement) < SCAN_WORTH_NAMING_NS) return undefined;
  const node = planNodes(statement, tree).find((each) => isSpilled(each) && ns(each) >= ns(statement) / 2);
  if (node) {
    const kb = nodeNumber(node, 'sort_space_kb');
    const pages = nodeNumber(node, 'temp_written_blocks');
    const size = kb ? `${kb} kB` : pages ? `${pages} pages` : 'what did not fit';
    return `${node.name} wrote ${size} to temporary files`;
  }
  if (statement.attributes['mariadb.filesort_on_disk'] === true) return 'its sort went to disk';
  if (statement.attributes['mariadb.tmp_table_on_disk'] === true) return 'its temporary table went to disk';
  return undefined;
}

const isSpilled = (node: Span): boolean =>
  nodeText(node, 'sort_space_type') === 'Disk' || (nodeNumber(node, 'hash_batches') ?? 1) > 1;

/**
 * InnoDB's wait for a row is in no field of its own: the engine was busy long over few pages, none of them read.
 * @returns how long, in ns
 */
export function rowLockWaitNs({ attributes }: Span): number | undefined {
  const engineMs = numberAt(attributes, 'mariadb.engine_time_ms');
  const pages = numberAt(attributes, 'mariadb.pages_accessed');
  if (engineMs === undefined || pages === undefined) return undefined;
  const readMs = numberAt(attributes, 'mariadb.pages_read_time_ms') ?? 0;
  const waitedMs = engineMs - readMs;
  const isWait =
    waitedMs >= WAITED_MS_PER_PAGE * Math.max(1, pages) && waitedMs * 1e6 >= LOCK_WORTH_NAMING_NS;
  return isWait ? waitedMs * 1e6 : undefined;
}

function planNodes(statement: Span, tree: Tree): Span[] {
  const nodes: Span[] = [];
  const stack = [...tree.childrenOf(statement)];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (typeOf(node) !== 'plan_node') continue;
    nodes.push(node);
    stack.push(...tree.childrenOf(node));
  }
  return nodes;
}

const nodeText = ({ attributes }: Span, fact: string) => textAt(attributes, `postgresql.plan.${fact}`);
const nodeNumber = ({ attributes }: Span, fact: string) => numberAt(attributes, `postgresql.plan.${fact}`);
