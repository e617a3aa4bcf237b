import { TOP_SERVER } from '../shop/dns-zones.ts';
import { SHOP_HOST } from '../shop/names.ts';
import type { Fault } from './fault.ts';

export const dnsSlowTld: Fault = {
  name: 'dns-slow-tld',
  title: "The top-level domain's name server is slow",
  how: "The server of test. waits before it refers the A question for the shop's name to the shop's own server.",
  cost: 'The first request to the shop waits for it, once.',
  expected: { layer: 'dns', cause: 'dns.slow_upstream', component: TOP_SERVER },
  defaultMs: 150,
  apply({ dns }, delayMs) {
    dns.delays.push({ fault: 'dns-slow-tld', name: SHOP_HOST, type: 'A', server: TOP_SERVER, delayMs });
  },
};
