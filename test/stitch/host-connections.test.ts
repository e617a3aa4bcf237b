import { describe, expect, it } from 'vitest';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { type Given, idOf, reported } from './reported.ts';

const run = reported('run', undefined, 0, 1_000, { type: 'run' });
const step = reported('step', 'run', 0, 1_000, { type: 'step' });

const way = (clientPort: number, address = '192.0.2.7') => ({
  [HEADWATER.clientPort]: clientPort,
  'network.peer.address': address,
  'network.peer.port': 443,
});

const connection = (id: string, startMs: number, endMs: number, attributes: Given['attributes']) =>
  reported(id, 'run', startMs, endMs, { type: 'connection', attributes });

/** As the agent of the client's machine sees it; `theirs` when the agent is at the server. */
function socket(id: string, startMs: number, endMs: number, given: Given & { theirs?: boolean } = {}) {
  const { theirs, attributes, ...rest } = given;
  const client = { address: '192.0.2.1', port: 45_028 };
  const server = { address: '192.0.2.7', port: 443 };
  const [local, peer] = theirs ? [server, client] : [client, server];
  return reported(id, undefined, startMs, endMs, {
    ...{ type: 'host_connection', source: 'agent', clock: 'host:web-1', precisionNs: 100e6 },
    attributes: {
      'network.local.address': local.address,
      'network.local.port': local.port,
      'network.peer.address': peer.address,
      'network.peer.port': peer.port,
      ...attributes,
    },
    ...rest,
  });
}

const parentOf = (id: string, ...spans: ReportedSpan[]) =>
  stitch([run, step, ...spans])!.spans.find(({ spanId }) => spanId === idOf(id))?.parentId;

describe('a socket that a host saw', () => {
  it('hangs under the connection with its ports, seen from either end', () => {
    const own = connection('own', 100, 500, way(45_028));
    expect(parentOf('s', own, socket('s', 150, 480))).toBe(idOf('own'));
    expect(parentOf('s', own, socket('s', 150, 480, { theirs: true }))).toBe(idOf('own'));
  });

  it('is the connection’s rather than the request’s, and the request’s rather than the proxy’s', () => {
    const own = connection('own', 100, 500, way(45_028));
    const request = reported('request', 'step', 90, 400, { type: 'request', attributes: way(45_028) });
    const rider = reported('rider', 'step', 410, 480, { type: 'request', attributes: way(45_028) });
    const proxy = reported('proxy', 'request', 200, 300, { type: 'proxy', attributes: way(45_028) });
    expect(parentOf('s', proxy, request, rider, own, socket('s', 150, 480))).toBe(idOf('own'));
    expect(parentOf('s', proxy, rider, request, socket('s', 150, 480))).toBe(idOf('request'));
  });

  it('may be a proxy’s way to its server, where it tells of trouble', () => {
    const attributes = { 'haproxy.backend_port': 45_028, 'server.port': 443, [HEADWATER.clientPort]: 9 };
    const proxy = reported('proxy', 'step', 200, 300, { type: 'proxy', attributes });
    const lossy = socket('s', 150, 480, { attributes: { 'headwater.tcp.retransmits': 1 } });
    expect(parentOf('s', proxy, lossy)).toBe(idOf('proxy'));
    expect(parentOf('s', proxy, socket('s', 150, 480))).toBeUndefined();
  });

  it('that nobody claims is left out: other ports, another address, another time', () => {
    expect(parentOf('s', connection('own', 100, 500, way(45_029)), socket('s', 150, 480))).toBeUndefined();
    const elsewhere = connection('own', 100, 500, way(45_028, '192.0.2.99'));
    expect(parentOf('s', elsewhere, socket('s', 150, 480))).toBeUndefined();
    const earlier = connection('own', 0, 100, way(45_028));
    expect(parentOf('s', earlier, socket('s', 5_000, 5_100))).toBeUndefined();
  });

  it('goes with the connection of its time when the ports were used twice', () => {
    const twice = [connection('a', 0, 100, way(45_028)), connection('b', 9_000, 9_500, way(45_028))];
    expect(parentOf('s', ...twice, socket('s', 9_100, 9_400))).toBe(idOf('b'));
  });

  // own         |------------|
  // socket        *                *     looked at once more after the end: held inside, the raw times kept
  it('is held inside its connection', () => {
    const spans = [run, connection('own', 100, 500, way(45_028)), socket('s', 150, 560)];
    const placed = stitch(spans)!.spans.find(({ spanId }) => spanId === idOf('s'))!;
    expect([placed.startNs, placed.endNs, placed.rawEndNs]).toEqual([150e6, 500e6, 560e6]);
    expect(placed.placed.join()).toContain('the same ports and time as “own”');
  });

  it('of a host whose clock is hours off is found and moved by what the exchange of clocks told', () => {
    const offNs = 7_200e9;
    const bounds = { [HEADWATER.clockLowNs]: offNs - 1e6, [HEADWATER.clockHighNs]: offNs + 2e6 };
    const own = connection('own', 100, 500, way(45_028));
    const trace = stitch([run, own, socket('s', 7_200_150, 7_200_400, { attributes: bounds })])!;
    const placed = trace.spans.find(({ spanId }) => spanId === idOf('s'))!;
    expect(placed.parentId).toBe(idOf('own'));
    expect(placed.startNs).toBe(151e6);
    expect(trace.clocks).toContainEqual({ clock: 'host:web-1', offsetNs: -(offNs - 1e6), boundNs: 3e6 });
  });

  it('of a clock that may be right is not moved', () => {
    const bounds = { [HEADWATER.clockLowNs]: -1e6, [HEADWATER.clockHighNs]: 2e6 };
    const own = connection('own', 100, 500, way(45_028));
    const trace = stitch([run, own, socket('s', 150, 400, { attributes: bounds })])!;
    expect(trace.clocks).toContainEqual({ clock: 'host:web-1', offsetNs: 0, boundNs: 2e6 });
  });
});
