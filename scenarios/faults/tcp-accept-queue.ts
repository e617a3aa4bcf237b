import type { Fault } from './fault.ts';

/**
 * A browser that waits for 250 ms tries a second connection beside the first; it must find the queue full too, or it
 * would be served before the first one has sent its packet again.
 */
const FULL_FOR_MS = 600;

export const tcpAcceptQueue: Fault = {
  name: 'tcp-accept-queue',
  title: 'The front does not take connections for a while',
  how: "The accept queue in front of the load balancer is full when the browser comes, so that the kernel drops its connections' first packets; 0.6 s later it is empty.",
  cost: 'The first request to the shop waits until a first packet is sent again, which is after 1 s.',
  expected: { layer: 'tcp', cause: 'tcp.accept_queue' },
  oncePerShop: true,
  defaultMs: 1_000,
  fixedMs: 1_000,
  apply({ relays }) {
    const rules = { fullQueueMs: FULL_FOR_MS };
    relays.push({ fault: 'tcp-accept-queue', hop: 'browser → proxy', rules });
  },
};
