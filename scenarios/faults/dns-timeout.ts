import { SHOP_HOST } from '../shop/names.ts';
import type { Fault } from './fault.ts';

export const dnsTimeout: Fault = {
  name: 'dns-timeout',
  title: 'A name server is silent',
  how: "The shop's first name server never answers the first A question for the shop's name; the second one does.",
  cost: "The first request to the shop waits for the resolver's patience with the first server, which is 1 s.",
  expected: { layer: 'dns', cause: 'dns.timeout_retry', component: 'ns1.headwater.test' },
  defaultMs: 1_000,
  fixedMs: 1_000,
  apply({ dns }) {
    const question = { fault: 'dns-timeout', name: SHOP_HOST, type: 'A' };
    dns.delays.push({ ...question, delayMs: 0, mishap: 'silent', everyOther: true });
  },
};
