/** The zones of the private DNS, from the root down to the shop's names. */
import type { Zone } from './dns-zone.ts';
import { ASSETS_HOST, SHOP_HOST, STATIC_HOST } from './names.ts';

/** Addresses of the root, top-level and own name server. */
export type ServerAddresses = readonly [string, string, string];

/** Long enough for one journey, short enough that the next one asks again. */
const SHOP_TTL_S = 60;
const SERVER_TTL_S = 300;

const zone = (
  origin: string,
  nameServer: string,
  records: Zone['records'],
  delegations: Zone['delegations'] = [],
): Zone => ({ origin, nameServer, records, delegations });

const address = (name: string, data: string, ttl: number) => ({ name, type: 'A', ttl, data }) as const;

/** In the order of the addresses. */
export function zonesAt([root, tld, own]: ServerAddresses): [Zone, Zone, Zone] {
  return [
    zone('', 'a.root-servers.test', [], [{ zone: 'test', nameServer: 'ns.nic.test', address: tld }]),
    zone(
      'test',
      'ns.nic.test',
      [address('a.root-servers.test', root, SERVER_TTL_S), address('ns.nic.test', tld, SERVER_TTL_S)],
      [{ zone: 'headwater.test', nameServer: 'ns1.headwater.test', address: own }],
    ),
    zone('headwater.test', 'ns1.headwater.test', [
      address('ns1.headwater.test', own, SERVER_TTL_S),
      address(SHOP_HOST, '127.0.0.1', SHOP_TTL_S),
      address(ASSETS_HOST, '127.0.0.1', SHOP_TTL_S),
      { name: STATIC_HOST, type: 'CNAME', ttl: SERVER_TTL_S, data: ASSETS_HOST },
    ]),
  ];
}
