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
    const plans = spans.filter(({ attributes }) => attributes['headwater.db.act'] === 'plan');
    const frozen = 0xe; // prepared once, executed twice
    expect(plans.map(({ parentSpanId }) => Number.parseInt(parentSpanId ?? '', 16))).toEqual([
      1,
      2,
      3,
      ...[5, 5],
      7,
      8,
      0xa,
      expect.toBeOneOf([0xc, 0xd]), // the other one was in the deadlock
      ...[frozen, frozen],
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
    const [waiting] = under('0000000000000007').filter(({ name }) => name === 'still waiting');
    const [granted] = under('0000000000000007').filter(({ name }) => name === 'lock wait');
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

describe.each(['15', '18'])('what the server tells beside plans (%s)', (version) => {
  const { spans } = read(`postgresql-${version}.json`);
  const under = (n: number) =>
    spans.filter(({ parentSpanId }) => Number.parseInt(parentSpanId ?? '', 16) === n);
  const of = (n: number, name: string) => under(n).find((span) => span.name === name)?.attributes;

  it('names who held the lock, though the holder was of no trace', () => {
    expect(of(7, 'lock wait')).toMatchObject({
      'postgresql.lock_holder_pids': of(7, 'still waiting')?.['postgresql.lock_holder_pids'],
      'postgresql.blocker.last_statement': 'update orders set customer = 1 where id = 7',
      'postgresql.blocker.application_name': 'shop',
    });
  });

  it('tells planning as a number of the statement, as it is shorter than the log can place', () => {
    expect(under(2).map((span) => span.attributes['headwater.db.act'])).toEqual(['plan']);
    expect(under(2)[0]?.attributes['postgresql.parse_ms']).toBeGreaterThan(0);
    expect(under(2)[0]?.attributes['postgresql.planning_ms']).toBeGreaterThan(0);
  });

  it('tells the commit, which has no plan', () => {
    expect(under(9)).toMatchObject([
      { attributes: { 'db.query.text': 'commit', 'headwater.db.act': 'statement' } },
    ]);
  });

  it('tells temporary files, those of parallel workers with their leader', () => {
    const files = under(0xa).filter(({ name }) => name === 'temporary file');
    expect(files.length).toBeGreaterThan(0);
    for (const { attributes } of files)
      expect(attributes['postgresql.temporary_file_bytes']).toBeGreaterThan(0);
    expect(new Set(under(0xa).map(({ attributes }) => attributes['headwater.db.session'])).size).toBe(1);
  });

  it('tells a timeout and a deadlock, with the other side of it', () => {
    expect(of(0xb, 'error')?.['db.response.status_code']).toBe('57014');
    const [ended] = [...under(0xc), ...under(0xd)].filter(({ name }) => name === 'error');
    const other = ended?.parentSpanId === '000000000000000c' ? '000000000000000d' : '000000000000000c';
    expect(ended).toMatchObject({
      attributes: { 'db.response.status_code': '40P01' },
      links: [{ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: other }],
    });
  });
});

describe('statements of no trace', () => {
  const log = fixture('postgresql', 'postgresql-18.json').toString();

  it('are told only when asked for', () => {
    expect(readPostgresJsonlog(log).untraced).toBeUndefined();
    const { untraced = [] } = readPostgresJsonlog(log, { untraced: true });
    expect(untraced.map(({ attributes }) => attributes['db.query.text'])).toContain(
      'update orders set customer = 1 where id = 7',
    );
    for (const { traceId } of untraced) expect(traceId).toBe('0'.repeat(32));
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
