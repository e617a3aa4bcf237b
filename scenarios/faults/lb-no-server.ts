import type { Fault } from './fault.ts';

export const lbNoServer: Fault = {
  name: 'lb-no-server',
  title: 'No server behind the load balancer is there',
  how: 'Nobody listens where the load balancer looks for its servers: each refuses, and it answers with an error.',
  cost: 'The first page is an error, and the journey ends there.',
  expected: { layer: 'lb', cause: 'lb.no_server' },
  outcome: 'failed',
  defaultMs: 50,
  apply({ proxy }) {
    proxy.hasNoServer = true;
  },
};
