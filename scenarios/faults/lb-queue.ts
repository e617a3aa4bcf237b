import type { Fault } from './fault.ts';

const FAULT = 'lb-queue';

export const lbQueue: Fault = {
  name: FAULT,
  title: 'All servers behind the load balancer are busy',
  how: 'HAProxy gives each server one order at a time, and other orders, whose bodies do not end, keep them busy until the visitor’s has been queued for that long.',
  cost: 'Placing an order waits in the queue, once.',
  expected: { layer: 'lb', cause: 'lb.queue' },
  defaultMs: 150,
  apply({ proxy }, ms) {
    proxy.pools.push({ fault: FAULT, path: '/api/order', maxconn: 1, occupiedMs: ms });
  },
};
