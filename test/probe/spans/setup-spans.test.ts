/** From real captures to spans, without a browser: NetLog alone. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { connectionSpans } from '../../../probe/spans/connection-spans.ts';
import type { SeenRequest } from '../../../probe/spans/request-join.ts';
import { requestSpans } from '../../../probe/spans/request-spans.ts';
import { suspectedRetransmits } from '../../../probe/spans/setup-spans.ts';
import { newSpanId, type SpanDraft } from '../../../probe/spans/span-draft.ts';
import { readNetLog } from '../../../src/import/netlog.ts';
import { HEADWATER, PHASES } from '../../../src/model/attributes.ts';
import { unixNanoFromMs } from '../../../src/model/time.ts';

const RUN = 'ffffffffffffffff';

function spansOf(capture: string): SpanDraft[] {
  const text = readFileSync(
    new URL(`../../fixtures/netlog/chromium-156-${capture}.json`, import.meta.url),
    'utf8',
  );
  const netLog = readNetLog(text);
  const ours = netLog.exchanges.filter((e) => /(www|two)\.example/.test(e.url));
  const requests = ours.map((exchange): SeenRequest => ({ spanId: newSpanId(), exchange }));
  const lastMs = Math.max(...ours.map((e) => e.endUnixMs ?? e.startUnixMs)) + 5;
  const connectionSpanIds = new Map(netLog.connections.map((c) => [c.sourceId, newSpanId()]));
  const given = {
    requests,
    netLog,
    clock: undefined,
    connectionSpanIds,
    endUnixNano: unixNanoFromMs(lastMs),
  };
  return [
    ...requestSpans({ ...given, parentAt: () => RUN }),
    ...connectionSpans({ ...given, runSpanId: RUN }),
  ];
}

const below = (spans: readonly SpanDraft[], parent: SpanDraft | undefined, type: string) =>
  spans.filter((s) => s.parentSpanId === parent?.spanId && s.type === type);
const requestsTo = (spans: readonly SpanDraft[], path: string) =>
  spans.filter((s) => s.type === 'request' && s.name.endsWith(path));
const phaseOf = (spans: readonly SpanDraft[], request: SpanDraft | undefined, name: string) =>
  below(spans, request, 'phase').filter((s) => s.name === name);
const rowOf = (spans: readonly SpanDraft[], request: SpanDraft | undefined) =>
  spans.find((s) => s.spanId === request?.attributes?.[HEADWATER.connection]);

describe('handshakes as flights', () => {
  const spans = spansOf('tls');
  const [retried, old, unknown, mute, two] = requestsTo(spans, '/item/1');
  const flights = (request: SpanDraft | undefined) => {
    const [phase] = phaseOf(spans, request, PHASES.tls);
    const found = below(spans, phase, 'tls_flight');
    expect(found[0]?.startUnixNano).toBe(phase?.startUnixNano);
    expect(found.at(-1)?.endUnixNano).toBe(phase?.endUnixNano);
    for (const [i, flight] of found.entries())
      if (i > 0) expect(flight.startUnixNano).toBe(found[i - 1]?.endUnixNano);
    return found;
  };

  it('a retried one has two answers of the server', () => {
    expect(flights(retried).map((f) => `${f.attributes?.['headwater.tls.turn']}: ${f.name}`)).toEqual([
      'client: ClientHello',
      'server: ClientHello → HelloRetryRequest',
      'client: HelloRetryRequest → ClientHello',
      'server: ClientHello → ServerHello',
      'server: ServerHello → CertificateVerify',
      'server: CertificateVerify → server Finished',
      'client: server Finished → client Finished',
    ]);
    expect(phaseOf(spans, retried, PHASES.tls)[0]?.attributes).toMatchObject({
      'tls.curve': 'secp384r1',
      'tls.cipher': 'TLS_AES_256_GCM_SHA384',
      'headwater.tls.hello_retry_request': true,
      'headwater.tls.round_trips': 2,
      'headwater.tls.certificates': 1,
    });
  });

  it('TLS 1.2 ends with the browser’s Finished', () => {
    expect(flights(old).at(-1)?.name).toBe('ServerHelloDone → client Finished');
    expect(rowOf(spans, old)?.attributes).toMatchObject({
      'tls.protocol.version': '1.2',
      'tls.server.issuer': 'CN=www.example',
      'headwater.tls.expires_in_days': 89,
    });
  });

  it('a bad certificate shows its check, fails by name, and keeps a row of its own', () => {
    const names = flights(unknown).map((f) => f.name);
    expect(names).toContain('CertificateVerify → certificate checked');
    const [phase] = phaseOf(spans, unknown, PHASES.tls);
    expect(phase).toMatchObject({
      error: 'ERR_CERT_AUTHORITY_INVALID',
      attributes: { 'tls.established': false, 'headwater.tls.alert': 'sent certificate_unknown' },
    });
    expect(flights(unknown).at(-1)?.error).toBe('ERR_CERT_AUTHORITY_INVALID');
    const failed = spans.filter((s) => s.type === 'connection' && s.error === 'ERR_CERT_AUTHORITY_INVALID');
    expect(failed[0]?.attributes).toMatchObject({
      'headwater.connection.use': 'failed',
      'headwater.connection.requests': 0,
    });
  });

  it('no TLS at all is told by the error’s name', () => {
    expect(phaseOf(spans, mute, PHASES.tls)[0]?.error).toBe('ERR_SSL_PROTOCOL_ERROR');
    expect(phaseOf(spans, mute, PHASES.tls)).toHaveLength(1);
  });

  it('a refused address is an attempt beside the one that was used', () => {
    const phases = phaseOf(spans, two, PHASES.connect);
    expect(phases).toHaveLength(1);
    const attempts = below(spans, phases[0], 'connect_attempt');
    expect(
      attempts.map((a) => [
        a.attributes?.['network.peer.address'],
        a.attributes?.['headwater.tcp.outcome'],
        a.error,
      ]),
    ).toEqual([
      ['127.0.0.9', 'failed', 'ECONNREFUSED'],
      ['127.0.0.1', 'connected', undefined],
    ]);
    expect(attempts[1]?.attributes?.['network.local.port']).toBe(two?.attributes?.['client.port']);
  });

  it('marks a spare connection that nothing came over', () => {
    const uses = spans
      .filter((s) => s.type === 'connection')
      .map((s) => s.attributes?.['headwater.connection.use']);
    expect(uses).toContain('spare');
  });
});

describe('HTTP/3', () => {
  const spans = spansOf('http3');
  const [page] = requestsTo(spans, ' /');

  it('has a handshake and no TCP', () => {
    expect(phaseOf(spans, page, PHASES.connect)).toEqual([]);
    const [handshake] = phaseOf(spans, page, PHASES.tls);
    expect(handshake?.attributes).toMatchObject({ 'network.transport': 'quic', 'tls.next_protocol': 'h3' });
    expect(
      below(spans, handshake, 'tls_flight')
        .map((f) => f.name)
        .slice(0, 3),
    ).toEqual(['ClientHello', 'ClientHello → ServerHello', 'ServerHello → server Finished']);
  });

  it('has one row that all requests ride on', () => {
    const rows = spans.filter((s) => s.type === 'connection');
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      attributes: {
        'network.transport': 'quic',
        'network.protocol.version': '3',
        [HEADWATER.paidBy]: page?.spanId,
      },
    });
    expect(rows[0]?.links?.map((l) => l.attributes?.['headwater.role'])).toContain('paid');
  });
});

describe('packets sent again, by the length of a connect', () => {
  it.each([
    [5, 0],
    [900, 0],
    [995, 1],
    [1_040, 1],
    [3_020, 2],
    [7_050, 3],
    [15_100, 4],
  ])('%d ms: %d', (lengthMs, times) => expect(suspectedRetransmits(lengthMs)).toBe(times));
});

/**
 * A first packet that was lost, made of a real capture: the connection that was used is the second one.
 * ```
 * first    |--------------------------------------->    came about long after
 * second             |-|                                as recorded
 * issued  |
 * ```
 */
describe('a connection that another one overtook', () => {
  const SECOND_TRY_MS = 250;
  const text = readFileSync(
    new URL('../../fixtures/netlog/chromium-156-http2.json', import.meta.url),
    'utf8',
  );
  const netLog = readNetLog(text);
  const exchange = netLog.exchanges.find((e) => e.paidForConnection && /example/.test(e.url))!;
  const used = netLog.connections.find((c) => c.sourceId === exchange.connectionId)!;

  function attemptsWith(firstBeganMs: number, issuedMs: number) {
    const tcp = { startUnixMs: used.tcp.startUnixMs - firstBeganMs, endUnixMs: used.tcp.startUnixMs + 750 };
    const attempts = [{ address: used.remoteAddress ?? '', ...tcp }];
    const first = { ...used, sourceId: -1, jobId: -1, tls: undefined, dns: undefined, tcp, attempts };
    const issued = { ...exchange, startUnixMs: used.tcp.startUnixMs - issuedMs };
    const spans = requestSpans({
      requests: [{ spanId: newSpanId(), exchange: issued }],
      netLog: { ...netLog, connections: [first, ...netLog.connections] },
      clock: undefined,
      connectionSpanIds: new Map(),
      parentAt: () => RUN,
      endUnixNano: unixNanoFromMs((exchange.endUnixMs ?? exchange.startUnixMs) + 5_000),
    });
    const [phase] = spans.filter((span) => span.name === PHASES.connect);
    return below(spans, phase, 'connect_attempt').map((a) => a.attributes?.['headwater.tcp.outcome']);
  }

  it('is an attempt that was given up, of the request that waited for it', () => {
    expect(attemptsWith(SECOND_TRY_MS, SECOND_TRY_MS + 20)).toEqual(['abandoned', 'connected']);
  });

  it('is nothing to a request that came later, or soon after it', () => {
    expect(attemptsWith(SECOND_TRY_MS, 5)).toEqual(['connected']);
    expect(attemptsWith(50, SECOND_TRY_MS + 20)).toEqual(['connected']);
  });
});
