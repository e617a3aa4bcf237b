import { describe, expect, it } from 'vitest';
import { isHaproxyLog, readHaproxyLog } from '../../src/import/haproxy-log.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { checkImport, fixture, fixturesOf } from './check-import.ts';

const read = (name: string) => readHaproxyLog(fixture('haproxy', name).toString());
const proxiesOf = (spans: readonly ReportedSpan[]) =>
  spans.filter(({ attributes }) => attributes['headwater.type'] === 'proxy');
const phasesOf = (spans: readonly ReportedSpan[], proxy: ReportedSpan | undefined) =>
  spans.filter(({ parentSpanId }) => parentSpanId === proxy?.spanId);
const lengthMs = ({ startUnixNano, endUnixNano }: ReportedSpan) => Number(endUnixNano - startUnixNano) / 1e6;
/** `queue 301, server 12`, rounded to whole ms. */
const phaseText = (name: string) => {
  const { spans } = read(name);
  return phasesOf(spans, proxiesOf(spans)[0])
    .map((phase) => `${phase.name} ${Math.round(lengthMs(phase))}`)
    .join(', ');
};

describe('every fixture', () => {
  it.each(fixturesOf('haproxy'))('%s', async (name) => {
    const result = read(name);
    await checkImport('haproxy', name, result);
    for (const proxy of proxiesOf(result.spans)) {
      let at = proxy.startUnixNano;
      for (const phase of phasesOf(result.spans, proxy)) {
        expect(phase.startUnixNano).toBe(at);
        expect(phase.endUnixNano).toBeLessThanOrEqual(proxy.endUnixNano);
        at = phase.endUnixNano;
      }
    }
  });
});

describe('a real capture (2.6)', () => {
  it('reads the same from every framing', () => {
    const raw = read('haproxy-2.6-raw.log').spans;
    for (const framing of ['rfc3164', 'rfc5424']) {
      const { spans, warnings } = read(`haproxy-2.6-${framing}.log`);
      expect(warnings).toEqual([]);
      expect(spans.map(({ clock, ...span }) => span)).toEqual(
        raw.slice(0, spans.length).map(({ clock, ...span }) => span),
      );
    }
  });

  it('sniffs its own lines and nobody else’s', () => {
    for (const framing of ['raw', 'rfc3164', 'rfc5424']) {
      const lines = fixture('haproxy', `haproxy-2.6-${framing}.log`).toString().trim().split('\n');
      expect(lines.every(isHaproxyLog)).toBe(true);
    }
    expect(isHaproxyLog('{"k":"nginx","msec":"1795331501.758"}')).toBe(false);
  });

  it('puts the proxy under the browser’s span and names its own as the backend saw it', () => {
    const [proxy] = proxiesOf(read('haproxy-2.6-raw.log').spans);
    expect(proxy).toMatchObject({ parentSpanId: '0000000000000001', kind: 'server', evidence: 'logged' });
    expect(proxy?.spanId).toBe(
      /tp_out":"00-\w{32}-(\w{16})/.exec(fixture('haproxy', 'haproxy-2.6-raw.log').toString())?.[1],
    );
  });

  it('says who paid for the handshake: the first request of the connection', () => {
    const [first, second] = proxiesOf(read('haproxy-2.6-raw.log').spans);
    expect(first?.attributes['tls.protocol.version']).toBe('1.3');
    expect(first?.attributes).toHaveProperty(['haproxy.tls_done_unix_us']);
    expect(second?.attributes['client.port']).toBe(first?.attributes['client.port']);
    expect(second?.attributes).not.toHaveProperty(['haproxy.tls_done_unix_us']);
  });

  it('tells a connection that failed before its request', () => {
    expect(read('haproxy-2.6-raw.log').warnings).toMatchObject([{ code: 'haproxy.connection_error' }]);
  });
});

describe('phases', () => {
  it.each([
    ['queue-timeout.log', 'queue 301'],
    ['connect-timeout-after-retries.log', 'retries 1003, connect 503'],
    ['redispatched-server-timeout.log', 'retries 2004, server 1001'],
    ['new-connection-to-server.log', 'connect 2, server 9, transfer 0'],
    ['server-stalled-in-body.log', 'server 12, transfer 1001'],
    ['no-response-stamp.log', 'server 700'],
    ['no-microseconds.log', 'queue 1, server 2, transfer 2'],
    ['clock-set-back.log', 'queue 5, server 20, transfer 3'],
  ])('%s: %s', (name, expected) => expect(phaseText(name)).toBe(expected));

  it('calls Tw a queue only when nothing was tried again', () => {
    const queued = proxiesOf(read('queue-timeout.log').spans)[0]?.attributes;
    expect(queued).toMatchObject({
      'haproxy.queue_ms': 301,
      'haproxy.retries': 0,
      'haproxy.termination_state': 'sQ--',
    });
    const retried = proxiesOf(read('redispatched-server-timeout.log').spans)[0]?.attributes;
    expect(retried).toMatchObject({
      'haproxy.retry_wait_ms': 2004,
      'haproxy.retries': 2,
      'haproxy.redispatched': true,
    });
    expect(retried).not.toHaveProperty(['haproxy.queue_ms']);
  });

  it('is exact to a µs where stamps bound it, to a ms where timers do', () => {
    const { spans } = read('new-connection-to-server.log');
    expect(spans.map(({ name, precisionNs }) => [name, precisionNs])).toEqual([
      ['GET /cart', 1_000],
      ['connect', 1_000_000],
      ['server', 1_000_000],
      ['transfer', 1_000],
    ]);
  });
});

describe('trace context', () => {
  it.each([
    ['no-traceparent-in.log', undefined, '95500e31db584fbe'],
    ['octet-count.log', '00f067aa0ba902b7', '95500e31db584fbe'],
  ])('%s', (name, parentSpanId, spanId) => {
    expect(read(name).spans[0]).toMatchObject({ spanId, traceId: '4bf92f3577b34da6a3ce929d0e0e4736' });
    expect(read(name).spans[0]?.parentSpanId).toBe(parentSpanId);
  });

  it('gives a proxy that forwards the header unchanged an id of its own, the same each time', () => {
    const [proxy] = read('forwarded-unchanged.log').spans;
    expect(proxy?.parentSpanId).toBe('00f067aa0ba902b7');
    expect(proxy?.spanId).not.toBe('00f067aa0ba902b7');
    expect(read('forwarded-unchanged.log').spans[0]?.spanId).toBe(proxy?.spanId);
  });

  it.each(['no-trace-at-all.log', 'bogus-traceparent.log'])('%s: nothing to tell', (name) => {
    expect(read(name)).toEqual({ spans: [], warnings: [] });
  });
});

describe('bad lines', () => {
  it.each([
    ['truncated-len-1024.log', 'haproxy.truncated'],
    ['broken-json.log', 'haproxy.bad_json'],
    ['default-format.log', 'haproxy.default_format'],
    ['notice-server-down.log', 'haproxy.notice'],
    ['no-times.log', 'haproxy.no_time'],
  ])('%s → %s', (name, code) => {
    const { spans, warnings } = read(name);
    expect(spans).toEqual([]);
    expect(warnings.map((warning) => warning.code)).toEqual([code]);
  });

  it('mends a bare dash', () => {
    const { spans, warnings } = read('bare-dash.log');
    expect(warnings).toEqual([]);
    expect(spans[0]?.name).toBe('GET /cart');
  });

  it('says which line of what', () => {
    const { warnings } = readHaproxyLog('\nhello', { where: 'lb.log' });
    expect(warnings[0]?.where).toBe('lb.log, line 2');
  });
});
