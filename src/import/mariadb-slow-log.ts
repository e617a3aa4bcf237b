/**
 * MariaDB's slow query log as a file (10.11), one entry a statement:
 * ```
 * # Time: 261122 19:07:35                       only when the second has changed; the server's local time
 * # User@Host: shop[shop] @ localhost [127.0.0.1]
 * # Thread_id: 3  Schema: shop  QC_hit: No
 * # Query_time: 0.010264  Lock_time: 0.000091  Rows_sent: 1  Rows_examined: 60000
 * # Full_scan: Yes  …                           with log_slow_verbosity = query_plan,innodb,explain
 * # explain: 1	SIMPLE	orders	ALL	…              one row a table, between tabs
 * SET timestamp=1795374455;                     when it began, Unix seconds
 * select count(*) from orders …;                and in a comment of it: traceparent='00-…'
 * ```
 * Read: every entry. A statement whose comment carries a `traceparent` becomes a span under the client span that it
 * names, with a span `lock wait` inside it when it waited for a table; others are `untraced`.
 * Ignored: `# Time`, the values of `use`, the server's banner. A row lock's wait is not in `Lock_time` (InnoDB keeps
 * it in `Engine_time`), and no entry tells of an error.
 *
 * Times: lengths are microseconds, but a statement's start is a whole second, floored. So its place within its client's
 * span is not known better than that: `precisionNs` says so.
 *
 * https://mariadb.com/kb/en/slow-query-log-overview/
 */
import { HEADWATER } from '../model/attributes.ts';
import { NO_TRACE_ID, spanIdOf, type TraceParent } from '../model/ids.ts';
import type { AttributeValue, ImportResult, ReportedSpan, Warning } from '../model/span.ts';
import { type Nanos, nanosFromMs } from '../model/time.ts';
import { count, type Entry, type ExplainRow, entriesOf, milliseconds, readEntry } from './mariadb-entry.ts';
import { readSqlComment } from './sql-comment.ts';

export { beginsMariadbEntry, isMariadbSlowLog } from './mariadb-entry.ts';

export interface MariadbLogOptions {
  /** Machine that the server runs on; names its clock. */
  readonly host?: string;
  /** Where the text came from, for warnings. */
  readonly where?: string;
}

/** `SET timestamp` is in whole seconds. */
const PRECISION_NS: Nanos = 1e9;
/** A wait for a table shorter than this is the taking of a free lock. */
const LOCK_WAIT_MS = 1;
const QUOTED_CHARS = 160;

/** Reads whole entries. Never throws. */
export function readMariadbSlowLog(log: string, options: MariadbLogOptions = {}): ImportResult {
  const spans: ReportedSpan[] = [];
  const untraced: ReportedSpan[] = [];
  const warnings: Warning[] = [];
  for (const { line, lines } of entriesOf(log)) {
    const entry = readEntry(lines);
    if (entry === 'nothing') continue;
    if (entry === 'broken') {
      const where = `${options.where ?? 'mariadb log'}, line ${line}`;
      const message = `not an entry of MariaDB's slow log: ${lines.join(' ').slice(0, QUOTED_CHARS)}`;
      warnings.push({ code: 'mariadb.bad_entry', where, message });
      continue;
    }
    const { sql, traceparent } = readSqlComment(entry.statement);
    const told = spansOf(entry, sql, traceparent, `mariadb@${options.host ?? 'server'}`);
    (traceparent ? spans : untraced).push(...told);
  }
  return { spans, warnings, untraced };
}

function spansOf(entry: Entry, sql: string, parent: TraceParent | undefined, clock: string): ReportedSpan[] {
  const { fields, startUnixNano } = entry;
  const durationMs = milliseconds(fields.get('Query_time')) ?? 0;
  const schema = known(fields.get('Schema'));
  const operation = /^\W*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? 'statement';
  const spanId = spanIdOf('mariadb', String(startUnixNano), entry.text);
  const session = defined({
    [HEADWATER.type]: 'db_server',
    [HEADWATER.layer]: 'db',
    [HEADWATER.component]: schema ? `mariadb ${schema}` : 'mariadb',
    [HEADWATER.dbSession]: known(fields.get('Thread_id')),
    'db.system.name': 'mariadb',
    'db.namespace': schema,
    'db.operation.name': operation,
    'mariadb.user': /^[^[]*/.exec(fields.get('User@Host') ?? '')?.[0] || undefined,
  });
  const statement: ReportedSpan = {
    traceId: parent?.traceId ?? NO_TRACE_ID,
    spanId,
    ...(parent && { parentSpanId: parent.spanId }),
    name: [operation, schema].filter(Boolean).join(' '),
    kind: 'internal',
    startUnixNano,
    endUnixNano: startUnixNano + BigInt(nanosFromMs(durationMs)),
    status: { code: 'unset' },
    attributes: {
      ...session,
      [HEADWATER.dbAct]: 'statement',
      'db.query.text': sql,
      'mariadb.query_time_ms': durationMs,
      ...countAttributes(fields),
      ...scanAttributes(entry.explain),
    },
    events: [],
    links: [],
    resource: { 'service.name': 'mariadb' },
    source: 'mariadb',
    clock,
    evidence: 'logged',
    precisionNs: PRECISION_NS,
  };
  return [statement, ...lockWait(statement, session, milliseconds(fields.get('Lock_time')) ?? 0, durationMs)];
}

/**
 * A table is locked before the statement goes to work, so the wait is put at its start; where exactly is inferred.
 * ```
 * // statement  |------------------|
 * // lock wait  |--------|
 * ```
 */
function lockWait(
  statement: ReportedSpan,
  session: Record<string, AttributeValue>,
  lockMs: number,
  durationMs: number,
): ReportedSpan[] {
  if (lockMs < LOCK_WAIT_MS) return [];
  const waitedNs = BigInt(nanosFromMs(Math.min(lockMs, durationMs)));
  return [
    {
      ...statement,
      spanId: spanIdOf(statement.spanId, 'lock wait'),
      parentSpanId: statement.spanId,
      name: 'lock wait',
      endUnixNano: statement.startUnixNano + waitedNs,
      attributes: { ...session, [HEADWATER.dbAct]: 'lock_wait', 'mariadb.lock_time_ms': lockMs },
      evidence: 'inferred',
    },
  ];
}

/** Field of the log → attribute, by what it holds. */
const COUNTS = ['Rows_sent', 'Rows_examined', 'Rows_affected', 'Bytes_sent', 'Pages_accessed', 'Pages_read'];
const MORE_COUNTS = ['Pages_updated', 'Merge_passes', 'Tmp_tables', 'Tmp_disk_tables', 'Tmp_table_sizes'];
const FLAGS = ['Full_scan', 'Full_join', 'Tmp_table', 'Tmp_table_on_disk', 'Filesort', 'Filesort_on_disk'];

function countAttributes(fields: Entry['fields']): Record<string, AttributeValue> {
  const counts = [...COUNTS, ...MORE_COUNTS].map((name) => [name, count(fields.get(name))]);
  const flags = FLAGS.map((name) => [name, fields.has(name) ? fields.get(name) === 'Yes' : undefined]);
  const named = [...counts, ...flags].map(([name, value]) => [
    `mariadb.${String(name).toLowerCase()}`,
    value,
  ]);
  return defined({
    ...Object.fromEntries(named),
    'mariadb.lock_time_ms': milliseconds(fields.get('Lock_time')),
    // already in ms, unlike the other times
    'mariadb.engine_time_ms': count(fields.get('Engine_time')),
    'mariadb.pages_read_time_ms': count(fields.get('Pages_read_time')),
  });
}

/** ALL reads the table, index reads all of an index. */
const isScan = ({ type }: ExplainRow): boolean => type === 'ALL' || type === 'index';

function scanAttributes(rows: readonly ExplainRow[]): Record<string, AttributeValue> {
  const tables = rows.filter(({ table }) => table !== 'NULL');
  if (tables.length === 0) return {};
  const scan = tables.filter(isScan).sort((a, b) => (b.readRows ?? 0) - (a.readRows ?? 0))[0];
  return defined({
    'mariadb.explain': tables.map(sayRow),
    'mariadb.scan.table': scan?.table,
    'mariadb.scan.rows': scan?.readRows,
    'mariadb.scan.kept_percent': scan?.keptPercent,
  });
}

/** `orders: ALL, 60000 rows read, 0 % kept, Using where`. */
function sayRow({ table, type, key, readRows, keptPercent, extra }: ExplainRow): string {
  const parts = [
    key === 'NULL' ? type : `${type} by ${key}`,
    readRows === undefined ? '' : `${readRows} rows read`,
    keptPercent === undefined ? '' : `${keptPercent} % kept`,
    extra === 'NULL' ? '' : extra,
  ];
  return `${table}: ${parts.filter(Boolean).join(', ')}`;
}

const known = (text: string | undefined): string | undefined =>
  text === undefined || text === '' || text === 'NULL' ? undefined : text;

function defined(maybe: Record<string, AttributeValue | undefined>): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(maybe).filter((pair): pair is [string, AttributeValue] => pair[1] !== undefined),
  );
}
