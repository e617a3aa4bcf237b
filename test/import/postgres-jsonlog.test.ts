import { describe, expect, it } from 'vitest';
import { readPostgresJsonlog } from '../../src/import/postgres-jsonlog.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { checkImport, fixture, fixturesOf } from './check-import.ts';

const read = (name: string) => readPostgresJsonlog(fixture('postgresql', name).toString());
const typed = (spans: readonly ReportedSpan[], type: string) =>
  spans.filter(({ attributes }) => attributes['headwater.type'] === type);
const lengthMs = ({ startUnixNano, endUnixNano }: ReportedSpan) => Number(endUnixNano - startUnixNano) / 1e6;
const outline = (name: string) => read(name).spans.map((span) => `${span.name} ${lengthMs(span)}`);

describe('every fixture', () => {
  it.each(fixturesOf('postgresql'))('%s', async (name) => {
    const result = read(name);
    await checkImport('postgresql', name, result);
    const spanById = new Map(result.spans.map((span) => [span.spanId, span]));
    expect(spanById.size).toBe(result.spans.length);
    for (const node of typed(result.spans, 'plan_node')) {
      const parent = spanById.get(node.parentSpanId ?? '');
      expect(parent?.startUnixNano).toBeLessThanOrEqual(node.startUnixNano);
      expect(parent?.endUnixNano).toBeGreaterThanOrEqual(node.endUnixNano);
    }
  });
});

describe.each(['15', '18'])('a real capture (%s)', (version) => {
  const { spans, warnings } = read(`postgresql-${version}.json`);
  const under = (spanId: string) => spans.filter(({ parentSpanId }) => parentSpanId === spanId);

  it('hangs statements under the client span that their comment names', () => {
    expect(warnings).toEqual([]);
    expect(typed(spans, 'db_server').map(({ parentSpanId }) => Number(parentSpanId))).toEqual([
      1, 2, 3, 5, 5, 6, 7, 7, 7,
    ]);
  });

  it('shows the sequential scan: whose rows, how many were thrown away', () => {
    const scan = spans.find(({ name }) => name === 'Parallel Seq Scan on orders');
    expect(scan).toMatchObject({
      evidence: 'logged',
      attributes: { 'postgresql.plan.relation': 'orders' },
    });
    expect(scan?.attributes['postgresql.plan.rows_removed_by_filter']).toBe(20_000);
    expect(scan?.attributes['postgresql.plan.loops']).toBe(3);
  });

  it('keeps every digit of the query id', () => {
    const log = fixture('postgresql', `postgresql-${version}.json`).toString();
    const [statement] = under('0000000000000002');
    expect(log).toContain(`"query_id":${statement?.attributes['db.query.id']}}`);
    expect(statement?.attributes['db.query.text']).toBe('select * from orders where id = $1');
  });

  it('tells lock waits and errors', () => {
    const [waiting, granted] = under('0000000000000007').filter(({ name }) => name === 'lock wait');
    expect(waiting?.attributes['postgresql.lock_holder_pids']).toEqual([expect.any(Number)]);
    expect(lengthMs(granted as ReportedSpan)).toBe(granted?.attributes['postgresql.lock_wait_ms']);
    expect(under('0000000000000006')).toMatchObject([
      {
        name: 'error',
        status: { code: 'error', message: 'division by zero' },
        attributes: { 'db.response.status_code': '22012' },
      },
    ]);
  });
});

describe('plans', () => {
  it('multiplies by loops and divides by workers', () => {
    expect(outline('nested-loops-and-workers.json')).toEqual([
      'SELECT shop 199.157',
      'Gather 180',
      'Nested Loop 150',
      'Parallel Seq Scan on orders 50',
      'Index Scan using item_pkey on item 90',
      'Seq Scan on never 0',
    ]);
  });

  it('holds children inside their parents', () => {
    expect(outline('child-longer-than-parent.json')).toEqual([
      'SELECT shop 12.5',
      'Sort 10',
      'Seq Scan on orders 10',
    ]);
  });

  it('survives a plan of absurd depth', () => {
    const node = '{"Node Type":"Append","Actual Total Time":1,"Actual Loops":1,"Plans":[';
    const plan = `{"Query Text":"select 1 /*traceparent='00-${'a'.repeat(32)}-${'b'.repeat(16)}-01'*/","Plan":${node.repeat(5000)}${']}'.repeat(5000)}}`;
    const line = JSON.stringify({
      timestamp: '2026-11-22 07:14:03.349 UTC',
      message: `duration: 2 ms  plan:\n${plan}`,
    });
    const { spans, warnings } = readPostgresJsonlog(line);
    expect(spans).toHaveLength(2_001);
    expect(warnings).toMatchObject([{ code: 'postgresql.plan_cut' }]);
  });
});

it('keeps no values of parameters', () => {
  const name = 'parameters-are-not-kept.json';
  expect(fixture('postgresql', name).toString()).toContain('hunter2');
  expect(JSON.stringify(read(name).spans.map(({ attributes }) => attributes))).not.toContain('hunter2');
});

describe('comments', () => {
  it.each([
    ['leading-comment.json', 'select 1'],
    ['url-encoded-comment.json', 'select 1'],
    ['hint-comment-stays.json', 'select /*+ SeqScan(o) */ 1'],
    ['two-comments-last-wins.json', 'select 1 ; select 2'],
  ])('%s', (name, sql) => {
    expect(read(name).spans[0]).toMatchObject({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      parentSpanId: '00f067aa0ba902b7',
      attributes: { 'db.query.text': sql },
    });
  });

  it.each(['no-traceparent.json', 'bogus-traceparent.json'])('%s: nothing to tell', (name) => {
    expect(read(name)).toEqual({ spans: [], warnings: [] });
  });
});

describe('bad lines', () => {
  it.each([
    ['half-a-line.json', ['postgresql.bad_json', 'postgresql.bad_json'], 0],
    ['text-plan.json', ['postgresql.bad_plan'], 0],
    ['bad-timestamp.json', ['postgresql.bad_time'], 0],
    ['untimed-plan.json', ['postgresql.plan_untimed'], 2],
    ['time-zone-not-utc.json', ['postgresql.time_zone'], 2],
  ])('%s → %j', (name, codes, spanCount) => {
    const { spans, warnings } = read(name);
    expect(warnings.map(({ code }) => code)).toEqual(codes);
    expect(spans).toHaveLength(spanCount);
  });
});
