/**
 * What a configuration says of the store itself is written into it, so that every process holds it, wherever it was
 * started. Where the configuration says nothing, what was agreed on before stays.
 */
import type { Config } from '../config/config.ts';
import { keepPolicy } from '../config/keeping.ts';
import { seriesLimits } from '../config/metrics.ts';
import type { KeepPolicy } from '../model/keeping.ts';
import { KEEP_SETTING, keepPolicyOf, NEEDED_SETTING, SERIES_SETTING, SETTING } from '../store/settings.ts';
import type { Store } from '../store/store.ts';

type Kept = Pick<Store, 'record' | 'keepRecord'>;

/** @returns the policy that holds from now on */
export function agreeOn({ keep, metrics }: Pick<Config, 'keep' | 'metrics'>, store: Kept): KeepPolicy {
  if (keep) agree(store, KEEP_SETTING, keepPolicy(keep));
  if (metrics) agree(store, SERIES_SETTING, seriesLimits(metrics));
  return agreedPolicy(store);
}

export const agreedPolicy = (store: Kept): KeepPolicy => keepPolicyOf(store.record(SETTING, KEEP_SETTING));

export const agreeOnPolicy = (policy: KeepPolicy, store: Kept): void => agree(store, KEEP_SETTING, policy);

/** For writes that must make room while nobody is there to ask. */
export const agreeOnNeeded = (traceIds: Iterable<string>, store: Kept): void =>
  agree(store, NEEDED_SETTING, [...new Set(traceIds)].sort());

function agree(store: Kept, key: string, body: unknown): void {
  const before = store.record(SETTING, key)?.body ?? [];
  if (JSON.stringify(before) === JSON.stringify(body)) return;
  store.keepRecord(SETTING, { key, atUnixMs: Date.now(), body });
}
