import type { Fault } from './fault.ts';

const FAULT = 'lb-silent-server';

export const lbSilentServer: Fault = {
  name: FAULT,
  title: 'A server behind the load balancer is silent, and another is asked',
  how: 'The first server for the checkout page takes the request and says nothing; HAProxy waits for its `timeout server` and asks another one (`retry-on response-timeout`).',
  cost: 'The checkout page waits for the try that failed, once.',
  expected: { layer: 'lb', cause: 'lb.retry' },
  defaultMs: 150,
  apply({ proxy }, ms) {
    const lines = [
      'balance first',
      'retry-on conn-failure response-timeout',
      `timeout server ${Math.round(ms)}`,
    ];
    proxy.pools.push({ fault: FAULT, path: '/checkout', lines, first: 'silent' });
  },
};
