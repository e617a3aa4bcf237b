/** A request that waits for a connection made for another one waits for that one's look-up and handshake. Times in ms. */
import { expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { idOf, reported } from '../stitch/reported.ts';

/**
 * ```
 * A (host, paid)   |- wait -|-- DNS --|- TLS -|- waiting |
 * B (host)         |--------- wait -----------|- waiting ------|
 * ```
 */
function causes(hostOfB: string, rides = true, stall?: string, stallsOfB?: readonly string[]) {
  const request = (
    id: string,
    host: string,
    endMs: number,
    connection?: string,
    stalls?: readonly string[],
  ) =>
    reported(id, 'step', 0, endMs, {
      type: 'request',
      layer: 'browser',
      kind: 'client',
      component: host,
      attributes: {
        'server.address': host,
        'server.port': 443,
        ...(connection && { 'headwater.connection': idOf(connection) }),
        ...(stalls && { 'headwater.stalls': [...stalls] }),
      },
    });
  const phase = (
    id: string,
    of: string,
    name: string,
    layer: 'browser' | 'dns' | 'tls' | 'network',
    at: number[],
  ) => reported(id, of, at[0]!, at[1]!, { type: 'phase', layer, name, component: 'x' });
  const spans: ReportedSpan[] = [
    reported('run', undefined, 0, 400, { type: 'run', layer: 'browser' }),
    reported('step', 'run', 0, 400, { type: 'step', layer: 'browser' }),
    reported('socket', 'run', 0, 400, {
      type: 'connection',
      layer: 'network',
      attributes: { 'headwater.paid_by': idOf('A') },
    }),
    request('A', 'shop.example', 320, 'socket'),
    phase('waitA', 'A', 'wait_for_connection', 'browser', [0, 20]),
    phase('dnsA', 'A', 'DNS lookup', 'dns', [20, 220]),
    phase('tlsA', 'A', 'TLS handshake', 'tls', [220, 300]),
    phase('gotA', 'A', 'waiting', 'network', [300, 320]),
    request('B', hostOfB, 400, rides ? 'socket' : undefined, stallsOfB),
    phase('waitB', 'B', 'wait_for_connection', 'browser', [0, 310]),
    phase('gotB', 'B', 'waiting', 'network', [310, 400]),
    ...(stall
      ? [
          reported('stall', 'waitB', 10, 310, {
            type: 'stall',
            layer: 'browser',
            attributes: { 'headwater.stall': stall },
          }),
        ]
      : []),
  ];
  const { ledger } = analyse(stitch(spans)!).report;
  const msByLayer: Record<string, number> = {};
  for (const { layer, ns } of ledger) msByLayer[layer] = (msByLayer[layer] ?? 0) + ns / 1e6;
  return msByLayer;
}

it('has the set-up of the connection that it rode on', () => {
  expect(causes('shop.example')).toEqual({ browser: 30, dns: 200, tls: 80, network: 90 });
});

it.each(['HTTP_STREAM_JOB_WAITING', 'HTTP_STREAM_JOB_THROTTLED'])(
  'has it too where the browser only says that somebody is at it (%s)',
  (stall) => {
    expect(causes('shop.example', true, stall)).toEqual({ browser: 30, dns: 200, tls: 80, network: 90 });
  },
);

it('has only the look-up, where it rode on another connection', () => {
  expect(causes('shop.example', false)).toEqual({ browser: 110, dns: 200, network: 90 });
});

it('has it where it was held back for that connection, and nothing tells which one it rode on', () => {
  const heldBack = ['HTTP_STREAM_JOB_THROTTLED'];
  expect(causes('shop.example', false, undefined, heldBack)).toEqual({
    browser: 30,
    dns: 200,
    tls: 80,
    network: 90,
  });
  expect(causes('cdn.example', false, undefined, heldBack)).toEqual({ browser: 310, network: 90 });
});

it('has nothing of another host', () => {
  expect(causes('cdn.example', false)).toEqual({ browser: 310, network: 90 });
});

it('is no queue while the connection that it got was still being made, and one where it was another', () => {
  const stall = 'SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP';
  expect(causes('shop.example', true, stall)).toEqual({ browser: 30, dns: 200, tls: 80, network: 90 });
  expect(causes('cdn.example', false, stall)).toEqual({ browser: 310, network: 90 });
});
