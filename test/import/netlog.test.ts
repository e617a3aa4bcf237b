import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Exchange, isNetLog, readNetLog } from '../../src/import/netlog.ts';
import { parseTraceparent } from '../../src/model/ids.ts';

const REAL = readFileSync(new URL('../fixtures/netlog/chromium-156.json', import.meta.url), 'utf8');

/** A log with numbers of its own, to show that names are taken from the constants. */
const TYPES = {
  URL_REQUEST_START_JOB: 901,
  REQUEST_ALIVE: 902,
  HTTP_TRANSACTION_SEND_REQUEST: 903,
  SOCKET_ALIVE: 904,
  TCP_CONNECT: 905,
  SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP: 906,
  HTTP_STREAM_REQUEST_BOUND_TO_JOB: 907,
  SOCKET_POOL_BOUND_TO_SOCKET: 908,
  SOCKET_POOL: 909,
};
const SOURCES = { URL_REQUEST: 71, SOCKET: 72, HTTP_STREAM_JOB: 73 };
const CONSTANTS = {
  timeTickOffset: 1_000_000,
  logEventPhase: { PHASE_NONE: 0, PHASE_BEGIN: 1, PHASE_END: 2 },
  logEventTypes: TYPES,
  logSourceType: SOURCES,
};
type Kind = keyof typeof TYPES;
const event = (
  source: keyof typeof SOURCES,
  id: number,
  type: Kind,
  phase: 0 | 1 | 2,
  time: number,
  params = {},
) =>
  JSON.stringify({
    params,
    phase,
    source: { id, type: SOURCES[source], start_time: '0' },
    time: String(time),
    type: TYPES[type],
  });
const open = (lines: readonly string[]) =>
  `{"constants":${JSON.stringify(CONSTANTS)},\n"events": [\n${lines.join(',\n')}`;
const closed = (lines: readonly string[]) => `${open(lines)}]}\n`;
const on = (id: number) => ({ source_dependency: { id, type: 0 } });

const by = (exchanges: readonly Exchange[], path: string) =>
  exchanges.find((e) => new URL(e.url).pathname === path);

describe('a real log', () => {
  const log = readNetLog(REAL);

  it('is recognised and read without a warning', () => {
    expect(isNetLog(REAL)).toBe(true);
    expect(isNetLog('{"log":{"version":"1.2"}}')).toBe(false);
    expect(log.warnings).toEqual([]);
    expect(log.truncated).toBe(false);
  });

  it('has each hop as an exchange, with the traceparent that was sent', () => {
    expect(
      log.exchanges.map((e) => `${e.method} ${new URL(e.url).pathname} ${e.statusCode ?? e.netError}`),
    ).toEqual([
      'GET / 200',
      'GET /app.js 200',
      'OPTIONS /cors 200',
      'GET /favicon.ico 200',
      'POST /cors 200',
      'GET /redirect 302',
      'GET /after 200',
      'GET / -102',
      'GET / -105',
    ]);
    const redirect = by(log.exchanges, '/redirect');
    const after = by(log.exchanges, '/after');
    expect(redirect?.sourceId).toBe(after?.sourceId);
    const spanIds = [redirect, after].map((e) => parseTraceparent(e?.traceparent ?? '')?.spanId);
    expect(new Set(spanIds).size).toBe(2);
    expect(by(log.exchanges, '/app.js')?.traceparent).toBeUndefined();
  });

  it('lets the first request on a socket pay for it, and the others ride', () => {
    const paid = log.exchanges
      .filter((e) => e.paidForConnection)
      .map((e) => `${e.method} ${new URL(e.url).pathname}`);
    expect(paid).toEqual(['GET /', 'OPTIONS /cors']);
    const page = by(log.exchanges, '/');
    expect(by(log.exchanges, '/app.js')?.connectionId).toBe(page?.connectionId);
    const connection = log.connections.find((c) => c.sourceId === page?.connectionId);
    expect(connection?.localAddress).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(connection?.tls).toMatchObject({ version: 'TLS 1.3', alpn: 'h2', isResumed: false });
    expect(connection?.tls?.messages.map((m) => m.type).slice(0, 2)).toEqual([1, 2]);
    expect(connection?.dns?.transactions.map((t) => t.queryType).sort()).toEqual([1, 28, 65]);
    expect(connection?.dns?.endUnixMs).toBeLessThanOrEqual((connection?.tcp.startUnixMs ?? 0) + 1);
  });

  it('keeps both sockets of a race that nobody won', () => {
    const lost = log.connections.filter((c) => c.tcp.netError !== undefined);
    expect(lost.map((c) => c.attempts[0]?.address.replace(/\d+$/, 'PORT')).sort()).toEqual([
      '127.0.0.1:PORT',
      '[::1]:PORT',
    ]);
    expect(new Set(lost.map((c) => c.jobId)).size).toBe(1);
  });

  it('has the lookups that failed', () => {
    const failed = log.dnsJobs.filter((job) => job.netError === -105);
    expect(new Set(failed.map((job) => job.origin))).toEqual(new Set(['https://gone.example']));
  });
});

describe('a killed browser', () => {
  it('leaves a log that is read up to the cut, wherever the cut is', () => {
    const whole = readNetLog(REAL);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: REAL.length - 10 }), (at) => {
        const cut = readNetLog(REAL.slice(0, at));
        expect(cut.truncated).toBe(true);
        expect(cut.warnings.length).toBeGreaterThan(0);
        expect(whole.exchanges.map((e) => e.url)).toEqual(
          expect.arrayContaining(cut.exchanges.map((e) => e.url)),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('keeps an exchange that never ended', () => {
    const log = readNetLog(
      open([
        event('URL_REQUEST', 1, 'URL_REQUEST_START_JOB', 1, 10, { url: 'http://a.example/', method: 'GET' }),
        event('URL_REQUEST', 1, 'HTTP_TRANSACTION_SEND_REQUEST', 1, 12),
      ]),
    );
    expect(log.exchanges).toMatchObject([{ startUnixMs: 1_000_010, sendStartUnixMs: 1_000_012 }]);
    expect(log.exchanges[0]?.endUnixMs).toBeUndefined();
  });
});

describe('dirty logs', () => {
  const start = event('URL_REQUEST', 1, 'URL_REQUEST_START_JOB', 1, 10, {
    url: 'http://a.example/',
    method: 'GET',
  });
  const end = event('URL_REQUEST', 1, 'REQUEST_ALIVE', 2, 40, { net_error: -3 });

  it('skips a broken line in the middle and says which', () => {
    const log = readNetLog(open([start, '{"phase":', end]));
    expect(log.exchanges).toMatchObject([{ startUnixMs: 1_000_010, endUnixMs: 1_000_040, netError: -3 }]);
    expect(log.warnings.map((w) => [w.code, w.where])).toContainEqual(['netlog.bad_line', 'line 4']);
  });

  it('counts events without a time or source', () => {
    const log = readNetLog(closed([start, '{"type":901}', '{"time":"x","source":{"id":1}}']));
    expect(log.warnings).toMatchObject([
      { code: 'netlog.bad_event', message: '2 events had no time, type or source.' },
    ]);
  });

  it('survives numbers that the constants do not name', () => {
    const log = readNetLog(
      closed([start, JSON.stringify({ phase: 9, source: { id: 5, type: 999 }, time: '1', type: 9_999 })]),
    );
    expect(log.exchanges).toHaveLength(1);
    expect(log.warnings).toEqual([]);
  });

  it('says that a file is not a NetLog', () => {
    expect(readNetLog('hello').warnings.map((w) => w.code)).toContain('netlog.no_constants');
    expect(readNetLog('').exchanges).toEqual([]);
  });

  it('names the stall that a job met', () => {
    const log = readNetLog(
      closed([
        start,
        event('HTTP_STREAM_JOB', 2, 'SOCKET_POOL', 1, 11),
        event('HTTP_STREAM_JOB', 2, 'SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP', 0, 11),
        event('HTTP_STREAM_JOB', 2, 'SOCKET_POOL_BOUND_TO_SOCKET', 0, 30, on(3)),
        event('HTTP_STREAM_JOB', 2, 'SOCKET_POOL', 2, 30),
        event('URL_REQUEST', 1, 'HTTP_STREAM_REQUEST_BOUND_TO_JOB', 0, 30, on(2)),
        event('URL_REQUEST', 1, 'HTTP_TRANSACTION_SEND_REQUEST', 1, 31),
        end,
      ]),
    );
    expect(log.exchanges).toMatchObject([{ connectionId: 3, paidForConnection: true }]);
    expect(log.exchanges[0]?.stalls).toEqual([
      { kind: 'SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP', startUnixMs: 1_000_011, endUnixMs: 1_000_030 },
    ]);
  });
});

describe('any text', () => {
  const junk = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((value) => `{"constants":${JSON.stringify(CONSTANTS)},"events":${value}}`),
    fc.array(fc.json()).map((values) => closed(values)),
    fc
      .array(
        fc.record({
          type: fc.constantFrom(...Object.values(TYPES)),
          phase: fc.integer({ min: 0, max: 2 }),
          time: fc.oneof(fc.integer().map(String), fc.string()),
          source: fc.record({
            id: fc.integer({ min: 0, max: 4 }),
            type: fc.constantFrom(...Object.values(SOURCES)),
          }),
          params: fc.oneof(fc.constant({}), fc.object(), fc.integer({ min: 0, max: 4 }).map(on)),
        }),
      )
      .map((events) => closed(events.map((e) => JSON.stringify(e)))),
  );
  it('never throws', () => {
    fc.assert(
      fc.property(junk, (text) => {
        const log = readNetLog(text);
        expect(log.exchanges.every((e) => Number.isFinite(e.startUnixMs))).toBe(true);
      }),
    );
  });
});
