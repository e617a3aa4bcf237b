/**
 * The private DNS: the root, the top-level domain and the shop's own name servers, each on its own loopback address,
 * all on one port, UDP and TCP, in one process.
 *
 * ```
 * 127.53.0.1  a.root-servers.test   .               → test. is at 127.53.0.2
 * 127.53.0.2  ns.nic.test           test.           → headwater.test. is at 127.53.0.3 and 127.53.0.4
 * 127.53.0.3  ns1.headwater.test    headwater.test. → shop, static.shop (alias of assets)
 * 127.53.0.4  ns2.headwater.test    headwater.test.   asked only where the first one fails
 * ```
 * Systems that only have 127.0.0.1 (macOS) get one server there that answers for all zones.
 *
 * Argument: a JSON `DnsServerOptions`. Announces `DnsServerReady`.
 */
import { closeListener, listenOn } from './dns-listener.ts';
import type { AnswerDelay } from './dns-mishaps.ts';
import type { NameServer } from './dns-zone.ts';
import { serverCount, type ZoneChanges, zonesAt } from './dns-zones.ts';
import { announceReady, whenToldToStop } from './part-process.ts';

export interface DnsServerOptions extends ZoneChanges {
  readonly delays: readonly AnswerDelay[];
}

export interface DnsServerReady {
  readonly port: number;
  readonly root: NameServer;
  readonly servers: readonly NameServer[];
}

const options = JSON.parse(process.argv[2] ?? '{}') as DnsServerOptions;
const count = serverCount(options);
const OWN_ADDRESSES = Array.from({ length: count }, (_, i) => `127.53.0.${i + 1}`);
const ONE_ADDRESS = Array.from({ length: count }, () => '127.0.0.1');

async function start(addresses: readonly string[]) {
  const zones = zonesAt(addresses, options);
  const zonesFor = (address: string) => zones.filter((_, i) => addresses[i] === address);
  const { port, listeners } = await listenOn(addresses, zonesFor, options.delays);
  const servers = zones.map(({ nameServer: name }, i) => ({ name, address: addresses[i] ?? '' }));
  return { listeners, ready: { port, root: servers[0], servers } };
}

const isNoSuchAddress = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL';

const { listeners, ready } = await start(OWN_ADDRESSES).catch((error: unknown) => {
  if (isNoSuchAddress(error)) return start(ONE_ADDRESS);
  throw error;
});
whenToldToStop(async () => listeners.forEach(closeListener));
announceReady(ready);
