/**
 * A server from which nobody gets an answer. `silent`: it takes connections and requests, and says nothing. `full`: it
 * listens but accepts nothing, and its accept queue is full; Linux then drops the first packet of whoever tries. The
 * thread that listens stands still for ever, so that it cannot accept; another one fills the queue.
 *
 * Argument: a JSON `{ kind }`. Announces `{ port }`. It ends by its signal's default, since it may not hear of it.
 */
import { type AddressInfo, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { announceReady } from './part-process.ts';

/** As short a queue as there is; a few more than fit are tried. */
const BACKLOG = 1;
const CALLERS = 6;

const fill = (port: number): string => `
  const { connect } = require('node:net');
  for (let i = 0; i < ${CALLERS}; i++) connect(${port}, '127.0.0.1').on('error', () => {});`;

const { kind } = JSON.parse(process.argv[2] ?? '') as { kind: 'full' | 'silent' };
const server = createServer((socket) => {
  socket.resume().on('error', () => socket.destroy());
});
server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () => {
  const { port } = server.address() as AddressInfo;
  if (kind === 'full') new Worker(fill(port), { eval: true });
  announceReady({ port });
  if (kind === 'silent') return;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
