/**
 * Runs inside `unshare -n`: a network of its own, in which some of the packets to one port are lost and the queue of
 * another is full. Samples the host meanwhile, and prints what the agent tells beside what the client saw.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Sampler } from '../../src/agent/sampler.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const LOSSY_PORT = 20_900;
const FULL_PORT = 20_104;

/**
 * Drops 15 % of the TCP packets to port 20900: a classic BPF program, which needs no module of the kernel. Where they come
 * in: the sender is told of what is dropped on the way out, and sends it as if it never had.
 */
const LOSE_SOME =
  '11,40 0 0 12,21 0 7 2048,48 0 0 23,21 0 5 6,177 0 0 14,72 0 0 16,21 0 2 20900,32 0 0 4294963256,37 1 0 3650722201,6 0 0 0,6 0 0 2';
execFileSync('ip', ['link', 'set', 'lo', 'up']);
execFileSync('tc', ['qdisc', 'add', 'dev', 'lo', 'clsact']);
execFileSync('tc', [...'filter add dev lo ingress bpf da bytecode'.split(' '), LOSE_SOME]);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const listening = `require('node:net').createServer().listen({port:${FULL_PORT},host:'127.0.0.1',backlog:1},()=>process.send(1))`;
const stuck = spawn(process.execPath, ['-e', listening], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
await once(stuck, 'message');
// A stopped process accepts nobody.
stuck.kill('SIGSTOP');

const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
server.listen(LOSSY_PORT, '127.0.0.1');
await once(server, 'listening');

const sampler = new Sampler();
await sampler.begin(TRACE_ID);
const unanswered = Array.from({ length: 5 }, () =>
  connect(FULL_PORT, '127.0.0.1').on('error', () => undefined),
);

const clientPorts: number[] = [];
/** Sends and gets 200 kB, packet by packet. */
async function exchange(): Promise<void> {
  const client = connect(LOSSY_PORT, '127.0.0.1');
  await once(client, 'connect');
  clientPorts.push(client.localPort!);
  let missing = 0;
  client.on('data', (bytes) => {
    missing -= bytes.length;
  });
  for (let i = 0; i < 10; i++) {
    missing += 20_000;
    client.write(Buffer.alloc(20_000));
    while (missing > 0) await once(client, 'data');
  }
  client.end();
  await once(client, 'close');
}
const startedUnixMs = Date.now();
for (let i = 0; i < 5; i++) await exchange();
// The news of an end takes a moment.
await pause(200);
// The first packets to the full queue are sent again after a second.
await pause(Math.max(0, 1_300 - (Date.now() - startedUnixMs)));
const told = await sampler.end(TRACE_ID);
for (const socket of unanswered) socket.destroy();
stuck.kill('SIGKILL');
server.close();
process.stdout.write(JSON.stringify({ startedUnixMs, endedUnixMs: Date.now(), clientPorts, told }));
