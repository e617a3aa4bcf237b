/** What the configuration says of the schedule, and the sentences for what it cannot say. */
import { describe, expect, it } from 'vitest';
import { type Config, configFaults } from '../../src/config/config.ts';
import { dueAt, plannedFrom } from '../../src/schedule/planned.ts';
import { upcoming } from '../../src/schedule/upcoming.ts';

const journey = (entry: object) => configFaults({ journeys: { front: entry } });

describe('what cannot be', () => {
  it.each([
    [
      { every: '5m', cron: '* * * * *' },
      'journeys.front.cron: stands beside every: give one of them, not both',
    ],
    [{ cron: '61 * * * *' }, /^journeys\.front\.cron: "61 \* \* \* \*" is no cron line: .*61/],
    [{ cron: '* * *' }, /journeys\.front\.cron: .*five fields/],
    [{ cron: '0 0 30 2 *' }, /journeys\.front\.cron: .*never comes/],
    [{ every: '5m', timeZone: 'Mars/Olympus' }, /journeys\.front\.timeZone: "Mars\/Olympus" is no time zone/],
    [{ every: 'soon' }, /journeys\.front\.every: must be a duration/],
    [{ every: '10ms' }, 'journeys.front.every: must be 1s or longer'],
    [{ every: '1m', jitter: '90s' }, 'journeys.front.jitter: must be shorter than every (1m)'],
    [{ every: '1m', retries: 9 }, 'journeys.front.retries: must be 5 or less'],
    [{ every: '1m', retries: -1 }, 'journeys.front.retries: must be 0 or more'],
    [{ every: '1m', catchUp: 'some' }, "journeys.front.catchUp: must be 'skip', 'once' or 'all'"],
    [{ every: '1m', timeout: '1ms' }, 'journeys.front.timeout: must be 1s or longer'],
    [{ every: '1m', url: 'shop' }, /journeys\.front\.url: must be an address/],
    [{ every: '1m', jiter: '1s' }, /journeys\.front: .*jiter/],
  ])('%j', (entry, words) => {
    const faults = journey(entry);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(words);
  });
  it('keys of the schedule as a whole', () => {
    expect(configFaults({ schedule: { concurrency: 0, stopWithin: '1 week' } })).toEqual([
      'schedule.concurrency: must be 1 or more',
      expect.stringMatching(/^schedule\.stopWithin: must be a duration/),
    ]);
  });
});

describe('what is planned', () => {
  const config: Config = {
    url: 'https://staging.example',
    timeoutMs: 20_000,
    schedule: { concurrency: 2, jitter: '10s', catchUp: 'skip', stopWithin: '5s' },
    journeys: {
      front: { every: '5m' },
      'sign in': {
        ...{ run: './sign-in.journey.ts', url: 'https://live.example', cron: '0 8 * * 1-5' },
        ...{ timeZone: 'Europe/Berlin', jitter: '1m', timeout: '30s', retries: 0, catchUp: 'all' },
      },
      off: { every: '1m', enabled: false },
      'only goals': {},
    },
  };

  it('takes what the journey says, else what holds for all', () => {
    expect(configFaults(config)).toEqual([]);
    const { journeys, ...rest } = plannedFrom(config, 'UTC');
    expect(rest).toEqual({ concurrency: 2, stopWithinMs: 5_000 });
    expect(journeys).toMatchObject([
      {
        ...{
          name: 'front',
          run: 'front',
          url: 'https://staging.example',
          timing: 'every 5m',
          timeZone: 'UTC',
        },
        ...{ jitterMs: 10_000, timeoutMs: 20_000, retries: 1, catchUp: 'skip' },
      },
      {
        ...{ name: 'sign in', run: './sign-in.journey.ts', url: 'https://live.example' },
        ...{ timing: 'cron 0 8 * * 1-5', timeZone: 'Europe/Berlin' },
        ...{ jitterMs: 60_000, timeoutMs: 30_000, retries: 0, catchUp: 'all' },
      },
    ]);
  });

  it('without a word: one at once, a minute to stop, one catch-up, one retry', () => {
    const planned = plannedFrom({ journeys: { front: { every: '5m' } } }, 'UTC');
    expect(planned).toMatchObject({
      concurrency: 1,
      stopWithinMs: 60_000,
      journeys: [{ jitterMs: 0, timeoutMs: 60_000, retries: 1, catchUp: 'once' }],
    });
  });

  it('begins a slot within its jitter, each time at the same time, and before the next slot', () => {
    const [front] = plannedFrom({ journeys: { front: { cron: '* * * * *', jitter: '2h' } } }, 'UTC').journeys;
    const [again] = plannedFrom({ journeys: { front: { cron: '* * * * *', jitter: '2h' } } }, 'UTC').journeys;
    const slots = Array.from({ length: 500 }, (_, i) => i * 60_000);
    const late = slots.map((slot) => dueAt(front!, slot) - slot);
    expect(slots.map((slot) => dueAt(again!, slot) - slot)).toEqual(late);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThan(60_000);
    // It is spread, and not all in one corner.
    expect(new Set(late.map((ms) => Math.floor(ms / 10_000))).size).toBe(6);
  });

  it('tells the next 24 hours, over a change of the clocks', () => {
    const planned = plannedFrom(
      { journeys: { night: { cron: '30 * * * *', timeZone: 'Europe/Berlin' }, day: { cron: '30 2 * * *' } } },
      'Europe/Berlin',
    );
    const all = upcoming(planned, Date.parse('2026-03-28T23:00Z'), 24 * 3_600_000);
    expect(all.map(({ journey, unixMs }) => [journey, unixMs.length])).toEqual([
      ['night', 24],
      ['day', 1],
    ]);
    expect(all[1]?.unixMs).toEqual([Date.parse('2026-03-29T01:00Z')]);
  });
});
