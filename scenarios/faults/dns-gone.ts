import { SHOP_HOST, STATIC_HOST } from '../shop/names.ts';
import type { Fault } from './fault.ts';

export const dnsGone: Fault = {
  name: 'dns-gone',
  title: "The shop's name is gone from its zone",
  how: "The shop's name and all below it have no records any more: the name servers say NXDOMAIN, after a while.",
  cost: 'Nobody reaches the shop.',
  expected: { layer: 'dns', cause: 'dns.nxdomain', component: SHOP_HOST },
  outcome: 'failed',
  defaultMs: 50,
  apply({ dns }, delayMs) {
    dns.absent.push(SHOP_HOST, STATIC_HOST);
    dns.delays.push({ fault: 'dns-gone', name: SHOP_HOST, type: 'A', delayMs });
  },
};
