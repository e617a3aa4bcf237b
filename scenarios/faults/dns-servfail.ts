import { SHOP_HOST } from '../shop/names.ts';
import type { Fault } from './fault.ts';

export const dnsServfail: Fault = {
  name: 'dns-servfail',
  title: 'A name server fails, late',
  how: "The shop's first name server answers the A question for the shop's name with SERVFAIL after a while; the second one knows.",
  cost: 'The first request to the shop waits for the failure, once.',
  expected: { layer: 'dns', cause: 'dns.servfail_retry', component: 'ns1.headwater.test' },
  defaultMs: 150,
  apply({ dns }, delayMs) {
    const question = { fault: 'dns-servfail', name: SHOP_HOST, type: 'A' };
    dns.delays.push({ ...question, delayMs, mishap: 'SERVFAIL', everyOther: true });
  },
};
