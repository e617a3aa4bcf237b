import { SHOP_HOST } from '../shop/names.ts';
import type { Fault } from './fault.ts';

export const dnsBroken: Fault = {
  name: 'dns-broken',
  title: "All of the shop's name servers fail",
  how: "Both of the shop's name servers answer every question for the shop's name with SERVFAIL, after a while.",
  cost: 'Nobody reaches the shop.',
  expected: { layer: 'dns', cause: 'dns.servfail_retry', component: 'headwater.test' },
  outcome: 'failed',
  defaultMs: 50,
  apply({ dns }, delayMs) {
    for (const type of ['A', 'AAAA'])
      dns.delays.push({ fault: 'dns-broken', name: SHOP_HOST, type, delayMs, mishap: 'SERVFAIL' });
  },
};
