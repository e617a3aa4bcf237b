import { SHOP_TTL_S } from '../shop/dns-zones.ts';
import { SHOP_HOST } from '../shop/names.ts';
import type { Fault } from './fault.ts';

/** Zones that the way leads through, as a shop that has put one provider in front of the other does. */
const ZONES = ['traffic-manager.test', 'edge-steering.test', 'cdn-region.test', 'cdn-place.test'];

export const dnsChain: Fault = {
  name: 'dns-chain',
  title: "The shop's name is an alias of an alias of an alias",
  how: `The way from the shop's name to its address leads through aliases in ${ZONES.length} zones; each zone's server needs its share of the time.`,
  cost: 'The first request to the shop waits for all of these searches, once.',
  expected: { layer: 'dns', cause: 'dns.cname_chain', component: SHOP_HOST },
  defaultMs: 150,
  apply({ dns }, ms) {
    const fault = 'dns-chain';
    const names = [SHOP_HOST, ...ZONES.map((zone) => `shop.${zone}`)];
    dns.zones.push(...ZONES);
    dns.delays.push({ fault, name: SHOP_HOST, type: 'A', delayMs: 0, counts: 'opens' });
    for (const [i, name] of names.entries()) {
      const next = names[i + 1];
      if (next) dns.records.push({ name, type: 'CNAME', ttl: SHOP_TTL_S, data: next });
      else dns.records.push({ name, type: 'A', ttl: SHOP_TTL_S, data: '127.0.0.1' });
      if (i === 0) continue;
      const counts = next ? 'within' : 'closes';
      dns.delays.push({ fault, name, type: 'A', delayMs: ms / ZONES.length, counts });
    }
  },
};
