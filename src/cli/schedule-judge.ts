/**
 * What the schedule does when a run has ended: judges its journey, tells whoever has to know, and keeps the store within
 * its limits. What the configuration says of goals and channels counts from the next run on.
 */

import { alertSource } from '../alert/send/alert-source.ts';
import { Alerts } from '../alert/send/alerts.ts';
import type { Config } from '../config/config.ts';
import { goalsIn } from '../config/goals.ts';
import type { GoalsOf } from '../model/goals.ts';
import { judgeRun } from '../schedule/judging.ts';
import type { Store } from '../store/store.ts';
import { say, sayLoud } from './console.ts';
import type { OnRun } from './schedule-walk.ts';
import { startKeeping } from './serving.ts';
import { EXIT, messageOf, withExitCode } from './user-error.ts';

export interface ScheduleJudge {
  readonly onRun: OnRun;
  readonly goalsOf: GoalsOf;
  update(config: Config): void;
}

/** Ends of silences and of alerts are noticed also while no journey is walked. */
const LOOK_EVERY_MS = 60_000;

type Later = (stop: () => Promise<void> | void) => void;

export async function scheduleJudge(store: Store, first: Config, later: Later): Promise<ScheduleJudge> {
  let config = first;
  let alerts = await withExitCode(EXIT.usage, async () => alertsFor(first, store));
  const look = setInterval(() => void alerts.update([], []).catch(tellTrouble), LOOK_EVERY_MS);
  later(async () => {
    clearInterval(look);
    await alerts.stop();
  });
  // Nobody keeps all runs of a schedule: what stands out stays, and a share of the others.
  const keeper = startKeeping(store, { ...first, keep: first.keep ?? {} }, later, () => openTraces(store));
  const goalsOf: GoalsOf = (journey) => goalsIn(config.journeys, journey);
  return {
    goalsOf,
    async onRun(view, { isLastAttempt }) {
      // A failed try is judged together with the one that follows it.
      if (view.report.status === 'ok' || isLastAttempt)
        for (const { event, headline } of await judgeRun(view, { store, goalsOf, alerts }))
          say(`${event === 'resolved' ? 'Over' : 'Alert'}: ${headline}`);
      keeper.sweep();
    },
    update(next) {
      config = next;
      try {
        const fresh = alertsFor(next, store);
        void alerts.stop().catch(tellTrouble);
        alerts = fresh;
      } catch (error) {
        sayLoud(`${messageOf(error)} Alerts go on as they were.`);
      }
    },
  };
}

const tellTrouble = (error: unknown): void => sayLoud(`Alerts: ${messageOf(error)}`);

function alertsFor({ alerts: config }: Config, store: Store): Alerts {
  const alerts = new Alerts({ store, ...(config && { config }), env: process.env, onTrouble: sayLoud });
  alerts.start();
  return alerts;
}

/** Runs that open alerts lead to must stay whole. */
const openTraces = (store: Store): string[] =>
  alertSource(store)
    .rows()
    .filter(({ resolvedUnixMs }) => resolvedUnixMs === null)
    .flatMap(({ traceId, usualTraceId }) => [traceId, usualTraceId])
    .filter((traceId) => traceId !== undefined);
