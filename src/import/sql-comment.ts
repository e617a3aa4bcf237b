/**
 * sqlcommenter: `key='value'` pairs, URL-encoded, in an SQL comment before or after the statement.
 *
 * Only the `traceparent` is read. Where a text holds several (a simple query of several statements, a driver and a
 * proxy that both add one), the last one is taken: it was put there closest to the database.
 *
 * https://google.github.io/sqlcommenter/spec/
 */
import { parseTraceparent, type TraceParent } from '../model/ids.ts';

export interface CommentedSql {
  /** The statement without the comments that carry trace context; other comments (hints) stay. */
  readonly sql: string;
  readonly traceparent: TraceParent | undefined;
}

const PAIR = /traceparent\s*=\s*\\?'([^'\\]{1,200})\\?'/i;

export function readSqlComment(statement: string): CommentedSql {
  let sql = '';
  let traceparent: TraceParent | undefined;
  let at = 0;
  for (const [start, end] of commentRanges(statement)) {
    const found = traceparentOf(statement.slice(start, end));
    if (!found) continue;
    traceparent = found;
    sql += statement.slice(at, start);
    at = end;
  }
  return { sql: (sql + statement.slice(at)).trim(), traceparent };
}

function* commentRanges(statement: string): Generator<readonly [start: number, end: number]> {
  let start = statement.indexOf('/*');
  while (start >= 0) {
    const close = statement.indexOf('*/', start + 2);
    // a statement that was cut at track_activity_query_size may end inside its comment
    const end = close < 0 ? statement.length : close + 2;
    yield [start, end];
    start = statement.indexOf('/*', end);
  }
}

function traceparentOf(comment: string): TraceParent | undefined {
  const value = PAIR.exec(comment)?.[1];
  if (value === undefined) return undefined;
  try {
    return parseTraceparent(decodeURIComponent(value));
  } catch {
    return undefined;
  }
}
