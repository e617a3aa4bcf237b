/**
 * What lines of one session refer to in earlier lines, of their own session or of another: who a backend is, that
 * blocks others; how long parsing and planning took before the statement was run. Bounded: the oldest are forgotten.
 */
import type { TraceParent } from '../model/ids.ts';
import type { AttributeValue, ReportedSpan, SpanLink } from '../model/span.ts';
import type { UnixNano } from '../model/time.ts';

/** More backends than a server can sensibly have. */
const MAX_BACKENDS = 1_000;
/** Enough of a statement to know it by. */
const STATEMENT_CHARS = 500;
/** A client that fetches all rows closes its statement at once. */
const PLAN_FOLLOWS_NS = 1_000_000_000n;
const HAS_PLAN = /^\W*(select|insert|update|delete|merge|with|values|table)\b/i;

interface Backend {
  lastStatement?: string;
  lastParent?: TraceParent | undefined;
  applicationName?: string | undefined;
  /** Pids that it waits for right now. */
  waitsFor?: readonly number[];
  parseMs?: number;
  bindMs?: number;
  /** An `execute` line, told before the plan of the same execution. */
  executed?: { readonly span: ReportedSpan; readonly sql: string } | undefined;
}

export class PostgresMemory {
  readonly #backendByPid = new Map<number, Backend>();

  backend(pid: number): Backend {
    const known = this.#backendByPid.get(pid) ?? {};
    // at the end of the map: the most recently heard of
    this.#backendByPid.delete(pid);
    this.#backendByPid.set(pid, known);
    const oldest = this.#backendByPid.keys().next().value;
    if (this.#backendByPid.size > MAX_BACKENDS && oldest !== undefined) this.#backendByPid.delete(oldest);
    return known;
  }

  ran(pid: number, sql: string, parent: TraceParent | undefined, applicationName: string | undefined): void {
    const backend = this.backend(pid);
    // what ends a transaction is not what held its locks
    if (/^(commit|rollback|end)\b/i.test(sql)) return;
    // a copy of its own: a slice would keep the whole chunk of the log in memory
    backend.lastStatement = ownCopy(sql.slice(0, STATEMENT_CHARS));
    backend.lastParent = parent;
    backend.applicationName = applicationName;
  }

  /** What is known of the first of these backends that something is known of. */
  blocker(pids: readonly number[]): { attributes: Record<string, AttributeValue>; links: SpanLink[] } {
    const found = pids.map((pid) => this.#backendByPid.get(pid)).find((backend) => backend?.lastStatement);
    if (!found?.lastStatement) return { attributes: {}, links: [] };
    const { lastStatement, lastParent, applicationName } = found;
    return {
      attributes: {
        'postgresql.blocker.last_statement': lastStatement,
        ...(applicationName ? { 'postgresql.blocker.application_name': applicationName } : {}),
        ...(lastParent ? { 'postgresql.blocker.trace_id': lastParent.traceId } : {}),
      },
      links: lastParent ? [{ traceId: lastParent.traceId, spanId: lastParent.spanId }] : [],
    };
  }

  /** Said by the first plan that is read: the server has auto_explain. */
  seesPlans = false;
  #newestUnixNano: UnixNano = 0n;

  sees(unixNano: UnixNano): void {
    if (unixNano > this.#newestUnixNano) this.#newestUnixNano = unixNano;
  }

  /**
   * `execute` lines whose plan did not follow: all there is of these statements. A plan is written when the statement is
   * closed, which may be some milliseconds and one read of the file later: until then its line is kept back.
   */
  takeExecuted(isEnd: boolean): ReportedSpan[] {
    const spans: ReportedSpan[] = [];
    for (const backend of this.#backendByPid.values()) {
      const { executed } = backend;
      if (!executed) continue;
      const mayFollow = this.seesPlans && HAS_PLAN.test(executed.sql) && !isEnd;
      if (mayFollow && this.#newestUnixNano - executed.span.endUnixNano < PLAN_FOLLOWS_NS) continue;
      spans.push(executed.span);
      backend.executed = undefined;
    }
    return spans;
  }
}

const ownCopy = (text: string): string => JSON.parse(JSON.stringify(text)) as string;
