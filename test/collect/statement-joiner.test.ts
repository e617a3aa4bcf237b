import { beforeEach, describe, expect, it } from 'vitest';
import { StatementJoiner } from '../../src/collect/statement-joiner.ts';
import { readPostgresJsonlog } from '../../src/import/postgres-jsonlog.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import { NO_TRACE_ID } from '../../src/model/ids.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { sqlShape } from '../../src/model/sql-shape.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { fixture } from '../import/check-import.ts';
import { reported, TRACE_ID } from '../stitch/reported.ts';
import { MemorySink } from './memory-sink.ts';

const OTHER_TRACE = 'b'.repeat(32);
const client = (id: string, startMs: number, endMs: number, sql: string, traceId = TRACE_ID) =>
  reported(id, undefined, startMs, endMs, {
    traceId,
    kind: 'client',
    source: 'otlp',
    attributes: { 'db.system.name': 'postgresql', 'db.query.text': sql },
  });
const statement = (id: string, startMs: number, endMs: number, sql: string) =>
  reported(id, undefined, startMs, endMs, {
    traceId: NO_TRACE_ID,
    type: 'db_server',
    source: 'postgresql',
    evidence: 'logged',
    precisionNs: 1e6,
    attributes: { [HEADWATER.dbAct]: 'plan', [HEADWATER.dbSession]: '7', 'db.query.text': sql },
  });
const batch = (spans: readonly ReportedSpan[], untraced: readonly ReportedSpan[] = []) => ({
  spans,
  warnings: [],
  untraced,
});

let sink: MemorySink;
let joiner: StatementJoiner;
beforeEach(() => {
  sink = new MemorySink();
  joiner = new StatementJoiner(sink);
  joiner.begin();
});
const offers = () => sink.spans.filter(({ attributes }) => attributes[HEADWATER.joinedBy]);

describe('a statement without trace context', () => {
  it.each(['the client', 'the statement'])('is offered, whichever comes first: %s', (first) => {
    const asked = batch([client('ask', 10, 20, 'select 1 where id = ?')]);
    const told = batch([], [statement('s', 11, 19, "select 1  where id = 'x'")]);
    for (const each of first === 'the client' ? [asked, told] : [told, asked]) joiner.accept(each);
    expect(offers()).toMatchObject([{ traceId: TRACE_ID, evidence: 'inferred', source: 'postgresql' }]);
    expect(sink.spans.some(({ traceId }) => traceId === NO_TRACE_ID)).toBe(false);
  });

  it('is offered to nobody when clients of two traces sent it at that time', () => {
    joiner.accept(batch([client('ask', 10, 20, 'select 1'), client('too', 11, 21, 'select 1', OTHER_TRACE)]));
    joiner.accept(batch([], [statement('s', 12, 18, 'select 1')]));
    expect(offers()).toEqual([]);
  });

  it('is offered again when the sink refused it', () => {
    joiner.accept(batch([client('ask', 10, 20, 'select 1')]));
    const told = batch([], [statement('s', 11, 19, 'select 1')]);
    sink.isBroken = true;
    expect(() => joiner.accept(told)).toThrow('disk full');
    sink.isBroken = false;
    joiner.accept(told);
    expect(offers()).toHaveLength(1);
  });

  it('is forgotten when very many others came after it', () => {
    joiner.accept(batch([], [statement('s', 11, 19, 'select old')]));
    const others = Array.from({ length: 5_000 }, (_, i) => statement(`n${i}`, 11, 19, `select col${i}`));
    joiner.accept(batch([], others));
    joiner.accept(batch([client('ask', 10, 20, 'select old')]));
    expect(offers()).toEqual([]);
  });
});

describe('a real log (PostgreSQL 18)', () => {
  const log = readPostgresJsonlog(fixture('postgresql', 'postgresql-18.json').toString(), { untraced: true });
  const around = (told: ReportedSpan, id: string, sql: string): ReportedSpan => ({
    ...client(id, 0, 0, sql),
    startUnixNano: told.startUnixNano - 1_000_000n,
    endUnixNano: told.endUnixNano + 1_000_000n,
  });

  const SQL = 'update orders set customer = 1 where id = 7';

  it('joins a statement without a comment to the client that sent it', () => {
    const [told] = log.untraced?.filter(({ attributes }) => attributes['db.query.text'] === SQL) ?? [];
    if (!told) throw new Error('the capture has no such statement');
    joiner.accept(log);
    joiner.accept(batch([around(told, 'ask', 'update orders set customer = $1 where id = $2')]));
    const trace = stitch(sink.spans.filter(({ traceId }) => traceId === TRACE_ID));
    const span = trace?.spans.find(({ spanId }) => spanId === told.spanId);
    const parent = trace?.spans.find(({ spanId }) => spanId === span?.parentId);
    expect([parent?.name, parent?.evidence, span?.evidence]).toEqual([
      'UPDATE postgres',
      'inferred',
      'inferred',
    ]);
    expect(trace?.spans.find(({ spanId }) => spanId === parent?.parentId)?.name).toBe('ask');
  });
});

describe('what two executions have in common', () => {
  it.each([
    ["select 1 /*traceparent='00-a'*/", 'select ?'],
    [
      "select 'it''s', e'\\'', 2.5 from t1 where a=$1 and b = -3 -- end",
      'select ?, ?, ? from t1 where a=? and b = ?',
    ],
    ['  select\n\t*  from "t 1" ; ', 'select * from "t 1"'],
    ['values (?, :1, $2)', 'values (?, ?, ?)'],
    ["select 'cut in the mid", 'select ?'],
  ])('%s', (sql, shape) => expect(sqlShape(sql)).toBe(shape));
});
