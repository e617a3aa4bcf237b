/** What replays say of the original, and of the conditions that were taken away. Pure. */
import { type Outcome, replayedRun, reproduced } from '../analyse/compare/reproduced.ts';
import type { RunReport, RunView } from '../model/report.ts';
import { formatDuration } from '../model/time.ts';
import { REMOVABLE, type Removable } from './without.ts';

/** Whether the slowness needs a condition. */
export interface Narrowed {
  readonly condition: Removable;
  readonly state: Outcome['state'] | 'not_taken_away';
  readonly sentence: string;
  readonly traceIds: readonly string[];
}

/** @param cut names of steps that were not walked: where the guilty one is among them, nothing can be said of it */
export function judged(original: RunView, replays: readonly RunView[], cut: readonly string[]): Outcome {
  const outcome = reproduced(replayedRun(original), replays.map(replayedRun));
  const { guilty } = outcome;
  if (!guilty || outcome.state === 'reproduced' || cut.length === 0) return outcome;
  const step = guiltyStep(original.report, guilty);
  if (step === undefined || !cut.includes(step)) return outcome;
  const sentence = `Could not tell: what made the original slow, ${formatDuration(guilty.ns)}, lies in step “${step}”, which is not replayed; see below.`;
  return { ...outcome, state: 'unclear', sentence };
}

/** The step that made a run slow, for looking closer at it. */
export const slowStep = ({ report }: RunView): string | undefined => guiltyStep(report, report.verdict);

function guiltyStep(
  { steps }: RunReport,
  guilty: Pick<NonNullable<Outcome['guilty']>, 'layer' | 'cause'>,
): string | undefined {
  const guiltyNs = ({ ledger }: RunReport['steps'][number]): number =>
    ledger
      .filter(({ layer, cause }) => layer === guilty.layer && cause === guilty.cause)
      .reduce((sum, { ns }) => sum + ns, 0);
  return [...steps].sort((a, b) => guiltyNs(b) - guiltyNs(a))[0]?.name;
}

/** The replay that is shown beside the original: the middle one by what made it slow. */
export function middleOf({ replays: sizes }: Outcome, replays: readonly RunView[]): RunView {
  const order = [...sizes].sort((a, b) => a.ns - b.ns || a.wallNs - b.wallNs);
  const middle = order[Math.floor((order.length - 1) / 2)];
  return replays.find(({ report }) => report.traceId === middle?.traceId) ?? replays[0]!;
}

/** @param withIt what the replays with the condition said */
export function narrowed(
  condition: Removable,
  original: RunView,
  withoutIt: readonly RunView[],
  withIt: Outcome,
): Narrowed {
  const what = REMOVABLE[condition];
  const traceIds = withoutIt.map(({ report }) => report.traceId);
  if (traceIds.length === 0) {
    const sentence = `${condition}: nothing to take away, the replays do not have it (${what}).`;
    return { condition, sentence, state: 'not_taken_away', traceIds };
  }
  const { state } = reproduced(replayedRun(original), withoutIt.map(replayedRun));
  return { condition, sentence: `${condition}: ${needs(what, state, withIt)}`, state, traceIds };
}

function needs(what: string, without: Outcome['state'], withIt: Outcome): string {
  if (withIt.state !== 'reproduced')
    return 'nothing to tell, for the slowness did not come again with it either.';
  if (without === 'reproduced') return `not needed. The slowness comes without ${what} too.`;
  if (without === 'not_reproduced') return `needed. Without ${what} the slowness is gone.`;
  return without === 'failed' ? `every run without ${what} failed.` : 'unclear; repeat it more often.';
}
