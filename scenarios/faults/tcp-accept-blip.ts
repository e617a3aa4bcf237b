import type { Fault } from './fault.ts';

export const tcpAcceptBlip: Fault = {
  name: 'tcp-accept-blip',
  title: 'The front turns one burst of connections away',
  how: "The accept queue in front of the load balancer is full when the browser comes, so that the kernel drops its connections' first packets, and empty at once after that.",
  cost: 'The first request to the shop waits until the browser makes a second connection, which is after 250 ms.',
  expected: { layer: 'tcp', cause: 'tcp.accept_queue' },
  oncePerShop: true,
  defaultMs: 250,
  fixedMs: 250,
  apply({ relays }) {
    relays.push({ fault: 'tcp-accept-blip', hop: 'browser → proxy', rules: { fullQueueMs: 0 } });
  },
};
