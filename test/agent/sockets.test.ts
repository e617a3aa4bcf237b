import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectionWatch, MAX_TOLD } from '../../src/agent/sockets/connection-watch.ts';
import { ListenQueues } from '../../src/agent/sockets/listen-queues.ts';
import { readSsLine, type TcpSocket } from '../../src/agent/sockets/ss-line.ts';

const lines = readFileSync(join(import.meta.dirname, '../fixtures/ss/iproute2-6.1.0.txt'), 'utf8')
  .trim()
  .split('\n');
const sockets = lines.flatMap((line) => readSsLine(line) ?? []);

describe('a line of ss', () => {
  it('is read whole, as iproute2 6.1 writes it', () => {
    expect(sockets).toHaveLength(lines.length);
    const full = sockets.find(({ state, local }) => state === 'LISTEN' && local.port === 20_104)!;
    // One connection waits where none may: the queue is full.
    expect([full.receiveQueue, full.sendQueue, full.peer?.port]).toEqual([1, 0, undefined]);
    const refused = sockets.filter(({ state }) => state === 'SYN-SENT');
    expect(refused.map(({ peer, retransmits }) => [peer?.port, retransmits])).toContainEqual([20_104, 1]);
    const used = sockets.find(({ bytesSent, peer }) => bytesSent > 0 && peer?.port === 20_900)!;
    expect(used.bytesSent).toBeGreaterThanOrEqual(100_000);
    expect(used.rttMs).toBeGreaterThan(0);
    expect(used.congestionWindow).toBeGreaterThan(0);
  });

  it('gives plain addresses: IPv6 without brackets, IPv4 in IPv6 as IPv4', () => {
    const addresses = new Set(sockets.map(({ local }) => local.address));
    expect(addresses).toEqual(new Set(['127.0.0.1', '::1', '*']));
    const zone = readSsLine('ESTAB 0 0 127.0.0.53%lo:53 [fe80::1%eth0]:4711 cubic');
    expect([zone?.local, zone?.peer]).toEqual([
      { address: '127.0.0.53', port: 53 },
      { address: 'fe80::1', port: 4_711 },
    ]);
  });

  it.each([
    ['empty', ''],
    ['a header', 'State Recv-Q Send-Q Local Address:Port Peer Address:Port'],
    ['no peer', 'ESTAB 0 0 127.0.0.1:80'],
    ['a port that is a word', 'ESTAB 0 0 127.0.0.1:http 127.0.0.1:4711'],
    ['very long', `ESTAB 0 0 127.0.0.1:80 127.0.0.1:4711 ${'x'.repeat(100_000)}`],
  ])('that is none is no socket: %s', (_name, line) => {
    expect(readSsLine(line)).toBeUndefined();
  });

  it('of any other shape never throws, and has only finite numbers', () => {
    const bytes = fc.array(fc.constantFrom(...'ESTAB 0127.:[]*%retans/\0{}'), { maxLength: 300 });
    fc.assert(
      fc.property(fc.nat(lines.length - 1), fc.nat(200), bytes, (at, cut, noise) => {
        const read = readSsLine(lines[at]!.slice(0, cut) + noise.join(''));
        for (const value of Object.values(read ?? {}))
          if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
      }),
    );
  });
});

const socket = (port: number, given: Partial<TcpSocket> = {}): TcpSocket => ({
  state: 'ESTAB',
  receiveQueue: 0,
  sendQueue: 0,
  local: { address: '192.0.2.1', port },
  peer: { address: '192.0.2.7', port: 443 },
  retransmits: 0,
  lost: 0,
  bytesSent: 0,
  bytesReceived: 0,
  bytesRetransmitted: 0,
  ...given,
});

describe('the connections of a run', () => {
  it('are told from first look to last, with what was sent again in between', () => {
    const watch = new ConnectionWatch();
    watch.snapshot([], 100n, 90n);
    watch.snapshot([socket(1, { bytesSent: 10 })], 200n, 190n);
    watch.snapshot([socket(1, { bytesSent: 90, retransmits: 2, bytesRetransmitted: 9 })], 300n, 290n);
    watch.ended(socket(1, { state: 'UNCONN', bytesSent: 99, retransmits: 2 }), 350n);
    expect(watch.told()).toMatchObject([
      {
        ...{ firstSeenUnixNano: '200', lastSeenUnixNano: '350', isOlder: false, hasEnded: true },
        ...{ state: 'CLOSED', bytesSent: 99 },
        retransmits: [{ unixNano: '300', count: 2, whileConnecting: false }],
      },
    ]);
  });

  it('leave out those that were there before and did nothing, and count only what an older one did meanwhile', () => {
    const watch = new ConnectionWatch();
    const idle = socket(1, { bytesSent: 5_000, retransmits: 7 });
    watch.snapshot([idle, socket(2, { bytesSent: 5_000, retransmits: 7 })], 100n, 90n);
    watch.snapshot([idle, socket(2, { bytesSent: 6_000, retransmits: 8 })], 200n, 190n);
    const told = watch.told();
    expect(told.map(({ local, isOlder }) => [local.port, isOlder])).toEqual([[2, true]]);
    expect(told[0]!.retransmits.map(({ count }) => count)).toEqual([1]);
  });

  it('know a first packet that was sent again, also after the connection was made', () => {
    const watch = new ConnectionWatch();
    watch.snapshot([], 1n, 0n);
    watch.snapshot([socket(1, { state: 'SYN-SENT', retransmits: 1 }), socket(2, { retransmits: 1 })], 2n, 1n);
    watch.snapshot([socket(1, { retransmits: 2, bytesRetransmitted: 9 })], 3n, 2n);
    const looks = watch
      .told()
      .map(({ local, retransmits }) => [
        local.port,
        ...retransmits.map(({ whileConnecting }) => whileConnecting),
      ]);
    expect(looks).toEqual([
      [1, true, false],
      [2, true],
    ]);
  });

  it('are not told twice when a list still holds one whose end is known', () => {
    const watch = new ConnectionWatch();
    watch.snapshot([], 1n, 0n);
    watch.ended(socket(1, { state: 'UNCONN', bytesSent: 3 }), 15n);
    watch.snapshot([socket(1, { bytesSent: 3 })], 20n, 10n);
    expect(watch.told()).toHaveLength(1);
    // The same ports once more, later: another connection.
    watch.snapshot([socket(1, { bytesSent: 4 })], 40n, 30n);
    expect(watch.told()).toHaveLength(2);
  });

  it('are bounded: those with trouble first', () => {
    const watch = new ConnectionWatch();
    watch.snapshot([], 1n, 0n);
    const many = Array.from({ length: 20_000 }, (_, at) => socket(at + 1, { bytesSent: 1 }));
    many[4_000] = { ...many[4_000]!, retransmits: 1 };
    watch.snapshot(many, 2n, 1n);
    const told = watch.told();
    expect(told).toHaveLength(MAX_TOLD);
    expect(told[0]!.local.port).toBe(4_001);
  });
});

describe('listen queues', () => {
  it('have a lane when somebody waited, the limit from the backlog', () => {
    const queues = new ListenQueues();
    const listening = (port: number, length: number): TcpSocket => ({
      ...socket(port, { state: 'LISTEN', receiveQueue: length, sendQueue: 128 }),
      peer: undefined,
    });
    queues.snapshot([listening(80, 0), listening(443, 0), listening(443, 2)], 1n);
    queues.snapshot([listening(80, 0), listening(443, 7), listening(443, 2)], 2n);
    expect(queues.lanes()).toEqual([
      {
        name: 'listen queue :443',
        unit: '{connection}',
        timesUnixNano: ['1', '2'],
        values: [2, 7],
        limit: 128,
      },
    ]);
  });
});
