/**
 * Offers what a database said without naming a trace to the traces that it may belong to: those with a span of a
 * client that sent the same text, in whose time it lies. It stands between the receivers and the sink:
 * ```
 * //  OTLP ──── client spans ─────┐            ┌─► sink, as they are
 * //  log ───── statements ───────┤ joiner ────┤
 * //            … without a trace ┘            └─► sink, offered: trace id set, no parent, evidence "inferred"
 * ```
 * Stitching decides (stitch/statements.ts), with all of the trace at hand; here only what cannot fit is kept out, and
 * what fits clients of two traces: when the second one comes later, the offer to the first is withdrawn. A statement whose comment names a client span that an earlier execution in the same
 * session has named already is offered too: prepared statements keep the comment of their preparation.
 * Both sides are remembered for a while, as either may come first; the memory is bounded by number.
 */
import { HEADWATER } from '../model/attributes.ts';
import type { ImportResult, ReportedSpan } from '../model/span.ts';
import { sqlShape } from '../model/sql-shape.ts';
import { JOINED_BY_STATEMENT } from '../stitch/statements.ts';
import { RecentByKey } from './recent-by-key.ts';
import type { Sink } from './sink.ts';

/** Of each side: some seconds of a busy service. A statement with its plan is a few kB. */
const MAX_REMEMBERED = 5_000;
/** Reports below one statement that are kept with it. */
const MAX_BELOW = 200;
/** Of one text: a loop may send it thousands of times a second, and only those of the last moments can still be joined. */
const MAX_COMPARED = 200;

interface Statement {
  /** The statement first, then what its source hung below it. */
  readonly spans: readonly ReportedSpan[];
  readonly namedSpanId?: string | undefined;
  /** Traces with a client that it fits. */
  readonly fits: Set<string>;
}

export class StatementJoiner implements Sink {
  readonly #sink: Sink;
  readonly #statements = new RecentByKey<Statement>(MAX_REMEMBERED);
  readonly #clients = new RecentByKey<ReportedSpan>(MAX_REMEMBERED);
  readonly #firstByComment = new RecentByKey<string>(MAX_REMEMBERED);
  #isNeeded = false;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** From now on there is a log that may tell of statements. */
  begin(): void {
    this.#isNeeded = true;
  }

  /** What the sink refuses is not remembered: it will be offered again. */
  accept({ untraced = [], ...result }: ImportResult): void {
    if (this.#isNeeded) this.#join(result, untraced);
    else this.#sink.accept(result);
  }

  #join(result: Omit<ImportResult, 'untraced'>, untraced: readonly ReportedSpan[]): void {
    const statements = [...statementsOf(untraced), ...this.#frozen(result.spans)];
    const clients = result.spans.filter(isAsking);
    const fits = this.#fits(statements, clients);
    const offers = [...fits].flatMap(([statement, traceIds]) => offersOf(statement, traceIds));
    this.#sink.accept({ ...result, spans: [...result.spans, ...offers] });
    for (const [statement, traceIds] of fits) for (const traceId of traceIds) statement.fits.add(traceId);
    for (const statement of statements) this.#statements.add(shapeOf(statement.spans[0]!), statement);
    for (const client of clients) this.#clients.add(shapeOf(client), client);
    this.#rememberComments(result.spans);
  }

  /** The traces that each statement fits because of what came now. */
  #fits(
    statements: readonly Statement[],
    clients: readonly ReportedSpan[],
  ): Map<Statement, ReadonlySet<string>> {
    const fits = new Map<Statement, Set<string>>();
    const compare = (statement: Statement, client: ReportedSpan) => {
      if (client.spanId === statement.namedSpanId || !isWithin(statement.spans[0]!, client)) return;
      const traceIds = fits.get(statement) ?? new Set();
      fits.set(statement, traceIds.add(client.traceId));
    };
    for (const statement of statements) {
      const shape = shapeOf(statement.spans[0]!);
      for (const client of this.#clients.of(shape).slice(-MAX_COMPARED)) compare(statement, client);
      for (const client of clients) if (shapeOf(client) === shape) compare(statement, client);
    }
    for (const client of clients)
      for (const statement of this.#statements.of(shapeOf(client)).slice(-MAX_COMPARED))
        compare(statement, client);
    return fits;
  }

  /** Executions that carry a comment which this session has used before. */
  #frozen(spans: readonly ReportedSpan[]): Statement[] {
    const seen = new Set<string>();
    return spans.filter(isExecution).flatMap((span) => {
      const key = commentKey(span);
      const isFirst = !seen.has(key) && this.#firstByComment.of(key).every((known) => known === span.spanId);
      seen.add(key);
      const below = isFirst ? [] : belowOf(span, spans);
      return isFirst
        ? []
        : [{ spans: [span, ...below], namedSpanId: span.parentSpanId, fits: new Set<string>() }];
    });
  }

  #rememberComments(spans: readonly ReportedSpan[]): void {
    for (const span of spans.filter(isExecution)) {
      const key = commentKey(span);
      if (this.#firstByComment.of(key).length === 0) this.#firstByComment.add(key, span.spanId);
    }
  }
}

/** What fits one trace is offered to it; when another one turns up, the first is told that the offer is withdrawn. */
function offersOf({ spans, fits }: Statement, more: ReadonlySet<string>): ReportedSpan[] {
  const [traceId, ...others] = new Set([...fits, ...more]);
  const isWithdrawn = fits.size === 1 && others.length > 0;
  if (traceId === undefined || (fits.size === 0 ? others.length > 0 : !isWithdrawn)) return [];
  return spans.map((span, i) => offered(span, traceId, i === 0, isWithdrawn));
}

function offered(span: ReportedSpan, traceId: string, isFirst: boolean, isWithdrawn: boolean): ReportedSpan {
  const { parentSpanId, ...rest } = span;
  const joined = { ...rest, traceId, evidence: 'inferred' as const };
  if (!isFirst) return { ...joined, ...(parentSpanId && { parentSpanId }) };
  const attributes = {
    ...span.attributes,
    [HEADWATER.joinedBy]: JOINED_BY_STATEMENT,
    ...(isWithdrawn && { [HEADWATER.withdrawn]: true }),
  };
  return { ...joined, attributes };
}

const isDatabaseReport = ({ attributes }: ReportedSpan): boolean =>
  attributes[HEADWATER.type] === 'db_server';

const isExecution = (span: ReportedSpan): boolean => {
  const act = span.attributes[HEADWATER.dbAct];
  return isDatabaseReport(span) && span.parentSpanId !== undefined && (act === 'statement' || act === 'plan');
};

const commentKey = ({ clock, traceId, parentSpanId, attributes }: ReportedSpan): string =>
  `${clock} ${attributes[HEADWATER.dbSession]} ${attributes[HEADWATER.dbAct]} ${traceId} ${parentSpanId}`;

const textOf = ({ attributes }: ReportedSpan): string | undefined => {
  const sql = attributes['db.query.text'] ?? attributes['db.statement'];
  return typeof sql === 'string' && sql !== '' ? sql : undefined;
};

const shapeOf = (span: ReportedSpan): string => sqlShape(textOf(span) ?? '');

const isAsking = (span: ReportedSpan): boolean =>
  span.kind === 'client' && !isDatabaseReport(span) && textOf(span) !== undefined;

/** Each with what hangs below it; importers tell a statement before its nodes. */
function statementsOf(untraced: readonly ReportedSpan[]): Statement[] {
  return untraced
    .filter((span) => !span.parentSpanId && textOf(span) !== undefined)
    .map((span) => ({ spans: [span, ...belowOf(span, untraced)], fits: new Set<string>() }));
}

/** What directly follows and hangs, through what was met, below this span. */
function belowOf(top: ReportedSpan, spans: readonly ReportedSpan[]): ReportedSpan[] {
  const ids = new Set([top.spanId]);
  const below: ReportedSpan[] = [];
  for (let i = spans.indexOf(top) + 1; i < spans.length && below.length < MAX_BELOW; i++) {
    const span = spans[i]!;
    if (!ids.has(span.parentSpanId ?? '')) break;
    ids.add(span.spanId);
    below.push(span);
  }
  return below;
}

/** No longer than the client waited, inside that time, as finely as both tell it. */
function isWithin(statement: ReportedSpan, client: ReportedSpan): boolean {
  const slack = BigInt(Math.round(statement.precisionNs + client.precisionNs));
  return (
    statement.startUnixNano >= client.startUnixNano - slack &&
    statement.endUnixNano <= client.endUnixNano + slack &&
    statement.endUnixNano - statement.startUnixNano <=
      client.endUnixNano - client.startUnixNano + BigInt(Math.round(client.precisionNs))
  );
}
