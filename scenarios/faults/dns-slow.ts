import { SHOP_HOST } from '../shop/names.ts';
import type { Fault } from './fault.ts';

export const dnsSlow: Fault = {
  name: 'dns-slow',
  title: 'The authoritative name server is slow',
  how: "The shop's own name server waits before it answers the A question for the shop's name.",
  cost: 'The first request to the shop waits for it, once.',
  expected: { layer: 'dns', cause: 'dns.slow_upstream', component: 'ns1.headwater.test' },
  defaultMs: 150,
  apply({ dns }, delayMs) {
    dns.delays.push({ fault: 'dns-slow', name: SHOP_HOST, type: 'A', delayMs });
  },
};
