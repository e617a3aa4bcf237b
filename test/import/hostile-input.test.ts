/** Whatever bytes come in: importers return, with warnings. A hang or a throw fails here. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHaproxyLog } from '../../src/import/haproxy-log.ts';
import { readNetLog } from '../../src/import/netlog.ts';
import { readOtlpJson } from '../../src/import/otlp.ts';
import { readPostgresJsonlog } from '../../src/import/postgres-jsonlog.ts';
import { readProxyLog } from '../../src/import/proxy-log.ts';
import type { ImportResult } from '../../src/model/span.ts';
import { fixture } from './check-import.ts';

function expectWellFormed({ spans, warnings }: ImportResult): void {
  for (const span of spans) expect(typeof span.startUnixNano).toBe('bigint');
  for (const warning of warnings) expect(warning.message).not.toBe('');
}

describe('values of the wrong type', () => {
  const anything = fc.oneof(
    fc.anything({ maxDepth: 1 }),
    fc.constantFrom('-', -1, 1e300, '1795333153877706', null),
  );

  it.each(['nginx', 'envoy', 'caddy'])('in the fields of %s', (program) => {
    const capture = { nginx: 'no-sent-stamp.log', envoy: 'out-of-order.log', caddy: 'named-access-log.log' };
    const line = fixture(program, capture[program as keyof typeof capture]).toString();
    const good = JSON.parse(line) as Record<string, unknown>;
    const identity = { k: good.k, tp_in: good.tp_in, logger: good.logger, msg: good.msg };
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(good)), anything), (wrong) => {
        expectWellFormed(readProxyLog(textOf({ ...good, ...identity, ...wrong })));
      }),
    );
  });

  it('in HAProxy’s fields', () => {
    const good = JSON.parse(fixture('haproxy', 'forwarded-unchanged.log').toString()) as Record<
      string,
      unknown
    >;
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(good)), anything), (wrong) => {
        expectWellFormed(readHaproxyLog(textOf({ ...good, k: 'haproxy', tp_in: good.tp_in, ...wrong })));
      }),
    );
  });

  it('in PostgreSQL’s plan nodes', () => {
    const keys = [
      'Node Type',
      'Actual Total Time',
      'Actual Loops',
      'Actual Rows',
      'Plans',
      'Workers Launched',
      'Filter',
    ];
    const traceparent = `traceparent='00-${'a'.repeat(32)}-${'b'.repeat(16)}-01'`;
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), anything), (node) => {
        const plan = textOf({
          'Query Text': `/*${traceparent}*/`,
          Plan: { ...node, Plans: [node, node.Plans] },
        });
        const line = {
          timestamp: '2026-11-22 07:14:03.349 UTC',
          message: `duration: 1.5 ms  plan:\n${plan}`,
        };
        const result = readPostgresJsonlog(JSON.stringify(line));
        expectWellFormed(result);
        expect(result.spans.length).toBeGreaterThan(0);
      }),
    );
  });

  it('in OTLP/JSON', () => {
    fc.assert(
      fc.property(fc.anything(), anything, (value, other) => {
        const span = {
          traceId: other,
          spanId: value,
          attributes: [{ key: 'k', value }, value],
          startTimeUnixNano: other,
        };
        expectWellFormed(
          readOtlpJson({
            resourceSpans: [{ resource: value, scopeSpans: [{ scope: other, spans: [span] }] }, value],
          }),
        );
      }),
    );
  });
});

/** JSON of anything that fast-check thinks of; what JSON cannot say is left out. */
const textOf = (value: object): string =>
  JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v));

describe('NetLog', () => {
  const capture = fixture('netlog', 'chromium-156-tls.json');
  const head = capture.indexOf('"events"');
  const survives = (text: string) => {
    const log = readNetLog(text);
    for (const warning of log.warnings) expect(warning.message).not.toBe('');
    for (const exchange of log.exchanges) expect(Number.isFinite(exchange.startUnixMs)).toBe(true);
    for (const connection of log.connections) expect(Number.isFinite(connection.tcp.startUnixMs)).toBe(true);
    return log;
  };

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void survives(Buffer.from(bytes).toString())),
    );
  });

  it('survives a capture cut off anywhere', () => {
    fc.assert(
      fc.property(fc.nat(capture.length), (end) => void survives(capture.subarray(0, end).toString())),
      { numRuns: 30 },
    );
  });

  it('survives flipped bits, in the events and in the constants', () => {
    const flips = fc.array(fc.tuple(fc.nat(capture.length - 1), fc.nat(7)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(flips, fc.boolean(), (places, inConstants) => {
        const bytes = Buffer.from(capture);
        for (const [at, bit] of places) {
          const place = inConstants ? at % head : at;
          bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
        }
        survives(bytes.toString());
      }),
      { numRuns: 30 },
    );
  });

  it('survives parameters of the wrong type, hostile keys and huge numbers, on every kind of event', () => {
    const log = JSON.parse(capture.toString()) as { constants: unknown; events: Record<string, unknown>[] };
    const wrong = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom<unknown>(
        1e308,
        -1e308,
        '\u0000',
        [],
        [null],
        { id: 1e300 },
        { id: '1' },
        'x'.repeat(5_000),
      ),
    );
    const keys = [
      'type',
      'bytes',
      'certificates',
      'stream_id',
      'url',
      'headers',
      'source_dependency',
      'net_error',
    ].concat([
      'address',
      'local_address',
      'group_id',
      'byte_count',
      'id',
      'value',
      'should_wait',
      '__proto__',
    ]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(...keys), wrong), { maxLength: 200 }),
        (changes) => {
          const events = log.events.map((event) => ({ ...event }));
          for (const [at, key, value] of changes) {
            const event = events[at % events.length];
            if (event)
              event.params = JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value) ?? 'null'}}`);
          }
          survives(JSON.stringify({ constants: log.constants, events }));
        },
      ),
      { numRuns: 40 },
    );
    expect(({} as Record<string, unknown>).type).toBeUndefined();
  });

  it('reads on after a line of 100 MB that is no event', () => {
    const lines = capture.toString().split('\n');
    const whole = readNetLog(capture.toString());
    lines.splice(3, 0, 'x'.repeat(100_000_000));
    const log = survives(lines.join('\n'));
    expect(log.warnings.map((w) => w.code)).toContain('netlog.bad_line');
    expect(log.exchanges).toHaveLength(whole.exchanges.length);
  });
});
