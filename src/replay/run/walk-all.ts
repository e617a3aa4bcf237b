/**
 * The runs of a replay: with all of its conditions, and in turn without each that is to be tested, so that a machine
 * that gets busier does so for all of them.
 *
 * ```
 * original │ replay 1 │ 1 without dns │ replay 2 │ 2 without dns │ …
 * ```
 */
import { compare } from '../../analyse/compare/compare.ts';
import type { Outcome } from '../../analyse/compare/reproduced.ts';
import type { Comparison } from '../../model/comparison.ts';
import type { RunView } from '../../model/report.ts';
import { reopened } from '../../run/reopen.ts';
import type { Store } from '../../store/store.ts';
import type { Conditions } from '../conditions.ts';
import { judged, middleOf, type Narrowed, narrowed } from '../judge.ts';
import type { LeftOut } from '../recording.ts';
import { type Removable, withoutCondition } from '../without.ts';
import type { ReplayPlan } from './replay-plan.ts';
import { addressesIn, refusedNow } from './seen-in-runs.ts';

export interface ReplayAnswer {
  readonly original: RunView;
  /** The recording holds no times: the original is its first replay. */
  readonly isFirstReplay: boolean;
  readonly replays: readonly RunView[];
  readonly outcome: Outcome;
  readonly comparison: Comparison;
  readonly narrowed: readonly Narrowed[];
  readonly leftOut: readonly LeftOut[];
}

export interface WalkOptions {
  readonly repeat: number;
  readonly removed: readonly Removable[];
  readonly store: Store;
  readonly signal: AbortSignal;
  /** Walks the journey once. */
  readonly walk: (conditions: Conditions, what: string) => Promise<RunView>;
}

/** @returns undefined when it was interrupted */
export async function walkAll(plan: ReplayPlan, options: WalkOptions): Promise<ReplayAnswer | undefined> {
  const { store, signal } = options;
  const first = plan.original ?? (await options.walk(plan.conditions, 'first replay'));
  const isUseless = plan.original === undefined && first.report.status === 'failed';
  const walked = await walkInTurn(plan, first, isUseless ? { ...options, repeat: 0 } : options);
  if (signal.aborted) return undefined;
  // What servers said after a run had settled counts too.
  const latest = (view: RunView): RunView => reopened(view.report.traceId, store) ?? view;
  const original = latest(first);
  // A first replay that fails would fail again: it is all there is to show.
  const replays = isUseless ? [original] : walked.replays.map(latest);
  const outcome = judged(original, replays, plan.cut);
  const shown = middleOf(outcome, replays);
  return {
    original,
    isFirstReplay: plan.original === undefined,
    replays,
    outcome,
    comparison: compare(shown, original),
    narrowed: [...walked.without].map(([each, views]) =>
      narrowed(each, original, views.map(latest), outcome),
    ),
    leftOut: [...plan.leftOut, ...expiredLogin(plan.original, shown), ...heldBack(shown)],
  };
}

async function walkInTurn(
  { conditions }: ReplayPlan,
  original: RunView,
  { repeat, removed, signal, walk }: WalkOptions,
): Promise<{ replays: RunView[]; without: Map<Removable, RunView[]> }> {
  const replays: RunView[] = [];
  const without = new Map<Removable, RunView[]>(removed.map((each) => [each, []]));
  for (let i = 1; i <= repeat && !signal.aborted; i++) {
    replays.push(await walk(conditions, `replay ${i}`));
    for (const [each, views] of without) {
      const fewer = withoutCondition(conditions, each, addressesIn([original, ...replays]));
      if (fewer && !signal.aborted) views.push(await walk(fewer, `without ${each}`));
    }
  }
  return { replays, without };
}

function expiredLogin(original: RunView | undefined, replay: RunView): LeftOut[] {
  const refused = refusedNow(original, replay);
  if (!refused) return [];
  return [
    {
      what: refused.path,
      why: `it was answered with ${refused.status}: the login of the recording is not there, or has expired`,
      supply: '--storage-state FILE, or --header-env NAME=VARIABLE',
    },
  ];
}

const heldBack = ({ report }: RunView): LeftOut[] =>
  report.warnings
    .filter(({ code }) => code === 'probe.held_back')
    .map(({ message }) => ({
      what: message.split(' was not sent')[0] ?? message,
      why: 'it was held back, for it changes something at the server',
      supply: '--unsafe sends it',
    }));
