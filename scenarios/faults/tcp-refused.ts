import { SHOP_TTL_S } from '../shop/dns-zones.ts';
import { SHOP_HOST } from '../shop/names.ts';
import type { Fault } from './fault.ts';

/** An address of this machine at which nothing of the shop listens. */
const NOBODY = '127.0.0.2';

export const tcpRefused: Fault = {
  name: 'tcp-refused',
  title: "Nothing listens at the shop's address",
  how: "The shop's name leads to an address at whose port nothing listens: it refuses every connection.",
  cost: 'Nobody reaches the shop.',
  expected: { layer: 'tcp', cause: 'tcp.refused' },
  outcome: 'failed',
  defaultMs: 50,
  apply({ dns }) {
    dns.records.push({ name: SHOP_HOST, type: 'A', ttl: SHOP_TTL_S, data: NOBODY });
  },
};
