/** How long a journey takes when nothing is wrong with it: the same measure by which verdicts tell what is unusual. */
import { RUNS_FOR_A_NORMAL, type RunOutcome, type UsualWall } from '../../model/journey.ts';
import { limitOf, typicalOf } from '../surprise.ts';

/** @returns undefined when too few of the runs were healthy */
export function usualWall(runs: readonly Pick<RunOutcome, 'healthy' | 'wallNs'>[]): UsualWall | undefined {
  const healthy = runs.filter((run) => run.healthy).map((run) => run.wallNs);
  if (healthy.length < RUNS_FOR_A_NORMAL) return undefined;
  const typical = typicalOf(healthy);
  const { medianNs } = typical;
  const by = limitOf(typical);
  return { runs: healthy.length, lowNs: Math.max(0, medianNs - by), medianNs, highNs: medianNs + by };
}
