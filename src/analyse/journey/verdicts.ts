/** What was blamed in a journey's runs, and how often. */
import type { RunOutcome } from '../../model/journey.ts';
import type { Verdict } from '../../model/report.ts';
import { lastingName } from '../lasting-name.ts';

export interface Blamed extends Pick<Verdict, 'layer' | 'component' | 'cause'> {
  /** Newest last. */
  readonly traceIds: readonly string[];
}

/** Most often first. Runs without a problem blame nobody. @param runs oldest first */
export function blamedIn(runs: readonly RunOutcome[]): Blamed[] {
  const found = new Map<string, Blamed & { readonly traceIds: string[] }>();
  for (const { traceId, healthy, blamed } of runs) {
    if (healthy || !blamed) continue;
    const component = lastingName(blamed.component);
    const key = `${blamed.cause}\u0000${component}`;
    const known = found.get(key) ?? { ...blamed, component, traceIds: [] };
    known.traceIds.push(traceId);
    found.set(key, known);
  }
  return [...found.values()].sort((a, b) => b.traceIds.length - a.traceIds.length);
}
