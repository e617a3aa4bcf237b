/**
 * PostgreSQL's `jsonlog` (15 and later), one JSON object a line, with `auto_explain.log_format = json`.
 *
 * Read:
 * - auto_explain's plans → a span of the statement, one under it for each plan node (postgres-plan.ts);
 * - with `log_min_duration_statement`: `statement`, `parse`, `bind` and `execute` lines. They tell of what has no plan
 *   (COMMIT), and of planning: `bind` is when a statement is planned. Those of less than a millisecond become numbers
 *   of the statement that follows, as the log does not tell time finer than that;
 * - waits for locks, and deadlocks, with who held the lock (postgres-locks.ts);
 * - `temporary file` → an instant with its size; errors → an instant with status error and the SQLSTATE.
 * A line whose statement carries a sqlcommenter `traceparent` belongs to the client span that it names; what carries
 * none is `untraced`, when asked for. Ignored: everything without a statement, and the values of parameters.
 *
 * Times: a line is stamped when it is written, in whole milliseconds, floored; the statement began its duration before
 * (seen: −0.8…+0.5 ms off). Named prepared statements keep the comment of their first execution.
 *
 * https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-JSONLOG
 */
import type { AttributeValue, ImportResult, ReportedSpan, Warning } from '../model/span.ts';
import { number } from './json-value.ts';
import {
  dbSpan,
  type Line,
  type LineContext,
  parseObject,
  pidOf,
  queryIdOf,
  text,
  timestampOf,
  type Warn,
} from './postgres-line.ts';
import { deadlockFacts, lockSpan } from './postgres-locks.ts';
import { PostgresMemory } from './postgres-memory.ts';
import { isPlanNode, MAX_PLAN_NODES, planSpans } from './postgres-plan.ts';
import { readSqlComment } from './sql-comment.ts';

export interface PostgresLogOptions {
  /** Machine that the server runs on; names its clock. */
  readonly host?: string;
  /** Where the text came from, for warnings. */
  readonly where?: string;
  /** Tell of statements of no trace too. */
  readonly untraced?: boolean;
}

const PLAN = /^duration: (\d+(?:\.\d+)?) ms {2}plan:\s*/;
const STEP = /^duration: (\d+(?:\.\d+)?) ms {2}(?:(parse|bind|execute) [^:]*|(statement)): /;
const TEMPORARY_FILE = /^temporary file: path "[^"]*", size (\d{1,18})/;
/** Where a plan's line says which statement it is of; quicker than reading the plan. */
const QUERY_TEXT = /"Query Text": "((?:[^"\\]|\\.){0,2000})/;
const QUOTED_CHARS = 160;
/** The log's own precision: what took less has no place on the axis. */
const WORTH_A_SPAN_MS = 1;
/** Untraced statements of one call; a busy server tells of more than anybody can join. */
const MAX_UNTRACED = 5_000;

export const isPostgresJsonlog = (head: string): boolean =>
  /^\s*\{"timestamp":"[^"]*"[^\n]*"(error_severity|backend_type)"/.test(head);

/** Reads whole lines. Never throws. */
export const readPostgresJsonlog = (log: string, options: PostgresLogOptions = {}): ImportResult =>
  makeReader(options, true)(log);

/** The same for a log that grows: remembers who the backends are. */
export const postgresReader = (options: PostgresLogOptions = {}) => makeReader(options, false);

function makeReader(options: PostgresLogOptions, isWhole: boolean): (log: string) => ImportResult {
  const memory = new PostgresMemory();
  const clock = `postgresql@${options.host ?? 'server'}`;
  return (log) => {
    const spans: ReportedSpan[] = [];
    const untraced: ReportedSpan[] = [];
    const warnings: Warning[] = [];
    const keep = (told: readonly ReportedSpan[]) => {
      const list = told[0]?.parentSpanId ? spans : untraced;
      if (list === spans || (options.untraced && untraced.length < MAX_UNTRACED)) list.push(...told);
    };
    log.split('\n').forEach((line, index) => {
      if (!line.trim()) return;
      const where = `${options.where ?? 'postgresql log'}, line ${index + 1}`;
      const warn = (code: string, message: string) => warnings.push({ code, where, message });
      for (const told of readLine(line.trim(), { clock, warn, memory, isTold: options.untraced ?? false }))
        keep(told);
    });
    for (const span of memory.takeExecuted(isWhole)) keep([span]);
    return { spans, warnings, ...(options.untraced && { untraced }) };
  };
}

interface Reading {
  readonly clock: string;
  readonly warn: Warn;
  readonly memory: PostgresMemory;
  /** Are statements of no trace told? */
  readonly isTold: boolean;
}

type Told = readonly ReportedSpan[];

function readLine(raw: string, { clock, warn, memory, isTold }: Reading): readonly Told[] {
  const line = raw.startsWith('{') && raw.endsWith('}') ? parseObject(raw) : undefined;
  if (!line) {
    warn('postgresql.bad_json', `not a line of PostgreSQL's jsonlog: ${raw.slice(0, QUOTED_CHARS)}`);
    return [];
  }
  if (!isTold && !raw.includes('traceparent')) {
    remember(line, memory);
    return [];
  }
  const endUnixNano = timestampOf(text(line.timestamp) ?? '', warn);
  if (endUnixNano === undefined) return [];
  memory.sees(endUnixNano);
  const context = { clock, endUnixNano, warn };
  return spansOf({ ...line, query_id: queryIdOf(raw) }, text(line.message) ?? '', context, memory);
}

/** Most lines of a busy server are of no trace: of them only who ran what is kept. */
function remember(line: Line, memory: PostgresMemory): void {
  const pid = pidOf(line);
  const message = text(line.message) ?? '';
  const step = STEP.exec(message);
  const sql = step ? message.slice(step[0].length) : QUERY_TEXT.exec(message)?.[1];
  if (pid !== undefined && sql) memory.ran(pid, sql, undefined, text(line.application_name));
}

function spansOf(line: Line, message: string, context: LineContext, memory: PostgresMemory): readonly Told[] {
  const plan = PLAN.exec(message);
  if (plan) return [statementSpans(line, Number(plan[1]), message.slice(plan[0].length), context, memory)];
  const step = STEP.exec(message);
  if (step) {
    const [lead, ms, extended, simple] = step;
    return stepSpans(line, Number(ms), extended ?? simple ?? '', message.slice(lead.length), context, memory);
  }
  const lock = lockSpan(line, message, context, memory);
  if (lock) return [[lock]];
  const note = noteSpan(line, message, context);
  return note ? [[note]] : [];
}

function statementSpans(
  line: Line,
  durationMs: number,
  planText: string,
  context: LineContext,
  memory: PostgresMemory,
): ReportedSpan[] {
  const plan = parseObject(planText);
  if (!plan || !isPlanNode(plan.Plan)) {
    context.warn('postgresql.bad_plan', 'a plan is not JSON: set auto_explain.log_format = json');
    return [];
  }
  memory.seesPlans = true;
  const { sql, traceparent } = readSqlComment(text(plan['Query Text']) ?? '');
  const before = ranAfterPlanning(line, sql, traceparent, memory);
  const statement = dbSpan(line, traceparent, context, {
    name: nameOf(line),
    act: 'plan',
    durationMs,
    attributes: {
      'db.query.text': sql,
      'postgresql.duration_ms': durationMs,
      ...before,
      ...triggerTime(plan.Triggers),
    },
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

const nameOf = (line: Line): string =>
  [text(line.ps) ?? 'statement', text(line.dbname)].filter(Boolean).join(' ');

/**
 * The lines of one execution by the extended protocol, in the order of the log:
 * ```
 * // parse … | bind … | execute … | plan        `execute` and `plan` are the same time, told twice: the plan is kept
 * ```
 */
function stepSpans(
  line: Line,
  durationMs: number,
  step: string,
  statement: string,
  context: LineContext,
  memory: PostgresMemory,
): readonly Told[] {
  const { sql, traceparent } = readSqlComment(statement);
  const backend = memory.backend(pidOf(line) ?? -1);
  const earlier = backend.executed ? [[backend.executed.span]] : [];
  backend.executed = undefined;
  const isShort = durationMs < WORTH_A_SPAN_MS;
  const attributes = { 'db.query.text': sql, 'postgresql.duration_ms': durationMs };
  if (step === 'parse' || step === 'bind') {
    backend[step === 'parse' ? 'parseMs' : 'bindMs'] = durationMs;
    const name = step === 'parse' ? 'parse' : 'bind and plan';
    return isShort
      ? earlier
      : [...earlier, [dbSpan(line, traceparent, context, { name, act: step, durationMs, attributes })]];
  }
  const before = ranAfterPlanning(line, sql, traceparent, memory);
  const span = dbSpan(line, traceparent, context, {
    name: nameOf(line),
    act: 'statement',
    durationMs,
    attributes: { ...attributes, ...before },
  });
  if (step === 'statement') return [...earlier, [span]];
  backend.executed = { span, sql };
  return earlier;
}

/** Remembers who ran this, and takes the time of its parsing and planning, which the log told just before. */
function ranAfterPlanning(
  line: Line,
  sql: string,
  traceparent: ReturnType<typeof readSqlComment>['traceparent'],
  memory: PostgresMemory,
): Record<string, AttributeValue> {
  const pid = pidOf(line);
  if (pid === undefined) return {};
  memory.ran(pid, sql, traceparent, text(line.application_name));
  const backend = memory.backend(pid);
  const isPlanOfExecuted = backend.executed?.sql === sql;
  const told = isPlanOfExecuted ? backend.executed?.span.attributes : undefined;
  const parseMs = backend.parseMs ?? told?.['postgresql.parse_ms'];
  const planningMs = backend.bindMs ?? told?.['postgresql.planning_ms'];
  delete backend.parseMs;
  delete backend.bindMs;
  if (isPlanOfExecuted) backend.executed = undefined;
  return {
    ...(parseMs === undefined ? {} : { 'postgresql.parse_ms': parseMs }),
    ...(planningMs === undefined ? {} : { 'postgresql.planning_ms': planningMs }),
  };
}

function triggerTime(triggers: unknown): Record<string, AttributeValue> {
  if (!Array.isArray(triggers) || !triggers.length) return {};
  const ms = triggers.reduce((sum: number, trigger) => sum + (number(trigger?.Time) || 0), 0);
  return { 'postgresql.trigger_ms': ms };
}

/** Instants: a file that a statement needed because its memory was full, or how it failed. */
function noteSpan(line: Line, message: string, context: LineContext): ReportedSpan | undefined {
  const { sql, traceparent } = readSqlComment(text(line.statement) ?? '');
  const bytes = TEMPORARY_FILE.exec(message)?.[1];
  if (bytes !== undefined)
    return dbSpan(line, traceparent, context, {
      name: 'temporary file',
      act: 'note',
      durationMs: 0,
      attributes: { 'db.query.text': sql, 'postgresql.temporary_file_bytes': Number(bytes) },
    });
  if (!sql || !/^(ERROR|FATAL|PANIC)$/.test(text(line.error_severity) ?? '')) return undefined;
  const { attributes, links } = deadlockFacts(line);
  return dbSpan(line, traceparent, context, {
    name: 'error',
    act: 'note',
    durationMs: 0,
    attributes: {
      'db.query.text': sql,
      'db.response.status_code': text(line.state_code) ?? '',
      ...attributes,
    },
    error: message,
    links,
  });
}
