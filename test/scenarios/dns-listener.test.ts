import { createSocket } from 'node:dgram';
import * as dns from 'dns-packet';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeListener, type Listener, listenOn } from '../../scenarios/shop/dns-listener.ts';
import type { Zone } from '../../scenarios/shop/dns-zone.ts';
import { askTcp, askUdp } from './receivers.ts';

/** Too many addresses for a plain UDP answer of 512 bytes. */
const MANY = 60;
const HOUR_MS = 3_600_000;
const zone: Zone = {
  origin: 'test',
  nameServer: 'ns.test',
  delegations: [],
  records: Array.from({ length: MANY }, (_, i) => ({
    name: 'many.test',
    type: 'A',
    ttl: 60,
    data: `127.0.1.${i}`,
  })),
};

let listeners: Listener[] = [];
let server = { address: '127.0.0.1', port: 0 };

beforeAll(async () => {
  const started = await listenOn(['127.0.0.1'], () => [zone], [
    { name: 'many.test', type: 'AAAA', delayMs: HOUR_MS },
    { name: 'failing.test', type: 'A', delayMs: 0, mishap: 'SERVFAIL', times: 1 },
    { name: 'cut.test', type: 'A', delayMs: 0, mishap: 'truncated' },
  ]);
  listeners = started.listeners;
  server = { ...server, port: started.port };
});
afterAll(() => listeners.forEach(closeListener));

it('cuts what does not fit a datagram, and gives all of it over TCP', async () => {
  expect(await askUdp(server, 'many.test', 'A')).toMatchObject({ flag_tc: true, answers: [] });
  const whole = await askTcp(server, 'many.test', 'A');
  expect(whole.flag_tc).toBe(false);
  expect(whole.answers).toHaveLength(MANY);
});

it('answers one question while another one waits', async () => {
  const waiting = createSocket('udp4');
  waiting.once('message', () => expect.unreachable('This answer is an hour away.'));
  const asked = dns.encode({ type: 'query', id: 1, questions: [{ name: 'many.test', type: 'AAAA' }] });
  await new Promise((resolve) => waiting.send(asked, server.port, server.address, resolve));
  expect(await askUdp(server, 'many.test', 'UNKNOWN_65')).toMatchObject({ rcode: 'NOERROR', answers: [] });
  waiting.close();
});

it('gives no answer to what is not a question, and goes on', async () => {
  const socket = createSocket('udp4');
  await new Promise((resolve) =>
    socket.send(Buffer.from('no question'), server.port, server.address, resolve),
  );
  socket.close();
  expect((await askUdp(server, 'nobody.test', 'A')).rcode).toBe('NXDOMAIN');
});

it('does what a mishap says, as often as it says', async () => {
  expect((await askUdp(server, 'failing.test', 'A')).rcode).toBe('SERVFAIL');
  expect((await askUdp(server, 'failing.test', 'A')).rcode).toBe('NXDOMAIN');
  expect((await askUdp(server, 'cut.test', 'A')).flag_tc).toBe(true);
  expect((await askTcp(server, 'cut.test', 'A')).flag_tc).toBe(false);
});
