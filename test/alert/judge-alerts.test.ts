/** One trouble is one alert: who joins it, when it is over, and what is told of it. */
import { describe, expect, it } from 'vitest';
import { judgeAlerts } from '../../src/alert/judge-alerts.ts';
import { alertMessage } from '../../src/alert/message.ts';
import { messageText } from '../../src/alert/message-text.ts';
import type { Notice } from '../../src/alert/tell.ts';
import type { Acknowledgement, Alert, Silence } from '../../src/model/alert.ts';
import type { Signal } from '../../src/model/signal.ts';
import { judgedAt, LOCK, MINUTE_MS, NOW, RULES, signal } from './signals.ts';

/** A history in minutes since `NOW`. */
function watch() {
  let alerts: readonly Alert[] = [];
  const silences: Silence[] = [];
  const acknowledgements = new Map<string, Acknowledgement>();
  const told: string[] = [];
  return {
    silences,
    told,
    alerts: () => alerts,
    acknowledge: (id: string) => acknowledgements.set(id, { atUnixMs: NOW }),
    judge(minute: number, signals: readonly Signal[], ...judged: readonly string[]): readonly Notice[] {
      const nowUnixMs = NOW + minute * MINUTE_MS;
      const situation = { alerts, silences, acknowledgements, rules: RULES };
      const result = judgeAlerts(situation, { signals, judged: judgedAt(...judged), nowUnixMs });
      alerts = result.alerts;
      for (const { event } of result.notices) told.push(`${minute} ${event}`);
      return result.notices;
    },
  };
}

const locked = (journey: string, more: Partial<Signal> = {}) => signal(journey, { guilty: LOCK, ...more });

describe('alerts', () => {
  it('of one broken database that five journeys share: one, told once, with all of them on its list', () => {
    const night = watch();
    night.judge(0, [locked('checkout')], 'checkout');
    for (const [i, journey] of ['login', 'search', 'basket', 'profile'].entries())
      expect(night.judge(i + 1, [locked(journey)], journey)).toEqual([]);
    expect(night.told).toEqual(['0 firing']);
    expect(night.alerts()).toHaveLength(1);
    expect(
      night
        .alerts()[0]
        ?.members.map(({ signal }) => signal.journey)
        .sort(),
    ).toEqual(['basket', 'checkout', 'login', 'profile', 'search']);
  });

  it('are apart for another cause, and by journey where nobody is guilty', () => {
    const night = watch();
    const slowScan = { ...LOCK, cause: 'db.seq_scan' };
    const signals = [locked('a'), signal('a', { guilty: slowScan }), signal('a'), signal('b')];
    expect(night.judge(0, signals)).toHaveLength(4);
  });

  it('are told again when they get worse: a ticket becomes a page, or many more journeys suffer', () => {
    const night = watch();
    night.judge(0, [locked('a', { severity: 'ticket' })]);
    night.judge(1, [locked('a')]);
    night.judge(2, [locked('a', { severity: 'ticket' })]);
    night.judge(3, [locked('a')]);
    night.judge(
      4,
      'bcde'.split('').map((name) => locked(name)),
    );
    night.judge(5, [locked('f')]);
    night.judge(6, [locked('f')]);
    expect(night.told).toEqual(['0 firing', '1 updated', '5 updated']);
  });

  it('are told to be better, once, when what somebody got up for is over and something lesser goes on', () => {
    const night = watch();
    const failing = locked('a', { kind: 'failing', sentence: 'a fails: 3 runs in a row' });
    const burning = locked('a', {
      kind: 'burn_rate',
      severity: 'ticket',
      sentence: 'a uses up its error budget',
    });
    night.judge(0, [failing, burning]);
    night.judge(5, [burning], 'a');
    const [better] = night.judge(15, [burning], 'a');
    expect(better).toMatchObject({ event: 'eased', severity: 'page' });
    const { over } = better!;
    const facts = { event: 'eased', severity: 'page', over, nowUnixMs: NOW } as const;
    const text = messageText(alertMessage(better!.alert, better!.members, facts));
    expect(text).toContain(
      'Better, but still: a uses up its error budget\nOver: a fails: 3 runs in a row.\n',
    );
    night.judge(20, [burning], 'a');
    // back, and away again, and back: said once, however often
    for (const minute of [30, 60, 90]) {
      night.judge(minute, [failing, burning]);
      night.judge(minute + 5, [burning], 'a');
      night.judge(minute + 16, [burning], 'a');
    }
    night.judge(130, [], 'a');
    night.judge(145, [], 'a');
    expect(night.told).toEqual(['0 firing', '15 eased', '30 updated', '145 resolved']);
  });

  it('do not tell what is over of what is silenced', () => {
    const night = watch();
    const burning = locked('a', { kind: 'burn_rate', severity: 'ticket' });
    night.judge(0, [locked('a', { kind: 'failing' }), locked('b', { kind: 'failing' }), burning]);
    night.silences.push({
      id: '1',
      matcher: { journey: 'b' },
      atUnixMs: NOW,
      untilUnixMs: NOW + 99 * MINUTE_MS,
    });
    night.judge(5, [burning], 'a', 'b');
    const [better] = night.judge(15, [burning], 'a', 'b');
    expect(better?.over?.map(({ signal }) => signal.journey)).toEqual(['a']);
  });

  it('are not told to be better while one signal is graver now and then', () => {
    const night = watch();
    for (const minute of [0, 12, 24, 36])
      night.judge(minute, [locked('a', { severity: minute % 24 === 0 ? 'page' : 'ticket' })], 'a');
    expect(night.told).toEqual(['0 firing']);
  });

  it('are not told of as spread to somebody who is at it, but as worse they are', () => {
    const night = watch();
    night.judge(0, [locked('a', { severity: 'ticket' })]);
    night.acknowledge(night.alerts()[0]!.id);
    night.judge(
      1,
      'bcdef'.split('').map((name) => locked(name, { severity: 'ticket' })),
    );
    night.judge(2, [locked('a')]);
    expect(night.told).toEqual(['0 firing', '2 updated']);
  });

  it('are over when it was quiet for ten minutes and in two judgements, and only then', () => {
    const night = watch();
    night.judge(0, [locked('a')], 'a');
    night.judge(5, [], 'a');
    night.judge(9, [], 'a');
    expect(night.told).toEqual(['0 firing']);
    night.judge(10, [], 'a');
    expect(night.told).toEqual(['0 firing', '10 resolved']);
    const slow = watch();
    slow.judge(0, [locked('a')], 'a');
    slow.judge(60, [], 'a');
    slow.judge(120, [], 'a');
    expect(slow.told).toEqual(['0 firing', '120 resolved']);
  });

  it('go on while one of their journeys suffers, and stay as they are while nobody judges', () => {
    const night = watch();
    night.judge(0, [locked('a'), locked('b')], 'a', 'b');
    for (let minute = 1; minute < 60; minute++) night.judge(minute, [locked('b')], 'a', 'b');
    for (let minute = 60; minute < 200; minute++) night.judge(minute, [], 'a', 'c');
    expect(night.told).toEqual(['0 firing']);
    night.judge(200, [], 'b');
    night.judge(201, [], 'b');
    expect(night.told).toEqual(['0 firing', '201 resolved']);
  });

  it('of a journey that nobody judges any more end after a week', () => {
    const night = watch();
    night.judge(0, [locked('a')], 'a');
    night.judge(7 * 24 * 60 - 1, [], 'b');
    night.judge(7 * 24 * 60, [], 'b');
    expect(night.told).toEqual(['0 firing', `${7 * 24 * 60} resolved`]);
  });

  it('that come and go all night are told of a few times, not forty', () => {
    const night = watch();
    for (let minute = 0; minute < 12 * 60; minute++)
      night.judge(minute, minute % 18 < 5 ? [locked('a')] : [], 'a');
    expect(night.told.slice(0, 3)).toEqual(['0 firing', '14 resolved', '18 firing']);
    expect(night.told).toHaveLength(3);
    for (let minute = 12 * 60; minute < 13 * 60; minute++) night.judge(minute, [], 'a');
    expect(night.told).toHaveLength(4);
  });

  it('send nothing while they are silenced, and what is still true afterwards', () => {
    const night = watch();
    night.silences.push({
      id: 's',
      matcher: { layer: 'db' },
      atUnixMs: NOW,
      untilUnixMs: NOW + 30 * MINUTE_MS,
    });
    night.judge(0, [locked('a')], 'a');
    night.judge(20, [], 'a');
    night.judge(21, [], 'a');
    expect(night.alerts()[0]?.resolvedUnixMs).toBe(NOW + 21 * MINUTE_MS);
    night.judge(25, [locked('a')], 'a');
    expect(night.told).toEqual([]);
    night.judge(30, [locked('a')], 'a');
    expect(night.told).toEqual(['30 firing']);
  });

  it('speak of the other journeys while one is silenced', () => {
    const night = watch();
    night.silences.push({
      id: 's',
      matcher: { journey: 'a' },
      atUnixMs: NOW,
      untilUnixMs: NOW + 30 * MINUTE_MS,
    });
    const [notice] = night.judge(0, [locked('a'), locked('b', { severity: 'ticket' })]);
    expect(notice?.members.map(({ signal }) => signal.journey)).toEqual(['b']);
    expect(notice?.severity).toBe('ticket');
  });

  it('that were told of before the silence are told to be over after it, once', () => {
    const night = watch();
    night.judge(0, [locked('a')], 'a');
    night.silences.push({
      id: 's',
      matcher: { journey: 'a' },
      atUnixMs: NOW + MINUTE_MS,
      untilUnixMs: NOW + 40 * MINUTE_MS,
    });
    night.judge(20, [], 'a');
    night.judge(30, [], 'a');
    night.judge(40, [], 'a');
    night.judge(50, [], 'a');
    expect(night.told).toEqual(['0 firing', '40 resolved']);
  });

  it('that end and begin anew within a silence have never ended for those who were told', () => {
    const night = watch();
    night.judge(0, [locked('a')], 'a');
    night.silences.push({
      id: 's',
      matcher: { journey: 'a' },
      atUnixMs: NOW + MINUTE_MS,
      untilUnixMs: NOW + 40 * MINUTE_MS,
    });
    for (const minute of [20, 30]) night.judge(minute, [], 'a');
    for (const minute of [35, 45]) night.judge(minute, [locked('a')], 'a');
    expect(night.told).toEqual(['0 firing']);
  });

  it('take the graver of two signals with one key', () => {
    for (const order of [0, 1]) {
      const twins = [locked('a', { severity: 'ticket' }), locked('a')];
      expect(watch().judge(0, order ? twins : twins.reverse())[0]?.severity).toBe('page');
    }
  });

  it('remember since when it has been going on', () => {
    const night = watch();
    night.judge(0, [locked('a', { sinceUnixMs: NOW - 5 })]);
    night.judge(1, [locked('a', { sinceUnixMs: NOW })]);
    expect(night.alerts()[0]?.members[0]?.signal.sinceUnixMs).toBe(NOW - 5);
  });
});
