/** The list as it grows: pages that were asked for one after another, and the newest runs that come in meanwhile. */
import type { RunSummary } from '../../src/model/report.ts';

export const PAGE_SIZE = 100;

/**
 * The first page, asked for again, before what was read of the older ones.
 * ```
 * // kept    c b a | z y x        fresh   d c b        merged   d c b a | z y x
 * ```
 */
export function mergeRuns(fresh: readonly RunSummary[], kept: readonly RunSummary[]): RunSummary[] {
  const last = fresh.at(-1);
  // A first page that is not full is all there is.
  if (!last || fresh.length < PAGE_SIZE) return [...fresh];
  return [...fresh, ...kept.filter((run) => comesAfter(run, last))];
}

/** In a list with the newest first. */
function comesAfter(run: RunSummary, other: RunSummary): boolean {
  const [a, b] = [BigInt(run.startUnixNano), BigInt(other.startUnixNano)];
  return a < b || (a === b && run.traceId > other.traceId);
}

export const placeOf = ({ startUnixNano, traceId }: RunSummary): string => `${startUnixNano}.${traceId}`;
