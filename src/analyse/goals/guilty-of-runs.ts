/** Whom the verdicts of several runs blame most. */
import type { RunOutcome } from '../../model/journey.ts';
import type { Guilty } from '../../model/signal.ts';
import { blamedIn } from '../journey/verdicts.ts';

/** @returns undefined when nobody can be named: a run nobody saw into blames no part that others could share */
export function guiltyOf(runs: readonly RunOutcome[]): Guilty | undefined {
  const [most] = blamedIn(runs).filter(({ layer }) => layer !== 'unknown');
  return most && { layer: most.layer, component: most.component, cause: most.cause };
}
