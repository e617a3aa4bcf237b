import type { Fault } from './fault.ts';

const FAULT = 'lb-timeout';
const EACH_TIME = 1_000;

export const lbTimeout: Fault = {
  name: FAULT,
  title: 'No server behind the load balancer answers in time',
  how: 'Relays before the servers lose every request for the first page; HAProxy gives up after its `timeout server` and answers 504.',
  cost: 'The first page is an error, and the journey ends there.',
  expected: { layer: 'lb', cause: 'lb.timeout' },
  outcome: 'failed',
  defaultMs: 500,
  apply({ proxy, relays }, ms) {
    proxy.serverTimeoutMs = Math.round(ms);
    relays.push({ fault: FAULT, hop: 'proxy → web', rules: { lost: { text: 'GET / ', times: EACH_TIME } } });
  },
};
