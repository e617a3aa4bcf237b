/**
 * What happens after each scheduled run: its journey is judged over its last runs, and whoever has to know is told.
 *
 * ```
 * run ──► it fails? a budget is exceeded? the error budget burns? a layer moved? ──► signals ──► alerts ──► channels
 * ```
 */
import type { Alerts } from '../alert/send/alerts.ts';
import type { GoalsOf } from '../model/goals.ts';
import type { RunReport, RunView } from '../model/report.ts';
import type { Signal } from '../model/signal.ts';
import { goalSignalsFrom } from '../run/goal-signals.ts';
import { shiftSignals } from '../run/shift-signals.ts';
import type { Store } from '../store/store.ts';

export interface JudgingOptions {
  readonly store: Store;
  /** What was agreed on for a journey, as the configuration says it now. */
  readonly goalsOf: GoalsOf;
  readonly alerts: Pick<Alerts, 'update'>;
  /** Unix ms. */
  readonly now?: () => number;
}

export type JudgedRun = Pick<RunView, 'site'> & { readonly report: Pick<RunReport, 'journey'> };

/** @returns what was told */
export async function judgeRun(
  { report: { journey }, site = '' }: JudgedRun,
  { store, goalsOf, alerts, now = Date.now }: JudgingOptions,
): Promise<Awaited<ReturnType<Alerts['update']>>> {
  const nowUnixMs = now();
  return alerts.update(signalsOf(journey, site, goalsOf, store, nowUnixMs), [{ journey, site }], nowUnixMs);
}

export const signalsOf = (
  journey: string,
  site: string,
  goalsOf: GoalsOf,
  store: Store,
  nowUnixMs: number,
): Signal[] => [
  ...goalSignalsFrom(store, journey, site, goalsOf(journey), nowUnixMs),
  ...shiftSignals(journey, site, store, nowUnixMs),
];
