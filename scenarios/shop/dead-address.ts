/**
 * An address at which connections are neither taken nor refused: what a browser sees of a host that is gone, or behind
 * a firewall that drops. Argument: a JSON `DeadAddressOptions`. Announces `{ port }`.
 */
import { type AddressInfo, createServer } from 'node:net';
import { BACKLOG, fillQueue, standStill } from './full-queue.ts';
import { announceReady } from './part-process.ts';

export interface DeadAddressOptions {
  readonly address: string;
  readonly port: number;
}

/** The process ends by a signal, which needs no event loop. */
const FOREVER_MS = 24 * 3_600_000;

const { address, port } = JSON.parse(process.argv[2] ?? '') as DeadAddressOptions;
const server = createServer();
server.listen({ host: address, port, backlog: BACKLOG }, () =>
  fillQueue(server, () => {
    announceReady({ port: (server.address() as AddressInfo).port });
    standStill(FOREVER_MS);
  }),
);
