/** Which runs somebody will want to look into later: nobody keeps all of them. */
import { RUNS_FOR_A_NORMAL } from '../../model/journey.ts';
import type { KeptRun } from '../../model/keeping.ts';

/** Each journey's first runs after a mark show what a deployment changed; as many as tell what is usual. */
const RUNS_AFTER_A_MARK = RUNS_FOR_A_NORMAL;

/** All that stand out or were left unfinished, and each journey's first after a mark. @param runs oldest first */
export function notableIn(runs: readonly KeptRun[], markedUnixMs: readonly number[]): Set<string> {
  const notable = new Set(firstAfterMarks(runs, markedUnixMs));
  for (const { traceId, status, standsOut } of runs)
    if (status !== 'loose' && (standsOut || status === 'running')) notable.add(traceId);
  return notable;
}

function firstAfterMarks(runs: readonly KeptRun[], markedUnixMs: readonly number[]): string[] {
  const marks = [...markedUnixMs].sort((a, b) => a - b);
  const counts = new Map<string, number>();
  let passed = 0;
  return runs.flatMap((run) => {
    while (passed < marks.length && marks[passed]! <= run.atUnixMs) passed++;
    if (passed === 0 || run.status === 'loose') return [];
    const key = `${passed} ${journeyKey(run)}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= RUNS_AFTER_A_MARK ? [run.traceId] : [];
  });
}

export const journeyKey = ({ journey, site }: Pick<KeptRun, 'journey' | 'site'>): string =>
  `${journey}\u0000${site}`;

/**
 * A number from 0 to 1 that is always the same for a trace: FNV-1a with the finish of MurmurHash3, because the digits
 * of some tracers' IDs are a clock or a counter.
 */
export function shareOf(traceId: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < traceId.length; i++) hash = Math.imul(hash ^ traceId.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
