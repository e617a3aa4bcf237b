/**
 * Must hold: a month with sleeps, a change of the clocks, kills, overlaps and new configurations: nothing is missed
 * beyond the policy, nothing is walked twice.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultsOf } from './oracle.ts';
import { type Deed, type Event, isWalked, type Journeys, type Setup, World } from './world.ts';

const DAY = 86_400_000;
/** Of each direction. `HEADWATER_MONTHS=1000` tries more. */
const MONTHS_TRIED = Number(process.env.HEADWATER_MONTHS ?? 8);
const NAMES = ['a', 'b', 'c'] as const;
const berlin = { timeZone: 'Europe/Berlin' };
const TIMES: Journeys[string][] = [
  { every: '50m' },
  { every: '2h', jitter: '10m' },
  { cron: '30 2 * * *', ...berlin },
  { cron: '15,45 1-3 * * *', ...berlin },
  { cron: '0 * * * *', ...berlin, jitter: '3m' },
  { cron: '*/30 8-17 * * 1-5', ...berlin },
  { cron: '0 */6 * * *', timeZone: 'America/New_York', jitter: '30s' },
];

const entry = fc
  .record({
    times: fc.constantFrom(...TIMES),
    catchUp: fc.constantFrom('skip', 'once', 'all', undefined),
    retries: fc.constantFrom(0, 1, 2, undefined),
  })
  .map(({ times, catchUp, retries }) => ({
    ...times,
    // Longer than any run takes here.
    timeout: '3h',
    ...(catchUp && { catchUp }),
    ...(retries !== undefined && { retries }),
  }));
const setup: fc.Arbitrary<Setup> = fc.record({
  journeys: fc
    .oneof(
      { weight: 1, arbitrary: fc.record({ a: entry, b: entry, c: entry }, { requiredKeys: [] }) },
      { weight: 2, arbitrary: fc.record({ a: entry, b: entry, c: entry }, { requiredKeys: ['a', 'b'] }) },
    )
    .map((journeys): Journeys => ({ ...journeys })),
  concurrency: fc.constantFrom(1, 2, 9),
});
const away = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 10, max: 4_000 }));
const name = fc.constantFrom(...NAMES);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('close the lid' as const), minutes: away }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), minutes: away }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), minutes: away, next: setup }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('kill in a write' as const),
      writes: fc.integer({ min: 0, max: 12 }),
      minutes: away,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), minutes: away }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('configure' as const), next: setup }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const), journey: name }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('run now' as const), journey: name }) },
);
const events: fc.Arbitrary<Event[]> = fc.array(
  fc.record({ afterMinutes: fc.integer({ min: 1, max: 2_400 }), isInFlight: fc.boolean(), deed }),
  { minLength: 25, maxLength: 40 },
);

const live = async (start: number, first: Setup, happenings: readonly Event[]) =>
  new World(start, first).live(happenings, start + 31 * DAY);

describe.each([
  ['March, the clocks are put forward', Date.parse('2026-03-01T00:00:00+01:00')],
  ['October, the clocks are put back', Date.parse('2026-10-01T00:00:00+02:00')],
])('%s', (_name, start) => {
  it('whatever happens, every slot has one fate, and a reason for it', async () => {
    const totals = { walked: 0, skipped: 0, broken: 0 };
    await fc.assert(
      fc.asyncProperty(setup, events, async (first, happenings) => {
        const month = await live(start, first, happenings);
        expect(faultsOf(month, start)).toEqual([]);
        for (const one of month.entries) {
          if (!isWalked(one)) totals.skipped += one.count;
          else if (one.state === 'broken_off') totals.broken++;
          else totals.walked++;
        }
      }),
      { numRuns: MONTHS_TRIED, endOnFailure: true },
    );
    // The months are worth looking at.
    expect(totals.walked).toBeGreaterThan(100 * MONTHS_TRIED);
    expect(totals.skipped).toBeGreaterThan(50 * MONTHS_TRIED);
    expect(totals.broken).toBeGreaterThan(MONTHS_TRIED);
  });
});
