/** nginx, Envoy and Caddy: their real logs, and the dirt. HAProxy, the oldest of them, has a file of its own. */
import { describe, expect, it } from 'vitest';
import { readCaddyLog } from '../../src/import/caddy-log.ts';
import { readEnvoyLog } from '../../src/import/envoy-log.ts';
import { logFormatOf } from '../../src/import/formats.ts';
import { readNginxLog } from '../../src/import/nginx-log.ts';
import { readOtlpProtobuf } from '../../src/import/otlp.ts';
import { readProxyLog } from '../../src/import/proxy-log.ts';
import type { ImportResult, ReportedSpan } from '../../src/model/span.ts';
import { checkImport, fixture, fixturesOf } from './check-import.ts';

const READERS = { nginx: readNginxLog, envoy: readEnvoyLog, caddy: readCaddyLog } as const;
type Program = keyof typeof READERS;
const PROGRAMS = Object.keys(READERS) as Program[];
const CAPTURE: Readonly<Record<Program, string>> = {
  nginx: 'nginx-1.22.log',
  envoy: 'envoy-1.40.log',
  caddy: 'caddy-2.6.log',
};

const read = (program: Program, name: string): ImportResult =>
  READERS[program](fixture(program, name).toString());
const isProxy = ({ attributes }: ReportedSpan) => attributes['headwater.type'] === 'proxy';
const lengthMs = ({ startUnixNano, endUnixNano }: ReportedSpan) => Number(endUnixNano - startUnixNano) / 1e6;

/** The request number that the recorder put into the parent's id; a later one of the same number is left out. */
function proxyFor({ spans }: ImportResult, request: number): ReportedSpan {
  const parentSpanId = request.toString(16).padStart(16, '0');
  const found = spans.find((span) => isProxy(span) && span.parentSpanId === parentSpanId);
  if (!found) throw new Error(`no proxy span for request ${request}`);
  return found;
}
const partsOf = ({ spans }: ImportResult, proxy: ReportedSpan): ReportedSpan[] =>
  spans.filter(({ parentSpanId }) => parentSpanId === proxy.spanId);
const namesOf = (parts: readonly ReportedSpan[]) =>
  parts.map(({ name, status }) => `${name.replace(/ ?\S*:\d+$/, '')}${status.code === 'error' ? ' ✗' : ''}`);

describe.each(PROGRAMS)('%s: every fixture', (program) => {
  it.each(fixturesOf(program))('%s', async (name) => {
    const result = read(program, name);
    await checkImport(program, name, result);
    for (const proxy of result.spans.filter(isProxy)) {
      for (const part of partsOf(result, proxy)) {
        expect(part.startUnixNano).toBeGreaterThanOrEqual(proxy.startUnixNano);
        expect(part.endUnixNano).toBeLessThanOrEqual(proxy.endUnixNano);
      }
    }
  });
});

describe.each(PROGRAMS)('%s: the real capture', (program) => {
  const capture = fixture(program, CAPTURE[program]).toString();
  const result = read(program, CAPTURE[program]);

  it('is known by its first lines, and from a port that takes every kind', () => {
    const name = { nginx: 'nginx log', envoy: 'Envoy log', caddy: 'Caddy log' }[program];
    expect(logFormatOf(capture)?.name).toBe(name);
    const mixed = readProxyLog(
      `${capture}\n${fixture('haproxy', 'haproxy-2.6-raw.log').toString().split('\n')[0]}`,
    );
    expect(mixed.spans.filter(({ source }) => source === program)).toEqual(result.spans);
    expect(mixed.spans.filter(({ source }) => source === 'haproxy').length).toBeGreaterThan(0);
  });

  it('has no warnings', () => expect(result.warnings).toEqual([]));

  it('puts a proxy under each of the requests, with what was asked and answered', () => {
    expect(proxyFor(result, 1)).toMatchObject({
      name: 'GET /ok',
      kind: 'server',
      evidence: 'logged',
      source: program,
      attributes: {
        'headwater.layer': 'lb',
        'url.query': 'ms=12&page=2',
        'http.response.status_code': 200,
        'network.protocol.version': '2',
        'tls.protocol.version': '1.3',
      },
    });
    expect(proxyFor(result, 1).attributes['client.port']).toBeTypeOf('number');
  });

  it('times what the server took: 12 ms and a little', () => {
    const server = partsOf(result, proxyFor(result, 1)).find(({ name }) => name === 'server');
    expect(server && lengthMs(server)).toBeGreaterThanOrEqual(11);
  });

  it('keeps the quotes of a path', () =>
    expect(proxyFor(result, 11).attributes['url.query']).toBe('q="quoted"\\and\'more'));

  it('begins a trace of its own for a request that named none', () => {
    const [own] = result.spans.filter((span) => isProxy(span) && !span.parentSpanId);
    expect(own).toMatchObject({ name: 'GET /ok' });
    expect(own?.traceId).not.toBe(proxyFor(result, 1).traceId);
  });
});

describe('tries', () => {
  /** Which of the three met the dead server first depends on the program's turn; a new connection may show or not. */
  const retried = (result: ImportResult) =>
    [3, 4, 5]
      .map((request) => namesOf(partsOf(result, proxyFor(result, request))))
      .map((names) => names.filter((name) => name !== 'connect'))
      .filter((names) => names.includes('retries') || names.some((name) => name.startsWith('try')))[0];

  it('nginx: one span a try, then what the last one took', () => {
    const result = read('nginx', CAPTURE.nginx);
    expect(retried(result)).toEqual(['try 1: ✗', 'try 2:', 'server']);
    const proxy = [3, 4, 5]
      .map((n) => proxyFor(result, n))
      .find((p) => p.attributes['headwater.proxy.tries'] !== 1)!;
    expect(proxy.attributes['headwater.proxy.tries']).toBe(2);
    const [first, second] = partsOf(result, proxy);
    expect(first).toMatchObject({
      evidence: 'logged',
      attributes: { 'headwater.proxy.ending': 'connect_failed' },
    });
    expect(second).toMatchObject({ evidence: 'inferred', attributes: { 'http.response.status_code': 200 } });
  });

  it('Caddy: the failed one, and the server that answered', () =>
    expect(retried(read('caddy', CAPTURE.caddy))).toEqual(['try: ✗', 'server']));

  it('Envoy tells only how many: one phase for all that failed', () => {
    const result = read('envoy', CAPTURE.envoy);
    expect(retried(result)).toContain('retries');
    expect(proxyFor(result, 6).attributes['headwater.proxy.tries']).toBe(3);
  });
});

describe('why there was no answer', () => {
  const endingOf = (program: Program, request: number) => {
    const result = read(program, CAPTURE[program]);
    const proxy = proxyFor(result, request);
    const told = [proxy, ...partsOf(result, proxy)].map(
      ({ attributes }) => attributes['headwater.proxy.ending'],
    );
    return told.find((ending) => ending !== undefined);
  };

  it.each([
    ['nginx', ['connect_failed', 'server_timeout', 'server_failed', 'client_gone']],
    ['envoy', ['connect_failed', 'server_timeout', 'server_failed', 'client_gone']],
    ['caddy', ['connect_failed', 'server_timeout', 'server_failed', 'client_gone']],
  ] as const)('%s: all down, too slow, broke off, client gave up', (program, expected) =>
    expect([6, 7, 8, 9].map((request) => endingOf(program, request))).toEqual(expected),
  );

  it('Envoy: nobody healthy', () => expect(endingOf('envoy', 10)).toBe('no_server'));

  it('is told in words', () => {
    expect(proxyFor(read('nginx', CAPTURE.nginx), 7).status.message).toBe(
      'HTTP 504, the server did not answer in time',
    );
    expect(proxyFor(read('envoy', CAPTURE.envoy), 7).status.message).toMatch(
      /^HTTP 504, UT: the server did not/,
    );
  });
});

describe('bad lines', () => {
  it.each([
    ['nginx', 'default-format.log', 'nginx.default_format'],
    ['nginx', 'error-log.log', 'nginx.notice'],
    ['nginx', 'truncated-2048.log', 'nginx.truncated'],
    ['nginx', 'broken-json.log', 'nginx.bad_json'],
    ['nginx', 'no-time.log', 'nginx.no_time'],
    ['nginx', 'negative-time.log', 'nginx.no_time'],
    ['envoy', 'default-format.log', 'envoy.default_format'],
    ['envoy', 'own-log.log', 'envoy.notice'],
    ['envoy', 'truncated.log', 'envoy.truncated'],
    ['envoy', 'no-time.log', 'envoy.no_time'],
    ['caddy', 'truncated.log', 'caddy.truncated'],
    ['caddy', 'no-time.log', 'caddy.no_time'],
    ['caddy', 'error.log', 'caddy.notice'],
  ] as const)('%s %s → %s', (program, name, code) => {
    const { spans, warnings } = read(program, name);
    expect(spans).toEqual([]);
    expect(warnings.map((warning) => warning.code)).toEqual([code]);
    expect(readProxyLog(fixture(program, name).toString()).warnings.map((warning) => warning.code)).toEqual([
      code,
    ]);
  });

  it('uneven lists are told, and what can be known is', () => {
    const { spans, warnings } = read('nginx', 'uneven-lists.log');
    expect(warnings.map(({ code }) => code)).toEqual(['nginx.uneven_lists']);
    expect(spans.filter(isProxy)).toHaveLength(1);
  });

  it('without a stamp of sending, the first try’s place is inferred', () => {
    const { spans } = read('nginx', 'no-sent-stamp.log');
    expect(spans.map(({ name, evidence }) => [name, evidence])).toEqual([
      ['GET /cart', 'logged'],
      ['connect', 'inferred'],
      ['server', 'inferred'],
    ]);
  });

  it('says which line of what', () =>
    expect(readNginxLog('\nhello', { where: 'lb.log' }).warnings[0]?.where).toBe('lb.log, line 2'));
});

describe('Caddy by OTLP (official build, 2.8)', () => {
  it('takes part in the trace with spans of its own', () => {
    const { spans, warnings } = readOtlpProtobuf(fixture('otlp', 'caddy-2.8.pb'));
    expect(warnings).toEqual([]);
    expect(spans.find(({ parentSpanId }) => parentSpanId === '0000000000000001')).toMatchObject({
      name: 'GET /ok',
      kind: 'server',
      resource: { 'webengine.name': 'Caddy' },
    });
  });
});
