/** The resolver that the run's options ask for, with its endpoint for the browser and a record of what it asked. */
import type { UnixClock } from '../unix-clock.ts';
import { type DohEndpoint, startDohEndpoint } from './doh-endpoint.ts';
import {
  forwardResolver,
  parseNameServer,
  type Resolver,
  type ResolverOptions,
  systemNameServers,
} from './forward-resolver.ts';
import { iterativeResolver } from './iterative-resolver.ts';
import { rehearse } from './rehearsal.ts';
import type { DnsQuery, NameServer } from './upstream-query.ts';
import { answeringWarmUp } from './warm-up.ts';

/** How names are looked up: left to the browser, through name servers, or from the roots down. */
export type DnsOptions =
  | { mode: 'system' }
  /** `servers`: `192.0.2.53`, `192.0.2.53:5353`; the system's own when missing. */
  | { mode: 'forward'; servers?: string[] }
  /** Delegated servers are asked at their root's port. */
  | { mode: 'iterative'; roots: NameServer[] };

export interface InPathResolver {
  readonly endpoint?: DohEndpoint;
  readonly queries: readonly DnsQuery[];
  close(): Promise<void>;
}

export async function startResolver(dns: DnsOptions, clock: UnixClock): Promise<InPathResolver> {
  const queries: DnsQuery[] = [];
  const resolver = resolverOf(dns, { clock, record: (query) => queries.push(query) });
  if (!resolver) return { queries, close: async () => undefined };
  await rehearse();
  const endpoint = await startDohEndpoint(answeringWarmUp(resolver));
  return { endpoint, queries, close: () => endpoint.close() };
}

function resolverOf(dns: DnsOptions, options: ResolverOptions): Resolver | undefined {
  if (dns.mode === 'system') return undefined;
  if (dns.mode === 'iterative') {
    if (dns.roots.length === 0)
      throw new Error('dns.mode "iterative" needs at least one root server in dns.roots.');
    return iterativeResolver(dns.roots, options);
  }
  const servers = dns.servers ? dns.servers.map(parseNameServer) : systemNameServers();
  if (servers.length === 0)
    throw new Error('dns.mode "forward" found no name servers; name them in dns.servers.');
  return forwardResolver(servers, options);
}
