/** What a TLS handshake cost beyond the way there and back, and who is blamed for it. Times in ms. */
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import type { RunReport } from '../../src/model/report.ts';
import type { Attributes, ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { reported } from '../stitch/reported.ts';

/** Name of a flight, how long it took; a third word says that it was the browser's turn. */
type Flight = readonly [name: string, ms: number, turn?: 'client'];

interface Visit {
  readonly host?: string;
  /** Length of `socket connect`. */
  readonly connectMs?: number;
  readonly flights: readonly Flight[];
  readonly tls?: Attributes;
  readonly error?: string;
}

/** Requests one after the other, each on a connection of its own, and 20 ms to answer it. */
function report(visits: readonly Visit[]): RunReport {
  let nowMs = 0;
  const steps = visits.flatMap((visit, i): ReportedSpan[] => {
    const { host = 'shop.example', connectMs = 1, flights, tls = {}, error } = visit;
    const startMs = nowMs;
    const tlsMs = startMs + connectMs;
    const endMs = tlsMs + flights.reduce((sum, [, ms]) => sum + ms, 0);
    nowMs = endMs + 20;
    let flightMs = tlsMs;
    // the first eight letters make an id
    const phase = (name: string, from: number, to: number, attributes: Attributes = {}) =>
      reported(`${name.slice(0, 3)}${i}`, `request${i}`, from, to, {
        type: 'phase',
        layer: name.startsWith('TLS') ? 'tls' : name.startsWith('socket') ? 'tcp' : 'network',
        name,
        component: '192.0.2.1:443',
        attributes,
        ...(error && name.startsWith('TLS') && { status: { code: 'error', message: error } }),
      });
    return [
      reported(`request${i}`, 'step', startMs, nowMs, {
        type: 'request',
        layer: 'browser',
        kind: 'client',
        component: host,
        attributes: { 'server.address': host, 'server.port': 443 },
      }),
      phase('socket connect', startMs, tlsMs),
      phase('TLS handshake', tlsMs, endMs, { 'tls.resumed': false, ...tls }),
      phase('waiting', endMs, nowMs),
      ...flights.map(([name, ms, turn = 'server'], nth) => {
        flightMs += ms;
        return reported(`f${i}.${nth}`, `TLS${i}`, flightMs - ms, flightMs, {
          type: 'tls_flight',
          layer: 'tls',
          name,
          component: turn === 'client' ? 'chromium' : '192.0.2.1:443',
          attributes: { 'headwater.tls.turn': turn },
        });
      }),
    ];
  });
  const trace = stitch([
    reported('run', undefined, 0, nowMs, { type: 'run', layer: 'browser' }),
    reported('step', 'run', 0, nowMs, { type: 'step', layer: 'browser' }),
    ...steps,
  ]);
  if (!trace) throw new Error('nothing to stitch');
  const made = analyse(trace).report;
  expect(made.ledger.reduce((sum, entry) => sum + entry.ns, 0)).toBe(made.wallNs);
  return made;
}

const msOf = ({ ledger }: RunReport, cause: string): number =>
  ledger.filter((entry) => entry.cause === cause).reduce((sum, entry) => sum + entry.ns / 1e6, 0);

const flights = (answerMs: number, certificateMs = 1): Flight[] => [
  ['ClientHello', 0, 'client'],
  ['ClientHello → ServerHello', answerMs],
  ['ServerHello → CertificateVerify', certificateMs],
  ['CertificateVerify → server Finished', 0],
  ['server Finished → client Finished', 1, 'client'],
];

describe('a slow handshake', () => {
  it('is the flight that was slow, and only that', () => {
    const made = report([{ flights: flights(52, 3) }]);
    expect(msOf(made, 'tls.slow_handshake')).toBe(51); // 1 ms is the way there and back
    expect(msOf(made, 'tls.handshake')).toBe(5);
    expect(made.verdict).toMatchObject({ layer: 'tls', cause: 'tls.slow_handshake' });
    expect(made.verdict.sentence).toContain('shop.example:443 (192.0.2.1:443) took long');
    expect(made.verdict.evidence).toContain('was 52 ms (ClientHello → ServerHello)');
  });

  it('is not one with a server that is far away', () => {
    const made = report([{ connectMs: 120, flights: flights(125) }]);
    expect(msOf(made, 'tls.slow_handshake')).toBe(0);
  });

  it('is one with a server that is far away and slow', () => {
    const made = report([{ connectMs: 120, flights: flights(200) }]);
    expect(msOf(made, 'tls.slow_handshake')).toBe(80);
    expect(made.ledger).toContainEqual(
      expect.objectContaining({ cause: 'tls.handshake', ns: 120e6, evidence: 'inferred' }),
    );
    expect(made.verdict.evidence).toContain('The way there and back takes 120 ms.');
  });

  it('does not take a packet that was sent again for distance', () => {
    expect(msOf(report([{ connectMs: 1_030, flights: flights(90) }]), 'tls.slow_handshake')).toBe(90);
  });

  it('is not made of TLS 1.2’s second round trip', () => {
    const made = report([
      {
        connectMs: 70,
        flights: [
          ['ClientHello → ServerHello', 75],
          ['ServerHello → ServerHelloDone', 0],
          ['ServerHelloDone → client Finished', 2, 'client'],
          ['client Finished → server Finished', 74],
        ],
      },
    ]);
    expect(msOf(made, 'tls.slow_handshake')).toBe(0);
  });

  it('names the chain when the certificates were what took long', () => {
    const tls = { 'headwater.tls.chain_bytes': 64_500, 'headwater.tls.certificates': 15 };
    const made = report([{ flights: flights(2, 48), tls }]);
    expect(msOf(made, 'tls.slow_handshake')).toBe(48);
    expect(made.verdict.sentence).toContain('most of it to send its certificates');
    expect(made.verdict.evidence).toContain('chain of 15 certificates has 64.5 kB');
    expect(made.verdict.next).toContain('Cut the certificate chain');
  });

  it('is the browser’s own when its check of the certificate took long', () => {
    const checked: Flight[] = [...flights(5), ['server Finished → certificate checked', 190, 'client']];
    const made = report([{ flights: checked }]);
    expect(msOf(made, 'tls.slow_handshake')).toBe(190);
    expect(made.verdict).toMatchObject({ cause: 'tls.slow_handshake', component: 'chromium' });
    expect(made.verdict.sentence).toContain('chromium itself took long');
  });

  it('is nothing that a busy machine does', () => {
    expect(msOf(report([{ flights: flights(29, 8) }]), 'tls.slow_handshake')).toBe(0);
  });
});

describe('a HelloRetryRequest', () => {
  const retried = (tripMs: number): Flight[] => [
    ['ClientHello', 0, 'client'],
    ['ClientHello → HelloRetryRequest', tripMs],
    ['HelloRetryRequest → ClientHello', 1, 'client'],
    ['ClientHello → ServerHello', tripMs + 2],
    ['ServerHello → CertificateVerify', 1],
  ];

  it('costs one round trip; the second is no fault of anybody, though it is as long', () => {
    const made = report([{ flights: retried(150), tls: { 'tls.curve': 'secp384r1' } }]);
    expect(msOf(made, 'tls.extra_round_trip')).toBe(150);
    expect(msOf(made, 'tls.slow_handshake')).toBe(0);
    expect(made.verdict.evidence).toContain('it wanted secp384r1');
  });

  it('is not spoken of when nobody felt it', () =>
    expect(msOf(report([{ flights: retried(3) }]), 'tls.extra_round_trip')).toBe(0));
});

describe('a session that was not taken up', () => {
  const again = (tls: Attributes = {}, host?: string) =>
    report([{ flights: flights(2) }, { flights: flights(3, 60), tls, ...(host && { host }) }]);

  it('is the second full handshake with the same host', () => {
    const made = again();
    expect(msOf(made, 'tls.no_resumption')).toBe(60);
    expect(made.verdict.cause).toBe('tls.no_resumption');
    expect(made.verdict.sentence).toContain('though they had spoken before');
    expect(made.verdict.evidence).toContain('One more connection to it');
  });

  it('is neither a resumed one', () =>
    expect(msOf(again({ 'tls.resumed': true }), 'tls.no_resumption')).toBe(0));

  it('nor one with another host', () => {
    expect(msOf(again({}, 'static.example'), 'tls.no_resumption')).toBe(0);
    expect(msOf(again({}, 'static.example'), 'tls.slow_handshake')).toBe(60);
  });

  it('nor one that nobody felt', () =>
    expect(msOf(report([{ flights: flights(2) }, { flights: flights(4, 9) }]), 'tls.no_resumption')).toBe(0));

  it('nor distance', () => {
    const far = { connectMs: 90, flights: flights(92) };
    expect(msOf(report([far, far]), 'tls.no_resumption')).toBe(0);
  });

  it('nor one after a handshake that failed', () => {
    const failed = { flights: flights(2), error: 'ERR_SSL_PROTOCOL_ERROR' };
    expect(msOf(report([failed, { flights: flights(3, 60) }]), 'tls.no_resumption')).toBe(0);
  });
});

describe('a handshake that failed', () => {
  it.each([
    ['ERR_CERT_AUTHORITY_INVALID', 'tls.certificate_invalid'],
    ['x509: certificate has expired or is not yet valid', 'tls.certificate_invalid'],
    ['PKIX path building failed', 'tls.certificate_invalid'],
    ['ERR_SSL_PROTOCOL_ERROR', 'tls.handshake_failed'],
    ['remote error: tls: handshake failure', 'tls.handshake_failed'],
    ['javax.net.ssl.SSLHandshakeException: no cipher', 'tls.handshake_failed'],
  ])('%s is %s', (error, cause) => expect(msOf(report([{ flights: flights(30), error }]), cause)).toBe(32));

  it('says when the certificate expired', () => {
    const tls = {
      'headwater.tls.expires_in_days': -4,
      'tls.server.not_after': '2026-11-19T10:00:00.000Z',
    };
    const made = report([{ flights: flights(30), error: 'ERR_CERT_AUTHORITY_INVALID', tls }]);
    expect(made.verdict.evidence).toContain('The certificate expired on 2026-11-19, 3 days before.');
  });

  it('is no certificate’s when the server hung up', () =>
    expect(msOf(report([{ flights: flights(30), error: 'ECONNRESET' }]), 'tls.certificate_invalid')).toBe(0));
});
