/** `--without CONDITION`: the conditions of a replay, one of them taken away, to see whether the slowness needs it. */
import type { Conditions } from './conditions.ts';

export const REMOVABLE = {
  dns: 'look-ups of names',
  'cold-start': 'a browser that has never been there',
  cache: "the browser's cache",
  'third-party': 'requests to other sites',
  throttling: 'the throttled network and CPU',
  network: 'the throttled network',
  cpu: 'the slower CPU',
} as const;
export type Removable = keyof typeof REMOVABLE;

export const isRemovable = (text: string): text is Removable => Object.hasOwn(REMOVABLE, text);

/**
 * @param addresses of the hosts of the path, as an earlier run saw them
 * @returns undefined when there is nothing to take away
 */
export function withoutCondition(
  conditions: Conditions,
  removed: Removable,
  addresses: Readonly<Record<string, string>>,
): Conditions | undefined {
  const { network, cpuSlowdown, ...rest } = conditions;
  const slow = { ...(network && { network }), ...(cpuSlowdown && { cpuSlowdown }) };
  switch (removed) {
    case 'dns':
      return Object.keys(addresses).length === 0
        ? undefined
        : { ...conditions, addressByHost: { ...addresses, ...conditions.addressByHost } };
    case 'cold-start':
      return conditions.cache === 'warm' ? undefined : { ...conditions, cache: 'warm', connections: 'warm' };
    case 'cache':
      return conditions.cache === 'off' ? undefined : { ...conditions, cache: 'off' };
    case 'third-party':
      return { ...conditions, thirdParties: 'blocked' };
    case 'throttling':
      return Object.keys(slow).length === 0 ? undefined : rest;
    case 'network':
      return network ? { ...rest, ...(cpuSlowdown && { cpuSlowdown }) } : undefined;
    case 'cpu':
      return cpuSlowdown ? { ...rest, ...(network && { network }) } : undefined;
  }
}
