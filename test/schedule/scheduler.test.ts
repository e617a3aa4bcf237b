/** The loop over the real store, minute by minute. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { SkippedSlots, SlotEntry, WalkedSlot } from '../../src/model/schedule.ts';
import { plannedFrom } from '../../src/schedule/planned.ts';
import { Scheduler } from '../../src/schedule/scheduler.ts';
import type { Walk, WalkOrder } from '../../src/schedule/walk-slot.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { FakeClock } from './fake-clock.ts';

const START = Date.parse('2026-06-01T08:00Z');
const MINUTE = 60_000;
const minute = (n: number): number => START + n * MINUTE;
const TRACE_ID = 'ab'.repeat(16);

let store: Store;
let clock: FakeClock;
let walks: { name: string; at: number; attempt: number; isLast: boolean }[];
let skips: SkippedSlots[];
let complaints: unknown[];
beforeEach(() => {
  store = openStore(':memory:');
  clock = new FakeClock(START);
  walks = [];
  skips = [];
  complaints = [];
});
afterEach(() => {
  store.close();
  expect(complaints).toEqual([]);
});

type WalkEnd = (order: WalkOrder, signal: AbortSignal) => Promise<'ok' | 'failed'>;
const takes =
  (ms: number, status: 'ok' | 'failed' = 'ok'): WalkEnd =>
  async (_, signal) => {
    await clock.sleep(ms, signal);
    return signal.aborted ? 'failed' : status;
  };

const plannedOf = (config: Config) => plannedFrom(config, 'UTC');
const every = (text: string, more: object = {}): Config => ({
  journeys: { front: { every: text, ...more } },
});

function start(config: Config, end: WalkEnd = takes(1_000)): Scheduler {
  const walk: Walk = async (order, signal) => {
    const { journey, attempt, isLastAttempt: isLast } = order;
    walks.push({ name: journey.name, at: (clock.now() - START) / MINUTE, attempt, isLast });
    return { traceId: TRACE_ID, status: await end(order, signal), wallNs: 5e6, sentence: 'front took 5 ms.' };
  };
  const scheduler = new Scheduler({
    planned: plannedOf(config),
    store,
    clock,
    walk,
    onSkip: (slots) => skips.push(slots),
    onError: (error) => complaints.push(error),
  });
  void scheduler.run();
  return scheduler;
}

const entries = (): SlotEntry[] => store.records('scheduled').map(({ body }) => body as SlotEntry);
const walked = (): WalkedSlot[] => entries().filter((one): one is WalkedSlot => one.state !== 'skipped');

describe('runs', () => {
  it('are walked when they are due, from the first slot after the start', async () => {
    start(every('5m'));
    await clock.passTo(minute(11));
    expect(walks.map(({ at }) => at)).toEqual([5, 10]);
    expect(walked()[0]).toMatchObject({
      journey: 'front',
      slotUnixMs: minute(10),
      state: 'ended',
      byHand: false,
      endedUnixMs: minute(10) + 1_000,
      tries: [{ traceId: TRACE_ID, status: 'ok', wallNs: 5e6, sentence: 'front took 5 ms.' }],
    });
  });

  it('that fail are tried again, and both tries are kept', async () => {
    start(every('5m', { retries: 2 }), async ({ attempt }) => (attempt < 2 ? 'failed' : 'ok'));
    await clock.passTo(minute(6));
    expect(walks).toEqual([
      { name: 'front', at: 5, attempt: 1, isLast: false },
      { name: 'front', at: 5, attempt: 2, isLast: false },
    ]);
    expect(walked()[0]?.tries.map(({ status }) => status)).toEqual(['failed', 'ok']);
  });

  it('that cannot begin are failed tries with a reason, and no run', async () => {
    start(every('5m', { retries: 0 }), async () => {
      throw new Error('no Chromium here');
    });
    await clock.passTo(minute(6));
    expect(walked()[0]?.tries).toMatchObject([
      { traceId: null, status: 'failed', error: 'no Chromium here' },
    ]);
  });

  it('that are stuck are aborted, and given up when even that does not help', async () => {
    const aborted: number[] = [];
    start(every('10m', { retries: 0, timeout: '30s' }), (_, signal) => {
      signal.addEventListener('abort', () => aborted.push((clock.now() - START) / MINUTE));
      return new Promise(() => {});
    });
    await clock.passTo(minute(13));
    // 30 s of its own, a minute until it is taken for stuck, 15 s to close its browser.
    expect(aborted).toEqual([11.5]);
    expect(walked()[0]).toMatchObject({
      state: 'ended',
      endedUnixMs: minute(11.75),
      tries: [{ status: 'failed', error: 'It was broken off and did not end.' }],
    });
  });

  it('do not overlap: the slot is skipped, and that is noted', async () => {
    start(every('5m', { timeout: '1h' }), takes(12 * MINUTE));
    await clock.passTo(minute(21));
    expect(walks.map(({ at }) => at)).toEqual([5, 20]);
    expect(entries().find(({ state }) => state === 'skipped')).toEqual({
      ...{ journey: 'front', state: 'skipped', why: 'overlap', count: 2 },
      ...{ slotUnixMs: minute(10), untilSlotUnixMs: minute(15) },
    });
  });

  it('of several journeys wait for a place, and nobody starves', async () => {
    const journeys = { a: { every: '2m' }, b: { every: '2m' }, c: { every: '10m' } };
    start({ journeys, schedule: { concurrency: 1 } }, takes(90_000));
    await clock.passTo(minute(62));
    const count = (name: string) => walks.filter((one) => one.name === name).length;
    expect(count('c')).toBe(6);
    expect(Math.abs(count('a') - count('b'))).toBeLessThanOrEqual(1);
  });
});

describe('after a sleep', () => {
  const sleepTo = async (n: number) => {
    await clock.passTo(minute(7));
    clock.jumpTo(minute(n));
    await clock.passTo(minute(n + 1));
  };
  it.each([
    ['skip', [5], 5],
    ['once', [5, 32], 4],
    ['all', [5, 32, 32 + 1 / 60, 32 + 2 / 60, 32 + 3 / 60, 32 + 4 / 60], 0],
  ] as const)('%s', async (catchUp, at, missed) => {
    start(every('5m', { catchUp }));
    await sleepTo(32);
    expect(walks.map((walk) => walk.at)).toEqual(at.map((n) => expect.closeTo(n, 6)));
    expect(skips.reduce((sum, { count }) => sum + count, 0)).toBe(missed);
    expect(skips.every(({ why }) => why === 'missed')).toBe(true);
    const slots = walked().sort((a, b) => a.begunUnixMs - b.begunUnixMs);
    expect(slots.map(({ slotUnixMs }) => slotUnixMs)).toEqual(
      slots.map(({ slotUnixMs }) => slotUnixMs).sort(),
    );
  });
  it('a little late is on time', async () => {
    start(every('5m', { catchUp: 'skip' }));
    await clock.passTo(minute(4));
    clock.jumpTo(minute(5.5));
    await clock.passTo(minute(6));
    expect(walks.map(({ at }) => at)).toEqual([5.5]);
  });
});

describe('from outside', () => {
  it('one journey is paused, all are, and resumed', async () => {
    const scheduler = start({
      journeys: { a: { every: '5m' }, b: { every: '5m' } },
      schedule: { concurrency: 9 },
    });
    scheduler.pause('a');
    await clock.passTo(minute(6));
    expect(walks.map(({ name }) => name)).toEqual(['b']);
    scheduler.pause();
    await clock.passTo(minute(11));
    expect(walks).toHaveLength(1);
    expect(() => scheduler.resume('a')).toThrow('Everything is paused');
    scheduler.resume();
    await clock.passTo(minute(16));
    expect(walks.map(({ name }) => name)).toEqual(['b', 'a', 'b']);
    expect(skips.map(({ journey, why, count }) => [journey, why, count])).toEqual([
      ['a', 'paused', 1],
      ['a', 'paused', 2],
      ['b', 'paused', 1],
    ]);
  });

  it('a pause outlasts the program', async () => {
    start(every('5m')).pause();
    clock.forget();
    const scheduler = start(every('5m'));
    await clock.passTo(minute(11));
    expect([walks, scheduler.standing().paused]).toEqual([[], true]);
  });

  it('a journey is run now, also while it is paused, but not beside itself', async () => {
    const scheduler = start(every('5m'), takes(MINUTE));
    scheduler.pause();
    await clock.passTo(minute(1));
    scheduler.runNow('front');
    await clock.passTo(minute(1.5));
    expect(() => scheduler.runNow('front')).toThrow('is being walked');
    expect(() => scheduler.runNow('back')).toThrow('No journey "back" is scheduled here.');
    await clock.passTo(minute(3));
    expect(walked()).toMatchObject([{ byHand: true, slotUnixMs: minute(1), state: 'ended' }]);
  });

  it('it says how it stands', async () => {
    const scheduler = start(every('5m', { timeZone: 'Europe/Berlin', timeout: '1h' }), takes(12 * MINUTE));
    expect(scheduler.health()).toMatchObject({ ok: true, running: [] });
    await clock.passTo(minute(11));
    expect(scheduler.standing()).toMatchObject({
      ...{ state: 'on', paused: false, concurrency: 1, nowUnixMs: minute(11) },
      journeys: [
        {
          ...{ journey: 'front', timing: 'every 5m', timeZone: 'Europe/Berlin', paused: false, waiting: 0 },
          nextUnixMs: minute(15),
          running: { slotUnixMs: minute(5), state: 'running' },
          last: null,
          skipped: { why: 'overlap', count: 1 },
        },
      ],
    });
    expect(scheduler.health()).toMatchObject({ ok: true, running: ['front'] });
    clock.jumpTo(minute(15));
    expect(scheduler.health()).toMatchObject({ ok: false, running: ['front'] });
    expect(scheduler.health().lateMs).toBeGreaterThan(2 * MINUTE);
  });
});

describe('a new configuration', () => {
  it('lets what runs end, stops who is gone, begins who is new, and keeps the past of who has changed', async () => {
    const patient = { timeout: '1h' };
    const journeys = { gone: { every: '5m', ...patient }, changed: { every: '5m', ...patient } };
    const scheduler = start({ journeys, schedule: { concurrency: 9 } }, takes(4.5 * MINUTE));
    await clock.passTo(minute(6));
    const changed = {
      journeys: { changed: { every: '3m', ...patient }, fresh: { every: '4m', ...patient } },
      schedule: { concurrency: 9 },
    };
    scheduler.update(plannedOf(changed));
    await clock.passTo(minute(13));
    const at = (name: string) => walks.filter((walk) => walk.name === name).map((walk) => walk.at);
    expect([at('gone'), at('changed'), at('fresh')]).toEqual([[5], [5, 12], [8]]);
    const gone = walked().filter(({ journey }) => journey === 'gone');
    expect(gone).toMatchObject([{ state: 'ended', slotUnixMs: minute(5) }]);
    expect(scheduler.standing().journeys.map(({ journey }) => journey)).toEqual(['changed', 'fresh']);
    expect(store.record('schedule', 'gone')).toBeUndefined();
  });
});

describe('the end', () => {
  it('lets what runs end, without another try and without another slot', async () => {
    const scheduler = start(every('5m', { retries: 3 }), takes(30_000, 'failed'));
    await clock.passTo(minute(5));
    const stopped = scheduler.stop();
    expect(scheduler.health()).toMatchObject({ ok: false, sentence: 'The schedule is being stopped.' });
    await clock.passTo(minute(11));
    await stopped;
    expect(walks.map(({ at }) => at)).toEqual([5]);
    expect(walked()).toMatchObject([{ state: 'ended', endedUnixMs: minute(5.5) }]);
  });

  it('breaks off what does not end within its limit', async () => {
    const scheduler = start(
      { ...every('5m', { timeout: '1h' }), schedule: { stopWithin: '10s' } },
      takes(4 * MINUTE),
    );
    await clock.passTo(minute(5));
    const stopped = scheduler.stop();
    await clock.passTo(minute(6));
    await stopped;
    expect(walked()).toMatchObject([
      {
        state: 'broken_off',
        endedUnixMs: minute(5) + 10_000,
        tries: [{ error: 'The schedule was stopped.' }],
      },
    ]);
  });

  it('a run that a crash cut short is broken off, and not walked again', async () => {
    start(every('5m', { timeout: '1h' }), takes(4 * MINUTE));
    await clock.passTo(minute(6));
    clock.forget();
    clock.jumpTo(minute(7));
    start(every('5m'));
    await clock.passTo(minute(11));
    expect(walks.map(({ at }) => at)).toEqual([5, 10]);
    expect(walked().map(({ state }) => state)).toEqual(['ended', 'broken_off']);
  });
});

describe('a program that is killed between two writes', () => {
  it('loses no note of what it skipped', async () => {
    start(every('5m', { timeout: '1h' }), takes(12 * MINUTE));
    await clock.passTo(minute(9));
    const keepRecord = store.keepRecord.bind(store);
    let writes = 0;
    store.keepRecord = (kind, record) => {
      if (++writes > 1) throw new Error('killed');
      keepRecord(kind, record);
    };
    await clock.passTo(minute(10));
    expect(complaints.splice(0).map(String)).toEqual(['Error: killed']);
    expect(entries().map(({ state }) => state)).toEqual(['running']);
    store.keepRecord = keepRecord;
    clock.forget();
    start(every('5m'));
    expect(entries()).toMatchObject([
      { state: 'skipped', why: 'overlap', slotUnixMs: minute(10) },
      { state: 'broken_off', slotUnixMs: minute(5) },
    ]);
  });
});

describe('a store that does not answer', () => {
  it('is told, and the loop goes on', async () => {
    const scheduler = start(every('5m'));
    await clock.passTo(minute(4));
    const keepRecord = store.keepRecord.bind(store);
    store.keepRecord = () => {
      throw new Error('database is locked');
    };
    await clock.passTo(minute(5.2));
    expect(complaints.splice(0).map(String)).toContain('Error: database is locked');
    expect(walks).toEqual([]);
    store.keepRecord = keepRecord;
    await clock.passTo(minute(6));
    expect(walks).toHaveLength(1);
    expect(scheduler.health().ok).toBe(true);
  });
});
