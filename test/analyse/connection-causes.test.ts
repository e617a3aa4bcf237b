/** What a connection cost and why a request had none: causes of attempts, flights and stalls. Times in ms. */
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import type { Layer } from '../../src/model/layer.ts';
import type { RunReport } from '../../src/model/report.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { reported } from '../stitch/reported.ts';

type Part = readonly [name: string, startMs: number, endMs: number, extra?: Extra];
interface Extra {
  readonly error?: string;
  readonly outcome?: 'connected' | 'failed' | 'abandoned';
  readonly stall?: string;
}

/** A run of one request that waits 10 ms, is in one phase, and is answered 20 ms later. */
function report(
  phase: string,
  layer: Layer,
  lengthMs: number,
  error: string | undefined,
  type: 'connect_attempt' | 'tls_flight' | 'stall',
  parts: readonly Part[],
): RunReport {
  const endMs = 10 + lengthMs;
  const part = ([name, from, to, extra = {}]: Part, i: number): ReportedSpan =>
    reported(`part${i}`, 'phase', 10 + from, 10 + to, {
      type,
      layer,
      name,
      component: type === 'connect_attempt' ? name : 'chromium',
      ...(extra.error && { status: { code: 'error', message: extra.error } }),
      attributes: {
        ...(extra.outcome && { 'headwater.tcp.outcome': extra.outcome }),
        ...(extra.stall && { 'headwater.stall': extra.stall }),
      },
    });
  const all = [
    reported('run', undefined, 0, endMs + 20, { type: 'run', layer: 'browser' }),
    reported('step', 'run', 0, endMs + 20, { type: 'step', layer: 'browser' }),
    reported('request', 'step', 0, endMs + 20, {
      type: 'request',
      layer: 'browser',
      kind: 'client',
      component: 'shop.example',
    }),
    reported('wait', 'request', 0, 10, { type: 'phase', layer: 'browser', name: 'wait_for_connection' }),
    reported('phase', 'request', 10, endMs, {
      type: 'phase',
      layer,
      name: phase,
      component: '192.0.2.1:443',
      ...(error && { status: { code: 'error', message: error } }),
    }),
    reported('answer', 'request', endMs, endMs + 20, { type: 'phase', layer: 'network', name: 'waiting' }),
    ...parts.map(part),
  ];
  const trace = stitch(all);
  if (!trace) throw new Error('nothing to stitch');
  const made = analyse(trace).report;
  expect(made.ledger.reduce((sum, entry) => sum + entry.ns, 0)).toBe(made.wallNs);
  return made;
}

const msOf = ({ ledger }: RunReport, cause: string): number =>
  ledger.filter((entry) => entry.cause === cause).reduce((sum, entry) => sum + entry.ns / 1e6, 0);

const connect = (lengthMs: number, parts: readonly Part[], error?: string) =>
  report('socket connect', 'tcp', lengthMs, error, 'connect_attempt', parts);
const handshake = (lengthMs: number, parts: readonly Part[], error?: string) =>
  report('TLS handshake', 'tls', lengthMs, error, 'tls_flight', parts);
const wait = (lengthMs: number, stall: string) =>
  report('wait_for_connection', 'browser', lengthMs, undefined, 'stall', [['x', 0, lengthMs, { stall }]]);

describe('TCP', () => {
  it('is a plain connect when one address answers', () => {
    const made = connect(12, [['192.0.2.1:443', 0, 12, { outcome: 'connected' }]]);
    expect(msOf(made, 'tcp.connect')).toBe(12);
  });

  it('suspects a packet sent again from the length of one attempt', () => {
    const made = connect(1_012, [['192.0.2.1:443', 0, 1_012, { outcome: 'connected' }]]);
    expect(msOf(made, 'tcp.syn_retransmit')).toBe(1_012);
    expect(made.verdict.sentence).toContain('seems to have answered only when');
  });

  it('names the address that was silent until the browser fell back', () => {
    const made = connect(312, [
      ['[2001:db8::1]:443', 0, 312, { outcome: 'abandoned' }],
      ['192.0.2.1:443', 300, 312, { outcome: 'connected' }],
    ]);
    expect(msOf(made, 'tcp.happy_eyeballs_fallback')).toBe(300);
    expect(msOf(made, 'tcp.connect')).toBe(12);
    expect(made.verdict).toMatchObject({
      cause: 'tcp.happy_eyeballs_fallback',
      component: '[2001:db8::1]:443',
    });
    expect(made.verdict.sentence).toContain('[2001:db8::1]:443 did not answer');
  });

  it('names the address that was silent until the instant at which the other one was there', () => {
    const made = connect(300, [
      ['[2001:db8::1]:443', 0, 300, { outcome: 'abandoned' }],
      ['192.0.2.1:443', 300, 300, { outcome: 'connected' }],
    ]);
    expect(msOf(made, 'tcp.happy_eyeballs_fallback')).toBe(300);
    expect(made.verdict.component).toBe('[2001:db8::1]:443');
  });

  it('suspects a lost packet where a second connection to the same address was there at once', () => {
    const beside = (lostMs: number) =>
      connect(lostMs + 2, [
        ['192.0.2.1:443', 0, lostMs + 2, { outcome: 'abandoned' }],
        ['192.0.2.1:443', lostMs, lostMs + 2, { outcome: 'connected' }],
      ]);
    expect(msOf(beside(250), 'tcp.syn_retransmit')).toBe(250);
    expect(beside(250).verdict.sentence).toContain(
      'the first packet to 192.0.2.1:443 seems to have been lost, and a second connection was made',
    );
    expect(msOf(beside(100), 'tcp.syn_retransmit')).toBe(0);
  });

  it('names an address that refused, when the detour was felt', () => {
    const parts = (ms: number): Part[] => [
      ['[2001:db8::1]:443', 0, ms, { outcome: 'failed', error: 'ECONNREFUSED' }],
      ['192.0.2.1:443', ms, ms + 30, { outcome: 'connected' }],
    ];
    expect(msOf(connect(70, parts(40)), 'tcp.refused')).toBe(40);
    expect(connect(70, parts(40)).verdict.component).toBe('[2001:db8::1]:443');
    expect(msOf(connect(32, parts(2)), 'tcp.refused')).toBe(0);
    expect(msOf(connect(32, parts(2)), 'tcp.connect')).toBe(32);
  });

  it('names a refusal by all addresses, however fast', () => {
    const made = connect(
      2,
      [['192.0.2.1:443', 0, 2, { outcome: 'failed', error: 'ECONNREFUSED' }]],
      'ERR_CONNECTION_REFUSED',
    );
    expect(msOf(made, 'tcp.refused')).toBe(2);
  });
});

describe('TLS', () => {
  const flights = (retryMs: number): Part[] => [
    ['ClientHello → HelloRetryRequest', 0, retryMs],
    ['HelloRetryRequest → ClientHello', retryMs, retryMs + 1],
    ['ClientHello → ServerHello', retryMs + 1, retryMs + 40],
    ['ServerHello → Finished', retryMs + 40, retryMs + 41],
  ];

  it('names the round trip that a HelloRetryRequest cost, and only that', () => {
    const made = handshake(81, flights(40));
    expect(msOf(made, 'tls.extra_round_trip')).toBe(40);
    expect(msOf(made, 'tls.handshake')).toBe(41);
    expect(made.verdict.sentence).toContain(
      '192.0.2.1:443 asked the browser to begin the TLS handshake again',
    );
    expect(made.verdict.next).toContain('X25519');
  });

  it('says nothing of one that nobody felt', () => {
    expect(msOf(handshake(44, flights(3)), 'tls.handshake')).toBe(44);
  });

  it('judges the whole handshake, not a flight', () => {
    const slow = handshake(160, [
      ['ClientHello → ServerHello', 0, 80],
      ['ServerHello → Finished', 80, 160],
    ]);
    expect(msOf(slow, 'tls.slow_handshake')).toBe(160);
    expect(slow.verdict.evidence).toContain('160 ms');
  });

  it.each([
    ['ERR_CERT_DATE_INVALID', 'tls.certificate_invalid'],
    ['ERR_SSL_VERSION_OR_CIPHER_MISMATCH', 'tls.handshake_failed'],
  ])('blames %s on %s', (error, cause) => {
    const made = handshake(
      50,
      [
        ['ClientHello → ServerHello', 0, 30],
        ['ServerHello → failed', 30, 50],
      ],
      error,
    );
    expect(msOf(made, cause)).toBe(50);
    expect(made.verdict.cause).toBe(cause);
    expect(made.verdict.evidence).toContain(error);
  });
});

describe('stalls', () => {
  it.each([
    [
      'SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP',
      'browser.six_per_host',
      'all six connections that a browser opens to shop.example',
    ],
    ['SOCKET_POOL_STALLED_MAX_SOCKETS', 'browser.socket_pool_full', 'as many sockets open'],
    ['HTTP2_SESSION_STALLED_MAX_STREAMS', 'browser.stream_limit', 'the HTTP/2 connection to shop.example'],
  ])('%s is %s', (kind, cause, words) => {
    expect(msOf(wait(80, kind), cause)).toBe(80);
    expect(wait(80, kind).verdict.sentence).toContain(words);
    expect(msOf(wait(20, kind), 'browser.queue')).toBe(30);
  });

  it('leaves a wait that is no limit a queue', () => {
    expect(msOf(wait(80, 'HTTP_STREAM_JOB_WAITING'), 'browser.queue')).toBe(90);
  });

  it('lets an upload wait for the server', () => {
    const made = report('request sent', 'network', 90, undefined, 'stall', [
      ['HTTP/2 stream window', 5, 85, { stall: 'HTTP2_SESSION_STREAM_STALLED_BY_STREAM_SEND_WINDOW' }],
    ]);
    expect(msOf(made, 'network.flow_control')).toBe(80);
    expect(made.verdict.sentence).toContain('shop.example to read what was sent');
  });
});
