/** One line of PostgreSQL's jsonlog, before it is known what it tells: its time, its session, and a span made of it. */
import { type DbAct, HEADWATER } from '../model/attributes.ts';
import { NO_TRACE_ID, spanIdOf, type TraceParent } from '../model/ids.ts';
import type { AttributeValue, ReportedSpan, SpanLink, SpanStatus } from '../model/span.ts';
import { NANOS_PER_MS, nanosFromMs, type UnixNano } from '../model/time.ts';
import { text as said } from './json-value.ts';
import { isPlanNode } from './postgres-plan.ts';

export type Line = { readonly [key: string]: unknown };
export type Warn = (code: string, message: string) => void;

export interface LineContext {
  readonly clock: string;
  readonly endUnixNano: UnixNano;
  readonly warn: Warn;
}

export function parseObject(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isPlanNode(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** From the text: it is larger than a double can hold. Inside strings the quotes would be escaped. */
export const queryIdOf = (text: string): string | undefined => /"query_id":(-?\d+)/.exec(text)?.[1];

const TIMESTAMP = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?) (\S+)$/;

export function timestampOf(text: string, warn: Warn): UnixNano | undefined {
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

export interface DbSpanParts {
  readonly name: string;
  readonly act: DbAct;
  readonly durationMs: number;
  readonly attributes: Record<string, AttributeValue>;
  readonly error?: string;
  readonly links?: readonly SpanLink[];
}

/** `line stamped |` at the end; the duration reaches back from there. */
export function dbSpan(
  line: Line,
  traceparent: TraceParent | undefined,
  { clock, endUnixNano }: LineContext,
  parts: DbSpanParts,
): ReportedSpan {
  const status: SpanStatus =
    parts.error === undefined ? { code: 'unset' } : { code: 'error', message: parts.error };
  return {
    traceId: traceparent?.traceId ?? NO_TRACE_ID,
    spanId: spanIdOf(
      'postgresql',
      said(line.session_id ?? line.pid),
      said(line.line_num) || String(endUnixNano),
    ),
    ...(traceparent && { parentSpanId: traceparent.spanId }),
    name: parts.name,
    kind: 'internal',
    startUnixNano: endUnixNano - BigInt(nanosFromMs(parts.durationMs)),
    endUnixNano,
    status,
    attributes: { ...sessionAttributes(line), [HEADWATER.dbAct]: parts.act, ...parts.attributes },
    events: [],
    links: parts.links ?? [],
    resource: { 'service.name': 'postgresql' },
    source: 'postgresql',
    clock,
    evidence: 'logged',
    precisionNs: NANOS_PER_MS,
  };
}

function sessionAttributes(line: Line): Record<string, AttributeValue> {
  const database = text(line.dbname);
  const pid = pidOf(line);
  const maybe: Record<string, AttributeValue | undefined> = {
    [HEADWATER.type]: 'db_server',
    [HEADWATER.layer]: 'db',
    [HEADWATER.component]: database ? `postgresql ${database}` : 'postgresql',
    // a parallel worker works for its leader's session
    [HEADWATER.dbSession]: text(said(line.leader_pid ?? pid)),
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

export const pidOf = (line: Line): number | undefined =>
  typeof line.pid === 'number' ? line.pid : undefined;

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
