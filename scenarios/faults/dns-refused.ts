import { STATIC_HOST } from '../shop/names.ts';
import type { Fault } from './fault.ts';

export const dnsRefused: Fault = {
  name: 'dns-refused',
  title: 'A name server refuses to answer, late',
  how: "The shop's first name server answers the A question for the static host with REFUSED after a while; the second one knows.",
  cost: 'The first page waits for its styles and scripts that much longer, once.',
  expected: { layer: 'dns', cause: 'dns.servfail_retry', component: 'ns1.headwater.test' },
  defaultMs: 150,
  apply({ dns }, delayMs) {
    const question = { fault: 'dns-refused', name: STATIC_HOST, type: 'A' };
    dns.delays.push({ ...question, delayMs, mishap: 'REFUSED', everyOther: true });
  },
};
