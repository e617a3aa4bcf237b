/**
 * One cold look-up of a name, from the roots down or through named servers, with nothing remembered from before: who
 * delegates to whom, how long each server takes, what is dead on the way.
 *
 * ```
 * .             a.root-servers.net     12 ms  → example.
 * example.      ns.nic.example          9 ms  → www.example.   (glueless: ns1.hoster.test is looked up first)
 * www.example.  ns2.hoster.test      1000 ms  timeout          dead
 * www.example.  ns1.hoster.test         8 ms  A 192.0.2.7
 * ```
 */
import dnsPacket from 'dns-packet';
import { addressesOf, aliasesFrom, normalName, wireType } from '../../probe/dns/dns-message.ts';
import { resolverOf } from '../../probe/dns/dns-options.ts';
import type { DnsQuery, NameServer } from '../../probe/dns/dns-query.ts';
import { parseNameServer } from '../../probe/dns/forward-resolver.ts';
import { reasonToAskAgain } from '../../probe/dns/upstream-query.ts';
import { startUnixClock } from '../../probe/unix-clock.ts';
import { NANOS_PER_MS } from '../model/time.ts';

/** Three of the thirteen (https://www.iana.org/domains/root/servers): any one knows all, more only wait longer. */
export const PUBLIC_ROOTS: readonly NameServer[] = [
  { name: 'a.root-servers.net', address: '198.41.0.4', port: 53 },
  { name: 'f.root-servers.net', address: '192.5.5.241', port: 53 },
  { name: 'k.root-servers.net', address: '193.0.14.129', port: 53 },
];

export interface ColdLookupOptions {
  /** Walk from here; `PUBLIC_ROOTS` when neither is given. Delegated servers are asked at their root's port. */
  readonly roots?: readonly NameServer[];
  /** Ask these recursive servers instead: `192.0.2.53`, `192.0.2.53:5353`. */
  readonly servers?: readonly string[];
  /** Default: `A`. */
  readonly type?: string;
  /** How long each try waits, in turn. */
  readonly timeoutsMs?: readonly number[];
}

export interface ColdHop {
  /** The zone that the server was asked for: `.`, `example.`; missing where a recursive server was asked. */
  readonly zone?: string;
  readonly server: NameServer;
  readonly transport: 'udp' | 'tcp';
  /** What was asked: an alias or a name server on the way has a name of its own. */
  readonly name: string;
  readonly type: string;
  readonly ms: number;
  /** The server did not help, and why: `timeout`, `SERVFAIL`, `lame`, `ECONNREFUSED`. A truncated answer is no failure. */
  readonly failure?: string;
  readonly rcode?: string;
  /** The zone that it refers to. */
  readonly referral?: string;
  readonly aliases: readonly string[];
  readonly addresses: readonly string[];
  readonly ttlSeconds?: number;
  readonly isTruncated: boolean;
  /** Asked for the address of this name server, whose referral came without. */
  readonly forNameServer?: string;
}

export interface ColdLookup {
  readonly name: string;
  readonly type: string;
  /** `NOERROR`, `NXDOMAIN`; `SERVFAIL` also when nobody answered. */
  readonly rcode: string;
  readonly addresses: readonly string[];
  /** Each alias in the order in which it leads on. */
  readonly aliases: readonly string[];
  readonly totalMs: number;
  /** In the order in which they were asked. */
  readonly hops: readonly ColdHop[];
  /** Servers that did not help, each once. */
  readonly dead: readonly { readonly server: NameServer; readonly zone?: string; readonly why: string }[];
}

/** Never rejects because of what servers say; throws, in one sentence, on options that name no server. */
export async function coldLookup(name: string, options: ColdLookupOptions = {}): Promise<ColdLookup> {
  const plan = options.servers
    ? { mode: 'forward' as const, servers: options.servers.map(parseNameServer) }
    : { mode: 'iterative' as const, servers: options.roots ?? PUBLIC_ROOTS };
  if (plan.servers.length === 0) throw new Error('A cold look-up needs at least one server to begin with.');
  const queries: DnsQuery[] = [];
  const { type = 'A', timeoutsMs } = options;
  const record = (query: DnsQuery) => queries.push(query);
  const resolve = resolverOf(plan, { clock: startUnixClock(), record, timeoutsMs });
  const question = dnsPacket.encode({
    type: 'query',
    id: 1,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ name: normalName(name), type: wireType(type) }],
  });
  const startMs = performance.now();
  const packet = dnsPacket.decode(await resolve(question));
  const answers = packet.answers ?? [];
  return {
    name: normalName(name),
    type,
    rcode: (packet as typeof packet & { rcode: string }).rcode,
    addresses: [...addressesOf(answers), ...addressesOf(answers, 'AAAA')],
    aliases: aliasesFrom(normalName(name), answers),
    totalMs: performance.now() - startMs,
    hops: queries.map(hopOf),
    dead: deadOf(queries),
  };
}

function hopOf(query: DnsQuery): ColdHop {
  const { zone, server, transport, name, type, answer, forNameServer } = query;
  const failure = reasonToAskAgain(query);
  return {
    zone,
    server,
    transport,
    name,
    type,
    ms: Number(query.endUnixNano - query.startUnixNano) / NANOS_PER_MS,
    ...(failure !== undefined && { failure }),
    rcode: answer?.rcode,
    referral: answer?.referral,
    aliases: answer?.aliases ?? [],
    addresses: answer?.addresses ?? [],
    ttlSeconds: answer?.ttlSeconds,
    isTruncated: answer?.isTruncated ?? false,
    forNameServer,
  };
}

function deadOf(queries: readonly DnsQuery[]): ColdLookup['dead'] {
  const deadByEndpoint = new Map<string, ColdLookup['dead'][number]>();
  for (const query of queries) {
    const why = reasonToAskAgain(query);
    const { server, zone } = query;
    if (why !== undefined)
      deadByEndpoint.set(`${server.address}:${server.port} ${zone}`, { server, zone, why });
  }
  return [...deadByEndpoint.values()];
}
