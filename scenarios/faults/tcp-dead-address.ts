import { SHOP_TTL_S } from '../shop/dns-zones.ts';
import { SHOP_HOST } from '../shop/names.ts';
import type { Fault } from './fault.ts';

export const tcpDeadAddress: Fault = {
  name: 'tcp-dead-address',
  title: "The shop's first address is dead",
  how: "The shop's name has an AAAA record too, and at that address connections are neither taken nor refused.",
  cost: 'The first request to the shop waits until the browser tries the other address beside it, which it does after 300 ms.',
  expected: { layer: 'tcp', cause: 'tcp.happy_eyeballs_fallback', component: '[::1]' },
  defaultMs: 300,
  fixedMs: 300,
  apply({ dns, deadAddresses }) {
    dns.records.push({ name: SHOP_HOST, type: 'AAAA', ttl: SHOP_TTL_S, data: '::1' });
    deadAddresses.push('::1');
  },
};
