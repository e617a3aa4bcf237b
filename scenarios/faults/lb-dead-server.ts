import type { Fault } from './fault.ts';

const FAULT = 'lb-dead-server';

export const lbDeadServer: Fault = {
  name: FAULT,
  title: 'A server behind the load balancer takes no connection',
  how: 'The first server for the cart page has a full accept queue: HAProxy waits for its `timeout connect` and then takes the next one (`option redispatch`).',
  cost: 'The cart page waits for the try that failed, once.',
  expected: { layer: 'lb', cause: 'lb.retry' },
  defaultMs: 150,
  apply({ proxy }, ms) {
    const lines = ['balance first', `timeout connect ${Math.round(ms)}`];
    proxy.pools.push({ fault: FAULT, path: '/cart', lines, first: 'full' });
  },
};
