/**
 * Of `headwater.config.ts`: what a journey may take, and how often it must go well.
 *
 * ```ts
 * journeys: {
 *   login: {
 *     budgets: { total: '2s', dns: '50ms', steps: { 'Sign in': { total: '1s', db: '200ms' } } },
 *     objective: { ok: 99.5, within: '4s', days: 28 },
 *   },
 * }
 * ```
 */
import { z } from 'zod';
import { durationNs } from '../model/duration-text.ts';
import type { Budget, BudgetOf, JourneyGoals } from '../model/goals.ts';
import { LAYERS } from '../model/layer.ts';
import { duration } from './duration.ts';

/** Four weeks: each has as many weekends as the next (the SRE workbook's advice). */
export const DEFAULT_DAYS = 28;
/** The longest window of the alerts is three days: a shorter period would have no room for it. */
const FEWEST_DAYS = 7;
const MOST_DAYS = 366;

const BUDGETS_OF: readonly BudgetOf[] = ['total', ...LAYERS];
const aboveZero = duration.refine((text) => durationNs(text) !== 0, 'must be above 0');
const ofWhole = Object.fromEntries(BUDGETS_OF.map((of) => [of, aboveZero.optional()])) as Record<
  BudgetOf,
  z.ZodOptional<typeof aboveZero>
>;
const budgets = z.strictObject({
  ...ofWhole,
  steps: z.record(z.string(), z.strictObject(ofWhole)).optional(),
});
const objective = z.strictObject({
  ok: z
    .number()
    .gt(0, 'must be a percentage above 0')
    .lt(100, 'must be a percentage below 100: there is always something that goes wrong'),
  within: aboveZero.optional(),
  days: z.number().int().min(FEWEST_DAYS).max(MOST_DAYS).optional(),
});

/** Keys of one entry of `journeys`. */
export const journeyGoals = {
  /** What the whole run, a layer, a step, or a layer of a step may take. */
  budgets: budgets.optional(),
  /** How many per cent of the runs must end well, how fast, over how many days. */
  objective: objective.optional(),
};

type WrittenGoals = {
  readonly budgets?: z.infer<typeof budgets>;
  readonly objective?: z.infer<typeof objective>;
};

/** @returns undefined for a journey of which nothing was agreed on */
export function goalsIn(
  journeys: Readonly<Record<string, WrittenGoals>> | undefined,
  journey: string,
): JourneyGoals | undefined {
  const written = journeys && Object.hasOwn(journeys, journey) ? journeys[journey] : undefined;
  const { budgets: allowed, objective: aim } = written ?? {};
  if (!allowed && !aim) return undefined;
  return {
    budgets: allowed ? budgetList(allowed) : [],
    ...(aim && {
      objective: {
        okPercent: aim.ok,
        ...(aim.within !== undefined && { withinNs: nsOf(aim.within) }),
        days: aim.days ?? DEFAULT_DAYS,
      },
    }),
  };
}

function budgetList({ steps, ...whole }: z.infer<typeof budgets>): Budget[] {
  const ofSteps = Object.entries(steps ?? {});
  return [...budgetsOf(null, whole), ...ofSteps.flatMap(([step, allowed]) => budgetsOf(step, allowed))];
}

const budgetsOf = (step: string | null, allowed: Readonly<Partial<Record<BudgetOf, string>>>): Budget[] =>
  BUDGETS_OF.flatMap((of) => {
    const text = allowed[of];
    return text === undefined ? [] : [{ step, of, allowedNs: nsOf(text) }];
  });

/** The schema has looked at it before. */
const nsOf = (text: string): number => durationNs(text) ?? Number.NaN;
