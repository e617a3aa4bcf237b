import type { Fault } from './fault.ts';

const FAULT = 'lb-slow-connect';

export const lbSlowConnect: Fault = {
  name: FAULT,
  title: 'The load balancer takes long to connect to a server',
  how: 'HAProxy reaches the servers of the product page through a SOCKS gate, which opens the way late, and keeps no connection open.',
  cost: 'The product page waits for the connection, once.',
  expected: { layer: 'lb', cause: 'lb.connect' },
  defaultMs: 150,
  apply({ proxy }, ms) {
    const lines = ['option http-server-close', 'http-reuse never'];
    proxy.pools.push({ fault: FAULT, path: '/product/', lines, gateMs: ms });
  },
};
