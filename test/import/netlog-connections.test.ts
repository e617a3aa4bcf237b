/** What the reader makes of real connections: limits and stalls, handshakes good and bad, HTTP/3. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Connection, type NetLog, readNetLog } from '../../src/import/netlog.ts';

const capture = (name: string): NetLog =>
  readNetLog(readFileSync(new URL(`../fixtures/netlog/chromium-156-${name}.json`, import.meta.url), 'utf8'));
const http1 = capture('http1');
const http2 = capture('http2');
const http3 = capture('http3');
const tls = capture('tls');

const stallsOf = (log: NetLog, kind: string) =>
  log.exchanges.flatMap((e) => e.stalls).filter((s) => s.kind === kind && s.endUnixMs !== s.startUnixMs);
const shape = (c: Connection | undefined): string =>
  (c?.tls?.messages ?? []).map((m) => `${m.direction[0]}${m.type}${m.isRetryRequest ? '!' : ''}`).join(' ');
/** The connection that carried the n-th site's page, or failed to. */
const site = (n: number): Connection | undefined => {
  const exchange = tls.exchanges.filter((e) => e.url.endsWith('/item/1'))[n];
  return tls.connections.find(
    (c) =>
      c.sourceId === exchange?.connectionId ||
      (!exchange?.connectionId && c.jobId === exchange?.connectJobId),
  );
};

describe('limits', () => {
  it('are read without a warning', () => {
    for (const log of [http1, http2, http3, tls]) expect(log.warnings).toEqual([]);
  });

  it('six connections a host: most of thirty requests wait, until a socket is free', () => {
    const stalls = stallsOf(http1, 'SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP');
    expect(stalls.length).toBeGreaterThan(15);
    for (const exchange of http1.exchanges)
      for (const stall of exchange.stalls) {
        expect(stall.startUnixMs).toBeGreaterThanOrEqual(exchange.startUnixMs);
        expect(stall.endUnixMs).toBeLessThanOrEqual((exchange.sendStartUnixMs ?? 0) + 1);
      }
    expect(new Set(http1.exchanges.flatMap((e) => e.connectionId ?? [])).size).toBe(6);
    expect(http1.exchanges.filter((e) => e.paidForConnection)).toHaveLength(6);
  });

  it('HTTP/2 streams: as the server set them, and who waited for one', () => {
    const session = http2.connections.find((c) => c.http2)?.http2;
    expect(session).toMatchObject({ maxConcurrentStreams: 6, initialWindowBytes: 65_535, streams: 32 });
    const stalled = http2.exchanges.filter((e) => e.stalls.some((s) => s.kind.endsWith('MAX_STREAMS')));
    expect(stalled.length).toBeGreaterThan(15);
    for (const { stalls, sendStartUnixMs } of stalled)
      expect(stalls.find((s) => s.kind.endsWith('MAX_STREAMS'))?.endUnixMs).toBe(sendStartUnixMs);
  });

  it('HTTP/2 windows: an upload that waited for the server to read', () => {
    const [stall] = stallsOf(http2, 'HTTP2_SESSION_STREAM_STALLED_BY_STREAM_SEND_WINDOW');
    expect((stall?.endUnixMs ?? 0) - (stall?.startUnixMs ?? 0)).toBeGreaterThanOrEqual(50);
  });
});

describe('handshakes', () => {
  it('a HelloRetryRequest, told by the server’s random', () => {
    expect(shape(site(0))).toBe('s1 r2! s1 r2 r8 r11 r15 r20 s20');
    expect(site(0)?.tls).toMatchObject({
      version: 'TLS 1.3',
      group: 24,
      isResumed: false,
      isEncryptedHello: false,
    });
    expect(site(0)?.tls?.certificates).toHaveLength(1);
    expect(site(0)?.tls?.messages.find((m) => m.type === 11)?.bytes).toBeGreaterThan(300);
  });

  it('TLS 1.2, where the request may go out before the server’s Finished', () => {
    expect(shape(site(1))).toBe('s1 r2 r11 r12 r14 s16 s20');
    expect(site(1)?.tls?.version).toBe('TLS 1.2');
  });

  it('a certificate that nobody vouches for: how long the browser looked at it, and what it answered', () => {
    expect(site(2)?.tls).toMatchObject({ netError: -202, alert: { direction: 'sent', description: 46 } });
    const verification = site(2)?.tls?.verification;
    expect((verification?.endUnixMs ?? 0) - (verification?.startUnixMs ?? 0)).toBeGreaterThan(0);
  });

  it('a server that speaks no TLS', () => {
    expect(site(3)?.tls).toMatchObject({ netError: -107, alert: { direction: 'sent', description: 70 } });
  });

  it('a first address that refused: its socket shares the connect job of the one that was used', () => {
    const used = site(4);
    const job = tls.connections.filter((c) => c.jobId === used?.jobId);
    expect(job.map((c) => [c.attempts[0]?.address.split(':')[0], c.attempts[0]?.netError])).toEqual([
      ['127.0.0.9', 111],
      ['127.0.0.1', undefined],
    ]);
  });
});

describe('HTTP/3', () => {
  it('is one connection without TCP, whose handshake the first request paid', () => {
    expect(http3.connections).toHaveLength(1);
    const [session] = http3.connections;
    expect(session).toMatchObject({ transport: 'quic', attempts: [] });
    expect(session?.remoteAddress).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(session?.localAddress).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(shape(session)).toBe('s1 r2 r20');
    expect(
      http3.exchanges.filter((e) => e.sendStartUnixMs).every((e) => e.connectionId === session?.sourceId),
    ).toBe(true);
    expect(http3.exchanges.filter((e) => e.paidForConnection).map((e) => new URL(e.url).pathname)).toEqual([
      '/',
    ]);
    expect(session?.quic?.streams).toBe(http3.exchanges.filter((e) => e.sendStartUnixMs).length);
  });
});
