/** A schedule in which every kind of journey stands: waiting, running, paused, failed, broken off, hostile. */
import type { JourneyStanding, ScheduleStanding, WalkedSlot } from '../../src/model/schedule.ts';
import type { Scheduling } from '../../src/serve/schedule-api.ts';
import { HOSTILE, ORIGIN_UNIX_NANO, TRACE_ID } from '../fixtures/run-view.ts';

const MINUTE = 60_000;
const NOW = Number(BigInt(ORIGIN_UNIX_NANO) / 1_000_000n) + 10 * MINUTE;

const walked = (journey: string, more: Partial<WalkedSlot> = {}): WalkedSlot => ({
  ...{ journey, slotUnixMs: NOW - 5 * MINUTE, state: 'ended', byHand: false, begunUnixMs: NOW - 5 * MINUTE },
  endedUnixMs: NOW - 4 * MINUTE,
  tries: [
    {
      ...{ traceId: TRACE_ID, status: 'ok', wallNs: 1_234e6, sentence: `${journey} took 1.23 s.` },
      ...{ begunUnixMs: NOW - 5 * MINUTE, endedUnixMs: NOW - 4 * MINUTE },
    },
  ],
  ...more,
});
const failed = (journey: string): WalkedSlot => {
  const [one] = walked(journey).tries;
  const again = { ...one!, status: 'failed' as const, sentence: `${journey} failed in step “Pay”.` };
  return walked(journey, { tries: [again, again] });
};
const row = (journey: string, more: Partial<JourneyStanding> = {}): JourneyStanding => ({
  ...{ journey, timing: 'every 5m', timeZone: 'UTC', paused: false, nextUnixMs: NOW + 3 * MINUTE },
  ...{ waiting: 0, running: null, last: walked(journey), skipped: null },
  ...more,
});

export function exampleStanding(): ScheduleStanding {
  const running: WalkedSlot = { ...walked('sign-in'), state: 'running', tries: [] };
  const journeys = [
    row('front'),
    row('sign-in', {
      ...{ timing: 'cron 0 8-18 * * 1-5', timeZone: 'Europe/Berlin', running, last: failed('sign-in') },
      skipped: {
        ...{ journey: 'sign-in', state: 'skipped', why: 'overlap', count: 3 },
        ...{ slotUnixMs: NOW - 20 * MINUTE, untilSlotUnixMs: NOW - 10 * MINUTE },
      },
    }),
    row('night', { paused: true, last: walked('night', { state: 'broken_off', tries: [] }) }),
    row(HOSTILE.html, { waiting: 1, last: null }),
  ];
  const recent = journeys.flatMap(({ running, last, skipped }) =>
    [running, last, skipped].filter((one) => one !== null),
  );
  return { nowUnixMs: NOW, state: 'on', paused: false, concurrency: 1, journeys, recent };
}

export const exampleSchedule = (): Scheduling => ({
  standing: exampleStanding,
  health: () => ({ ok: true, lookedUnixMs: NOW, lateMs: 0, running: [], sentence: 'The schedule is on.' }),
  pause: () => undefined,
  resume: () => undefined,
  runNow: () => undefined,
});
