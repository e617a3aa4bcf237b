/** How names are looked up in a run, as its options say, and the resolver that does so. */

import type { NameServer } from './dns-query.ts';
import {
  forwardResolver,
  parseNameServer,
  type Resolver,
  type ResolverOptions,
  systemNameServers,
} from './forward-resolver.ts';
import { iterativeResolver } from './iterative-resolver.ts';

/** Left to the browser, through name servers, or from the roots down. */
export type DnsOptions =
  | { mode: 'system' }
  /** `servers`: `192.0.2.53`, `192.0.2.53:5353`; the system's own when missing. */
  | { mode: 'forward'; servers?: string[] }
  /** Delegated servers are asked at their root's port. */
  | { mode: 'iterative'; roots: NameServer[] };

/** Where a resolver starts to ask. Plain data: it may travel to another thread. */
export interface ResolverPlan {
  readonly mode: 'forward' | 'iterative';
  readonly servers: readonly NameServer[];
}

/** Undefined where look-ups are left to the browser; throws, in one sentence, on options that cannot work. */
export function resolverPlan(dns: DnsOptions): ResolverPlan | undefined {
  if (dns.mode === 'system') return undefined;
  if (dns.mode === 'iterative') {
    if (dns.roots.length === 0)
      throw new Error('dns.mode "iterative" needs at least one root server in dns.roots.');
    return { mode: 'iterative', servers: dns.roots };
  }
  const servers = dns.servers ? dns.servers.map(parseNameServer) : systemNameServers();
  if (servers.length === 0)
    throw new Error('dns.mode "forward" found no name servers; name them in dns.servers.');
  return { mode: 'forward', servers };
}

export const resolverOf = ({ mode, servers }: ResolverPlan, options: ResolverOptions): Resolver =>
  mode === 'iterative' ? iterativeResolver(servers, options) : forwardResolver(servers, options);

/** As the command line takes it: `system`, `forward=192.0.2.53`, `iterative=192.0.2.1:5353`. */
export function dnsText(dns: DnsOptions): string {
  if (dns.mode === 'iterative')
    return `iterative=${dns.roots.map(({ address, port }) => `${address.includes(':') ? `[${address}]` : address}:${port}`).join(',')}`;
  const servers = dns.mode === 'forward' ? dns.servers : undefined;
  return servers ? `${dns.mode}=${servers.join(',')}` : dns.mode;
}
