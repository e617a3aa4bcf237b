/**
 * PostgreSQL's `jsonlog` (15 and later), one JSON object a line, with `auto_explain.log_format = json`.
 *
 * Read, where the statement carries a sqlcommenter `traceparent`:
 * - auto_explain's plans → a span of the statement, one under it for each plan node (postgres-plan.ts);
 * - `process … acquired ShareLock … after 414.888 ms` → a span `lock wait`;
 *   `process … still waiting for …` → a `lock wait` without length, for the wait that is never granted;
 * - errors → a span without length with status error.
 * Ignored: everything without a `traceparent`, and the values of parameters.
 *
 * Times: a line is stamped when it is written, in whole milliseconds, floored; the statement began its duration before
 * (seen: −0.8…+0.5 ms off). Named prepared statements keep the comment of their first execution.
 *
 * https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-JSONLOG
 */
import { HEADWATER } from '../model/attributes.ts';
import { spanIdOf, type TraceParent } from '../model/ids.ts';
import type { AttributeValue, ImportResult, ReportedSpan, SpanStatus, Warning } from '../model/span.ts';
import { NANOS_PER_MS, nanosFromMs, type UnixNano } from '../model/time.ts';
import { isPlanNode, MAX_PLAN_NODES, planSpans } from './postgres-plan.ts';
import { readSqlComment } from './sql-comment.ts';

export interface PostgresLogOptions {
  /** Machine that the server runs on; names its clock. */
  readonly host?: string;
  /** Where the text came from, for warnings. */
  readonly where?: string;
}

type Line = { readonly [key: string]: unknown };
type Warn = (code: string, message: string) => void;

const PLAN = /^duration: (\d+(?:\.\d+)?) ms {2}plan:\s*/;
const LOCK = /^process \d+ (still waiting for|acquired) (\w+) on (.+?) after (\d+(?:\.\d+)?) ms/;
const HOLDERS = /^Process(?:es)? holding the lock: ([\d, ]+)/;
const QUOTED_CHARS = 160;

export const isPostgresJsonlog = (head: string): boolean =>
  /^\s*\{"timestamp":"[^"]*"[^\n]*"(error_severity|backend_type)"/.test(head);

/** Reads whole lines. Never throws. */
export function readPostgresJsonlog(log: string, options: PostgresLogOptions = {}): ImportResult {
  const spans: ReportedSpan[] = [];
  const warnings: Warning[] = [];
  log.split('\n').forEach((text, index) => {
    if (!text.trim()) return;
    const where = `${options.where ?? 'postgresql log'}, line ${index + 1}`;
    const warn = (code: string, message: string) => warnings.push({ code, where, message });
    spans.push(...readLine(text.trim(), `postgresql@${options.host ?? 'server'}`, warn));
  });
  return { spans, warnings };
}

function readLine(text: string, clock: string, warn: Warn): readonly ReportedSpan[] {
  const looksWhole = text.startsWith('{') && text.endsWith('}');
  // most lines of a busy server are of no trace: leave before parsing them
  if (looksWhole && !text.includes('traceparent')) return [];
  const line = looksWhole ? parse(text) : undefined;
  if (!line) {
    warn('postgresql.bad_json', `not a line of PostgreSQL's jsonlog: ${text.slice(0, QUOTED_CHARS)}`);
    return [];
  }
  const endUnixNano = timestampOf(String(line.timestamp ?? ''), warn);
  if (endUnixNano === undefined) return [];
  return spansOf({ ...line, query_id: queryIdOf(text) }, String(line.message ?? ''), {
    clock,
    endUnixNano,
    warn,
  });
}

function parse(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isPlanNode(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** From the text: it is larger than a double can hold. Inside strings the quotes would be escaped. */
const queryIdOf = (text: string): string | undefined => /"query_id":(-?\d+)/.exec(text)?.[1];

const TIMESTAMP = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?) (\S+)$/;

function timestampOf(text: string, warn: Warn): UnixNano | undefined {
  const [, date, time, zone = ''] = TIMESTAMP.exec(text) ?? [];
  const isUtc = /^(UTC|GMT|Z)$/.test(zone);
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : /^[+-]\d\d:\d\d$/.test(zone) ? zone : 'Z';
  const unixMs = Date.parse(`${date}T${time}${offset}`);
  if (!Number.isFinite(unixMs)) {
    warn('postgresql.bad_time', `a line has no readable timestamp: "${text.slice(0, 40)}"`);
    return undefined;
  }
  if (!isUtc && offset === 'Z') {
    warn(
      'postgresql.time_zone',
      `time zone ${zone} is read as UTC; set log_timezone = 'UTC' in postgresql.conf`,
    );
  }
  return BigInt(unixMs) * BigInt(NANOS_PER_MS);
}

interface LineContext {
  readonly clock: string;
  readonly endUnixNano: UnixNano;
  readonly warn: Warn;
}

function spansOf(line: Line, message: string, context: LineContext): readonly ReportedSpan[] {
  const plan = PLAN.exec(message);
  if (plan) return statementSpans(line, Number(plan[1]), message.slice(plan[0].length), context);
  const statement = typeof line.statement === 'string' ? line.statement : '';
  const lock = LOCK.exec(message);
  if (lock) return lockSpans(line, lock, statement, context);
  return /^(ERROR|FATAL|PANIC)$/.test(String(line.error_severity))
    ? errorSpans(line, message, statement, context)
    : [];
}

function statementSpans(
  line: Line,
  durationMs: number,
  planText: string,
  context: LineContext,
): ReportedSpan[] {
  const plan = parse(planText);
  if (!plan || !isPlanNode(plan.Plan)) {
    context.warn('postgresql.bad_plan', 'a plan is not JSON: set auto_explain.log_format = json');
    return [];
  }
  const { sql, traceparent } = readSqlComment(String(plan['Query Text'] ?? ''));
  if (!traceparent) return [];
  const operation = text(line.ps) ?? 'statement';
  const name = [operation, text(line.dbname)].filter(Boolean).join(' ');
  const statement = dbSpan(line, traceparent, context, {
    name,
    durationMs,
    attributes: { 'db.query.text': sql, 'postgresql.duration_ms': durationMs, ...triggerTime(plan.Triggers) },
  });
  const { spans, isCut, isTimed } = planSpans(plan.Plan, statement);
  if (isCut)
    context.warn('postgresql.plan_cut', `a plan has more than ${MAX_PLAN_NODES} nodes; the rest is left out`);
  if (!isTimed) {
    context.warn(
      'postgresql.plan_untimed',
      'a plan has no times: set auto_explain.log_analyze and log_timing to on',
    );
  }
  return [statement, ...spans];
}

function triggerTime(triggers: unknown): Record<string, AttributeValue> {
  if (!Array.isArray(triggers) || !triggers.length) return {};
  const ms = triggers.reduce((sum: number, trigger) => sum + (Number(trigger?.Time) || 0), 0);
  return { 'postgresql.trigger_ms': ms };
}

function lockSpans(
  line: Line,
  [, state, mode, object, ms]: RegExpExecArray,
  statement: string,
  context: LineContext,
): ReportedSpan[] {
  const { sql, traceparent } = readSqlComment(statement);
  if (!traceparent) return [];
  const isGranted = state === 'acquired';
  const waitedMs = Number(ms);
  const holders = HOLDERS.exec(String(line.detail ?? ''))?.[1];
  const attributes = {
    'db.query.text': sql,
    'postgresql.lock_mode': mode ?? '',
    'postgresql.lock_object': object ?? '',
    [isGranted ? 'postgresql.lock_wait_ms' : 'postgresql.lock_waiting_so_far_ms']: waitedMs,
    ...(holders ? { 'postgresql.lock_holder_pids': holders.split(',').map(Number) } : {}),
  };
  return [
    dbSpan(line, traceparent, context, {
      name: 'lock wait',
      durationMs: isGranted ? waitedMs : 0,
      attributes,
    }),
  ];
}

function errorSpans(line: Line, message: string, statement: string, context: LineContext): ReportedSpan[] {
  const { sql, traceparent } = readSqlComment(statement);
  if (!traceparent) return [];
  const attributes = { 'db.query.text': sql, 'db.response.status_code': text(line.state_code) ?? '' };
  return [dbSpan(line, traceparent, context, { name: 'error', durationMs: 0, attributes, error: message })];
}

interface DbSpanParts {
  readonly name: string;
  readonly durationMs: number;
  readonly attributes: Record<string, AttributeValue>;
  readonly error?: string;
}

/** `line stamped |` at the end; the duration reaches back from there. */
function dbSpan(
  line: Line,
  traceparent: TraceParent,
  { clock, endUnixNano }: LineContext,
  parts: DbSpanParts,
): ReportedSpan {
  const status: SpanStatus =
    parts.error === undefined ? { code: 'unset' } : { code: 'error', message: parts.error };
  return {
    traceId: traceparent.traceId,
    spanId: spanIdOf('postgresql', String(line.session_id ?? line.pid), String(line.line_num ?? endUnixNano)),
    parentSpanId: traceparent.spanId,
    name: parts.name,
    kind: 'internal',
    startUnixNano: endUnixNano - BigInt(nanosFromMs(parts.durationMs)),
    endUnixNano,
    status,
    attributes: { ...sessionAttributes(line), ...parts.attributes },
    events: [],
    links: [],
    resource: { 'service.name': 'postgresql' },
    source: 'postgresql',
    clock,
    evidence: 'logged',
    precisionNs: NANOS_PER_MS,
  };
}

function sessionAttributes(line: Line): Record<string, AttributeValue> {
  const database = text(line.dbname);
  const pid = typeof line.pid === 'number' ? line.pid : undefined;
  const maybe: Record<string, AttributeValue | undefined> = {
    [HEADWATER.type]: 'db_server',
    [HEADWATER.layer]: 'db',
    [HEADWATER.component]: database ? `postgresql ${database}` : 'postgresql',
    'db.system.name': 'postgresql',
    'db.namespace': database,
    'db.operation.name': text(line.ps),
    'db.query.id': text(line.query_id),
    'process.pid': pid,
    'postgresql.backend_pid': pid,
    'postgresql.application_name': text(line.application_name),
    'postgresql.user': text(line.user),
    'client.address': text(line.remote_host),
    [HEADWATER.clientPort]: typeof line.remote_port === 'number' ? line.remote_port : undefined,
  };
  const pairs = Object.entries(maybe).filter(
    (pair): pair is [string, AttributeValue] => pair[1] !== undefined,
  );
  return Object.fromEntries(pairs);
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
