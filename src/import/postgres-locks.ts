/**
 * Waits for locks, and who held them:
 * - `process 7 still waiting for ShareLock on transaction 786 after 102.303 ms`, DETAIL `Process holding the lock: 5.` →
 *   an instant `still waiting`; it is all there is of a wait that is never granted;
 * - `process 7 acquired ShareLock on transaction 786 after 414.888 ms` → a span `lock wait`; it names nobody, so the
 *   holder is taken from the line before;
 * - `ERROR: deadlock detected`, DETAIL with both sides' statements.
 *
 * Who the holder is, the log tells of its pid: the last statement that it had run by then. A holder that is still
 * busy with its first statement is only a pid: statements are logged when they end.
 */
import { HEADWATER } from '../model/attributes.ts';
import type { AttributeValue, ReportedSpan, SpanLink } from '../model/span.ts';
import { dbSpan, type Line, type LineContext, pidOf, text } from './postgres-line.ts';
import type { PostgresMemory } from './postgres-memory.ts';
import { readSqlComment } from './sql-comment.ts';

const LOCK = /^process \d+ (still waiting for|acquired) (\w+) on (.+?) after (\d+(?:\.\d+)?) ms/;
const HOLDERS = /^Process(?:es)? holding the lock: ([\d, ]+)/;
/** A lock may be shared by very many. */
const MAX_HOLDERS = 50;

/** Undefined when the line is about something else. */
export function lockSpan(
  line: Line,
  message: string,
  context: LineContext,
  memory: PostgresMemory,
): ReportedSpan | undefined {
  const [, state, mode = '', object = '', ms] = LOCK.exec(message) ?? [];
  if (state === undefined) return undefined;
  const { sql, traceparent } = readSqlComment(text(line.statement) ?? '');
  const backend = memory.backend(pidOf(line) ?? -1);
  const isGranted = state === 'acquired';
  const named = holdersIn(line.detail);
  const holders = named.length > 0 ? named : (backend.waitsFor ?? []);
  backend.waitsFor = isGranted ? [] : holders;
  const { attributes, links } = memory.blocker(holders);
  return dbSpan(line, traceparent, context, {
    name: isGranted ? 'lock wait' : 'still waiting',
    act: isGranted ? 'lock_wait' : 'note',
    durationMs: isGranted ? Number(ms) : 0,
    attributes: {
      'db.query.text': sql,
      'postgresql.lock_mode': mode,
      'postgresql.lock_object': object,
      [isGranted ? 'postgresql.lock_wait_ms' : 'postgresql.lock_waiting_so_far_ms']: Number(ms),
      ...(holders.length ? { 'postgresql.lock_holder_pids': holders } : {}),
      ...attributes,
    },
    links,
  });
}

function holdersIn(detail: unknown): number[] {
  const list = HOLDERS.exec(text(detail) ?? '')?.[1];
  return list ? list.split(',').slice(0, MAX_HOLDERS).map(Number).filter(Number.isInteger) : [];
}

const SIDE = /^Process (\d+): (.*)$/;

/** The other side of a deadlock, which PostgreSQL quotes: its statement, and the trace that it belongs to. */
export function deadlockFacts(line: Line): { attributes: Record<string, AttributeValue>; links: SpanLink[] } {
  const sides = (text(line.detail) ?? '').split('\n').flatMap((each) => {
    const [, pid, statement] = SIDE.exec(each) ?? [];
    return pid !== undefined && statement !== undefined && Number(pid) !== pidOf(line)
      ? [{ pid, statement }]
      : [];
  });
  const [other] = sides;
  if (!other) return { attributes: {}, links: [] };
  const { sql, traceparent } = readSqlComment(other.statement);
  return {
    attributes: {
      [HEADWATER.dbAct]: 'note',
      'postgresql.lock_holder_pids': [Number(other.pid)],
      'postgresql.blocker.last_statement': sql,
      ...(traceparent ? { 'postgresql.blocker.trace_id': traceparent.traceId } : {}),
    },
    links: traceparent ? [{ traceId: traceparent.traceId, spanId: traceparent.spanId }] : [],
  };
}
