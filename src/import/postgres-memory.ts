/**
 * What lines of one session refer to in earlier lines, of their own session or of another: who a backend is, that
 * blocks others; how long parsing and planning took before the statement was run. Bounded: the oldest are forgotten.
 */
import type { TraceParent } from '../model/ids.ts';
import type { AttributeValue, ReportedSpan, SpanLink } from '../model/span.ts';

/** More backends than a server can sensibly have. */
const MAX_BACKENDS = 1_000;
/** Enough of a statement to know it by. */
const STATEMENT_CHARS = 500;

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

  /** `execute` lines whose plan did not follow: all there is of these statements. */
  takeExecuted(): ReportedSpan[] {
    const spans: ReportedSpan[] = [];
    for (const backend of this.#backendByPid.values()) {
      if (backend.executed) spans.push(backend.executed.span);
      backend.executed = undefined;
    }
    return spans;
  }
}

const ownCopy = (text: string): string => JSON.parse(JSON.stringify(text)) as string;
