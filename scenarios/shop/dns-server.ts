/**
 * The private DNS: the root, the top-level domain and the shop's own name server, each on its own loopback address,
 * all on one port, UDP and TCP, in one process.
 *
 * ```
 * 127.53.0.1  a.root-servers.test   .               → test. is at 127.53.0.2
 * 127.53.0.2  ns.nic.test           test.           → headwater.test. is at 127.53.0.3
 * 127.53.0.3  ns1.headwater.test    headwater.test. → shop, static.shop (alias of assets)
 * ```
 * Systems that only have 127.0.0.1 (macOS) get one server there that answers for all three zones.
 *
 * Argument: a JSON `DnsServerOptions`. Announces `DnsServerReady`.
 */
import { type AnswerDelay, closeListener, listenOn } from './dns-listener.ts';
import { type ServerAddresses, zonesAt } from './dns-zones.ts';
import { announceReady, whenToldToStop } from './part-process.ts';

export interface DnsServerOptions {
  readonly delays: readonly AnswerDelay[];
}

export interface NameServer {
  readonly name: string;
  readonly address: string;
}

export interface DnsServerReady {
  readonly port: number;
  readonly root: NameServer;
  readonly servers: readonly NameServer[];
}

const OWN_ADDRESSES: ServerAddresses = ['127.53.0.1', '127.53.0.2', '127.53.0.3'];
const ONE_ADDRESS: ServerAddresses = ['127.0.0.1', '127.0.0.1', '127.0.0.1'];

async function start(addresses: ServerAddresses, delays: readonly AnswerDelay[]) {
  const zones = zonesAt(addresses);
  const zonesFor = (address: string) => zones.filter((_, i) => addresses[i] === address);
  const { port, listeners } = await listenOn(addresses, zonesFor, delays);
  const [root, ...others] = zones.map(({ nameServer: name }, i) => ({ name, address: addresses[i] }));
  return { listeners, ready: { port, root, servers: [root, ...others] } };
}

const isNoSuchAddress = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL';

const { delays } = JSON.parse(process.argv[2] ?? '{"delays":[]}') as DnsServerOptions;
const { listeners, ready } = await start(OWN_ADDRESSES, delays).catch((error: unknown) => {
  if (isNoSuchAddress(error)) return start(ONE_ADDRESS, delays);
  throw error;
});
whenToldToStop(async () => listeners.forEach(closeListener));
announceReady(ready);
