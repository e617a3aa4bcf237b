/**
 * A SOCKS gate that lets a load balancer through to its servers, but takes its time: the balancer's connection is not
 * there before the gate has said so (SOCKS 4, https://www.openssh.com/txt/socks4.protocol).
 *
 * Argument: a JSON `GateOptions`. Announces `{ port }`.
 */
import { type AddressInfo, connect, createServer } from 'node:net';
import { noteInjected } from './injected.ts';
import { announceReady, whenToldToStop } from './part-process.ts';
import { sleep } from './services/mischief/sleep.ts';

interface GateOptions {
  readonly fault: string;
  readonly ms: number;
}

const { fault, ms } = JSON.parse(process.argv[2] ?? '') as GateOptions;
/** Version 0, "request granted", and six bytes that mean nothing. */
const GRANTED = Buffer.from([0, 0x5a, 0, 0, 0, 0, 0, 0]);

/** Without the gate the balancer would have connected at once: all that passes until it says so is its doing. */
const server = createServer({ noDelay: true }, (client) => {
  const askedMs = performance.now();
  client.once('data', async (request) => {
    const upstream = connect({ port: request.readUInt16BE(2), host: '127.0.0.1', noDelay: true });
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
    client.pause();
    await sleep(ms);
    client.write(GRANTED);
    client.pipe(upstream).pipe(client);
    noteInjected(fault, performance.now() - askedMs);
  });
});

server.listen(0, '127.0.0.1', () => announceReady({ port: (server.address() as AddressInfo).port }));
whenToldToStop(async () => {
  server.close();
});
