import { describe, expect, it } from 'vitest';
import { formatOf } from '../../src/import/formats.ts';
import { readMariadbSlowLog } from '../../src/import/mariadb-slow-log.ts';
import { redactSpan } from '../../src/model/redact.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { checkImport, fixture, fixturesOf } from './check-import.ts';

const read = (name: string) => readMariadbSlowLog(fixture('mariadb', name).toString());
const lengthMs = ({ startUnixNano, endUnixNano }: ReportedSpan) => Number(endUnixNano - startUnixNano) / 1e6;

describe('every fixture', () => {
  it.each(fixturesOf('mariadb'))('%s', async (name) => {
    const { untraced, ...result } = read(name);
    await checkImport('mariadb', name, result);
    for (const span of untraced ?? []) expect(span.traceId).toBe('0'.repeat(32));
  });
});

describe('a real capture (10.11)', () => {
  const capture = fixture('mariadb', 'mariadb-10.11.log');
  const { spans, warnings, untraced = [] } = read('mariadb-10.11.log');
  const under = (n: number) => spans.filter(({ parentSpanId }) => Number(parentSpanId) === n);

  it('is known by its head', () => {
    expect(formatOf(capture)?.name).toBe('MariaDB slow log');
  });

  it('hangs statements under the client span that their comment names', () => {
    expect(warnings).toEqual([]);
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9]) expect([n, under(n).length]).toEqual([n, 1]);
    expect(untraced.map((span) => span.attributes['db.query.text'])).toContain('select 1');
  });

  it('shows the scan: which table, how many rows, how few were kept', () => {
    expect(under(1)[0]).toMatchObject({
      name: 'SELECT shop',
      source: 'mariadb',
      evidence: 'logged',
      precisionNs: 1e9,
      attributes: {
        'mariadb.rows_examined': 60_000,
        'mariadb.rows_sent': 1,
        'mariadb.full_scan': true,
        'mariadb.scan.table': 'orders',
        'mariadb.scan.rows': 60_000,
        'mariadb.scan.kept_percent': 0,
      },
    });
    expect(under(2)[0]?.attributes).not.toHaveProperty('mariadb.full_scan', true);
  });

  it('reads a statement of several lines, and one that was prepared', () => {
    expect(under(3)[0]?.attributes['db.query.text']).toMatch(/^select a.id\nfrom .*\nwhere .* limit 5$/);
    expect(under(5)[0]?.attributes['db.query.text']).toBe('select note from orders where id = 7');
  });

  it('tells the wait for a table, not that for a row', () => {
    const waits = spans.filter(({ name }) => name === 'lock wait');
    expect(waits).toHaveLength(1);
    expect(waits[0]?.parentSpanId).toBe(under(7)[0]?.spanId);
    expect(waits[0]?.evidence).toBe('inferred');
    expect(lengthMs(waits[0] as ReportedSpan)).toBeGreaterThan(50);
    expect(lengthMs(under(6)[0] as ReportedSpan)).toBeGreaterThan(100);
    expect(under(6)[0]?.attributes['mariadb.engine_time_ms']).toBeGreaterThan(100);
  });
});

describe('bad entries', () => {
  it.each([
    ['entry-cut-short.log', ['mariadb.bad_entry'], 0],
    ['begins-inside-an-entry.log', ['mariadb.bad_entry'], 1],
    ['impossible-numbers.log', ['mariadb.bad_entry'], 0],
    ['restart-in-the-middle.log', [], 1],
    ['hostile-names.log', [], 1],
    ['administrator-command.log', [], 0],
  ])('%s → %j', (name, codes, spanCount) => {
    const { spans, warnings } = read(name);
    expect(warnings.map(({ code }) => code)).toEqual(codes);
    expect(spans).toHaveLength(spanCount);
  });
});

it('leaves no value of a statement in what is stored', () => {
  const [span] = read('value-in-double-quotes.log').spans;
  expect(redactSpan(span as ReportedSpan).attributes['db.query.text']).toBe(
    "select `id` from customer where email = '?' and note = '?'",
  );
});
