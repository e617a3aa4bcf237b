/** From a recording's conditions to the probe's options. */
import { parseNameServer } from '../../../probe/dns/forward-resolver.ts';
import type { ProbeOptions } from '../../../probe/run-journey.ts';
import type { Conditions } from '../conditions.ts';
import { presentedKey } from './presented-key.ts';

export type ConditionOptions = Pick<ProbeOptions, 'viewport' | 'conditions' | 'pins'>;

/** @throws Error with a sentence, when a server's certificate cannot be looked at */
export async function conditionOptions(conditions: Conditions, baseUrl: string): Promise<ConditionOptions> {
  const { viewport, locale, cpuSlowdown, network, cache, connections, addressByHost } = conditions;
  const isHttps = baseUrl.startsWith('https:');
  const presented = conditions.anyCertificate && isHttps ? [await presentedKey(baseUrl, addressByHost)] : [];
  const warm = cache === 'warm' ? 'cache' : connections === 'warm' ? 'connections' : undefined;
  const hostRules = hostRulesOf(conditions, baseUrl);
  return {
    ...(viewport && { viewport: { ...viewport } }),
    pins: [...(conditions.trusted ?? []), ...presented],
    conditions: {
      ...(locale && { locale }),
      ...(cpuSlowdown && { cpuSlowdown }),
      ...(network && { network }),
      ...(cache === 'off' && { cacheOff: true }),
      ...(warm && { warm }),
      ...(hostRules && { hostRules }),
    },
  };
}

/** https://www.chromium.org/developers/how-tos (`--host-resolver-rules`): an exception comes before every rule. */
function hostRulesOf({ addressByHost = {}, thirdParties }: Conditions, baseUrl: string): string | undefined {
  const rules = Object.entries(addressByHost).map(
    ([host, address]) => `MAP ${host} ${address.includes(':') ? `[${address}]` : address}`,
  );
  if (thirdParties === 'blocked')
    rules.push('MAP * ~NOTFOUND', ...siteHosts(baseUrl).map((host) => `EXCLUDE ${host}`));
  return rules.length > 0 ? rules.join(', ') : undefined;
}

/** The host, its neighbours under the same domain, and the probe's own resolver on loopback. */
function siteHosts(baseUrl: string): string[] {
  const { hostname } = new URL(baseUrl);
  const isName = !/^[\d.]+$|^\[/.test(hostname);
  const domain = isName ? hostname.split('.').slice(-2).join('.') : hostname;
  return [
    ...new Set([
      hostname,
      ...(isName && domain.includes('.') ? [domain, `*.${domain}`] : []),
      'localhost',
      '127.0.0.1',
    ]),
  ];
}

/** `system`, `forward=…`, `iterative=…`, as a run notes it; undefined for anything else. */
export function dnsFrom(text: string | undefined): ProbeOptions['dns'] | undefined {
  const [mode, list] = text?.split(/=(.*)/) ?? [];
  const servers = list?.split(',').filter(Boolean) ?? [];
  try {
    if (mode === 'system') return { mode };
    if (mode === 'forward') return servers.length > 0 ? { mode, servers } : { mode };
    if (mode === 'iterative' && servers.length > 0) return { mode, roots: servers.map(parseNameServer) };
  } catch {
    return undefined;
  }
  return undefined;
}
