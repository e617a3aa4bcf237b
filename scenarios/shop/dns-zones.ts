/**
 * The zones of the private DNS, from the root down to the shop's names.
 *
 * ```
 * .                 a.root-servers.test     → test.
 * test.             ns.nic.test             → headwater.test., and every further zone
 * headwater.test.   ns1.headwater.test, ns2.headwater.test
 * further zones     ns.<zone>               only where a fault leads through them
 * ```
 */
import type { Zone, ZoneRecord } from './dns-zone.ts';
import { ASSETS_HOST, SHOP_HOST, STATIC_HOST } from './names.ts';

/** What faults change in the data. */
export interface ZoneChanges {
  /** Beside the shop's own, in the zone that their name lies in; one of the same name and type takes its place. */
  readonly records: ZoneRecord[];
  /** Names that are gone. */
  readonly absent: string[];
  /** Zones beside the shop's, below `test`. */
  readonly zones: string[];
}

/** Long enough for one journey, short enough that the next one asks again. */
export const SHOP_TTL_S = 60;
const SERVER_TTL_S = 300;

const TOP = 'test';
const OWN = 'headwater.test';
const ROOT_SERVER = 'a.root-servers.test';
export const TOP_SERVER = 'ns.nic.test';
const OWN_SERVERS = ['ns1.headwater.test', 'ns2.headwater.test'] as const;

/** How many servers it takes, each at an address of its own where the system has as many. */
export const serverCount = ({ zones }: ZoneChanges): number => 2 + OWN_SERVERS.length + zones.length;

const record = (name: string, type: ZoneRecord['type'], data: string, ttl: number): ZoneRecord => ({
  name,
  type,
  ttl,
  data,
});

/** One a server, in the order of the addresses. */
export function zonesAt(
  addresses: readonly string[],
  changes: ZoneChanges = { records: [], absent: [], zones: [] },
): [root: Zone, top: Zone, own: Zone, ...others: Zone[]] {
  const at = (nth: number) => addresses[nth] ?? '';
  const own = OWN_SERVERS.map((name, i) => ({ name, address: at(2 + i) }));
  const others = changes.zones.map((origin, i) => ({
    origin,
    server: { name: `ns.${origin}`, address: at(2 + own.length + i) },
  }));
  const top = { name: TOP_SERVER, address: at(1) };
  const make = (
    origin: string,
    nameServer: string,
    records: readonly ZoneRecord[],
    delegations: Zone['delegations'] = [],
  ): Zone => ({ origin, nameServer, records: changed(origin, records, changes), delegations });
  return [
    make('', ROOT_SERVER, [], [{ zone: TOP, servers: [top] }]),
    make(
      TOP,
      TOP_SERVER,
      [record(ROOT_SERVER, 'A', at(0), SERVER_TTL_S), record(TOP_SERVER, 'A', at(1), SERVER_TTL_S)],
      [
        { zone: OWN, servers: own },
        ...others.map(({ origin, server }) => ({ zone: origin, servers: [server] })),
      ],
    ),
    make(OWN, OWN_SERVERS[0], ownRecords(own)),
    make(OWN, OWN_SERVERS[1], ownRecords(own)),
    ...others.map(({ origin, server }) => make(origin, server.name, [])),
  ];
}

const ownRecords = (servers: readonly { name: string; address: string }[]): ZoneRecord[] => [
  ...servers.map(({ name, address }) => record(name, 'A', address, SERVER_TTL_S)),
  record(SHOP_HOST, 'A', '127.0.0.1', SHOP_TTL_S),
  record(ASSETS_HOST, 'A', '127.0.0.1', SHOP_TTL_S),
  record(STATIC_HOST, 'CNAME', ASSETS_HOST, SERVER_TTL_S),
];

/** An alias is instead of the addresses, except of those that another change asks for. */
function changed(origin: string, records: readonly ZoneRecord[], { records: added, absent }: ZoneChanges) {
  const mine = added.filter(({ name }) => origin !== '' && origin !== TOP && name.endsWith(`.${origin}`));
  const isReplaced = (old: ZoneRecord) =>
    mine.some((one) => one.name === old.name && (one.type === old.type || one.type === 'CNAME'));
  return [...records.filter((old) => !isReplaced(old)), ...mine].filter(({ name }) => !absent.includes(name));
}
