/** Times of a wall clock: against minutes counted one by one, over changes of the clocks in both directions. */
import { describe, expect, it } from 'vitest';
import { cronFault, cronTimes } from '../../src/schedule/cron.ts';
import { instantsOf, isTimeZone, offsetMs, wallTime } from '../../src/schedule/zone.ts';
import { slotsByMinutes } from './slow-cron.ts';

const BERLIN = 'Europe/Berlin';
const at = (iso: string): number => Date.parse(iso);
const iso = (unixMs: number): string => new Date(unixMs).toISOString().replace(':00.000Z', 'Z');
const between = (text: string, zone: string, from: string, to: string): string[] => {
  const nextAfter = cronTimes(text, zone);
  const times: string[] = [];
  for (let time = nextAfter(at(from) - 1); time !== undefined && time < at(to); time = nextAfter(time))
    times.push(iso(time));
  return times;
};

describe('a time that the clock jumps over', () => {
  it.each([
    ['30 2 * * *', ['2026-03-29T01:00Z']],
    ['15,45 2 * * *', ['2026-03-29T01:00Z']],
    ['0 3 * * *', ['2026-03-29T01:00Z']],
    ['30 2,3 * * *', ['2026-03-29T01:00Z', '2026-03-29T01:30Z']],
  ])('%s is walked once, right after it', (text, times) => {
    expect(between(text, BERLIN, '2026-03-29T00:30Z', '2026-03-29T02:00Z')).toEqual(times);
  });
  it('is not made up for where every hour counts', () => {
    expect(between('30 * * * *', BERLIN, '2026-03-29T00:00Z', '2026-03-29T02:00Z')).toEqual([
      '2026-03-29T00:30Z',
      '2026-03-29T01:30Z',
    ]);
  });
});

describe('a time that the clock shows twice', () => {
  it.each([
    ['30 2 * * *', ['2026-10-25T00:30Z']],
    ['0,30 1-3 * * *', ['2026-10-25T00:00Z', '2026-10-25T00:30Z', '2026-10-25T02:00Z', '2026-10-25T02:30Z']],
    ['0 * * * *', ['2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z']],
  ])('%s', (text, times) => {
    expect(between(text, BERLIN, '2026-10-25T00:00Z', '2026-10-25T03:00Z')).toEqual(times);
  });
});

describe('months with a change of the clocks, against minutes counted one by one', () => {
  const lines = [
    '30 2 * * *',
    '15,45 2 * * *',
    '5 * * * *',
    '40 1-3 * * *',
    '0 8 * * 1-5',
    '50 23 28-31 * *',
  ];
  const months = [
    [BERLIN, '2026-03-15', '2026-04-05'],
    [BERLIN, '2026-10-15', '2026-11-05'],
    ['America/New_York', '2026-03-01', '2026-03-20'],
    ['Australia/Lord_Howe', '2026-03-28', '2026-04-10'],
    ['Australia/Lord_Howe', '2026-09-30', '2026-10-10'],
    ['America/Santiago', '2026-09-01', '2026-09-10'],
    ['Asia/Kolkata', '2026-03-15', '2026-04-05'],
  ] as const;
  it.each(months.flatMap((month) => lines.map((line) => [line, ...month] as const)))(
    '%s in %s from %s',
    (line, zone, from, to) => {
      const slow = slotsByMinutes(line, zone, at(from), at(to)).map(iso);
      expect(slow.length).toBeGreaterThan(0);
      expect(between(line, zone, from, to)).toEqual(slow);
    },
  );
});

describe('wall clocks', () => {
  it('say what they show and how far they are from UTC', () => {
    expect(wallTime(BERLIN, at('2026-03-29T00:59:59Z'))).toBe('2026-03-29 01:59:59 +01:00');
    expect(wallTime(BERLIN, at('2026-03-29T01:00:00Z'))).toBe('2026-03-29 03:00:00 +02:00');
    expect(wallTime('America/St_Johns', at('2026-01-01T00:00Z'))).toBe('2025-12-31 20:30:00 -03:30');
    expect(wallTime('UTC', at('2026-01-01T00:00Z'))).toBe('2026-01-01 00:00:00 +00:00');
    expect(offsetMs('Asia/Kathmandu', 0)).toBe(5.5 * 3_600_000);
  });
  it('show a time once, twice or never', () => {
    const shown = (wall: string) => instantsOf(BERLIN, at(`${wall}Z`)).instants.map(iso);
    expect(shown('2026-06-01T12:00')).toEqual(['2026-06-01T10:00Z']);
    expect(shown('2026-10-25T02:30')).toEqual(['2026-10-25T00:30Z', '2026-10-25T01:30Z']);
    expect(shown('2026-03-29T02:30')).toEqual([]);
    expect(instantsOf(BERLIN, at('2026-03-29T02:30Z')).jumpMs).toBe(at('2026-03-29T01:00Z'));
  });
  it('are known by their names', () => {
    expect([isTimeZone(BERLIN), isTimeZone('UTC'), isTimeZone('Mars/Olympus')]).toEqual([true, true, false]);
  });
});

it.each([
  ['61 * * * *', '61'],
  ['*/5 8-18 * *', 'five fields'],
  ['2030-01-01T00:00:00', 'five fields'],
  ['* * * * * * *', 'five fields'],
  ['0 0 31 2 *', 'never comes'],
  ['@reboot', 'no cron line'],
])('%s is refused', (text, words) => {
  expect(cronFault(text)).toContain(words);
});
it.each(['*/5 8-18 * * 1-5', '@hourly', '0 0 * * MON', '*/10 * * * * *', '0 0 29 2 *'])(
  '%s is taken',
  (text) => {
    expect(cronFault(text)).toBeUndefined();
  },
);
