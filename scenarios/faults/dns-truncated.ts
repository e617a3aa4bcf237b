import { SHOP_HOST } from '../shop/names.ts';
import type { Fault } from './fault.ts';

export const dnsTruncated: Fault = {
  name: 'dns-truncated',
  title: 'A name server answers only over TCP, and late',
  how: "The shop's name server cuts its UDP answer to the A question for the shop's name (TC bit), and takes its time over TCP.",
  cost: 'The first request to the shop waits for the second question, once.',
  expected: { layer: 'dns', cause: 'dns.truncated_to_tcp', component: 'ns1.headwater.test' },
  defaultMs: 150,
  apply({ dns }, delayMs) {
    const question = { fault: 'dns-truncated', name: SHOP_HOST, type: 'A' };
    dns.delays.push(
      { ...question, transport: 'udp', delayMs: 0, mishap: 'truncated', counts: 'opens' },
      { ...question, transport: 'tcp', delayMs, counts: 'closes' },
    );
  },
};
