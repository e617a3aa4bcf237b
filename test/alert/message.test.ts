/** The one message: what a tired person reads, in plain words and in each channel's form. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertmanagerAlerts, VALID_MS } from '../../src/alert/alertmanager-payload.ts';
import { judgeAlerts } from '../../src/alert/judge-alerts.ts';
import { type AlertMessage, alertMessage, type MessageFacts } from '../../src/alert/message.ts';
import { messageText } from '../../src/alert/message-text.ts';
import { SLACK_LIMITS, slackPayload } from '../../src/alert/slack-payload.ts';
import { testMessage } from '../../src/alert/test-message.ts';
import type { Signal } from '../../src/model/signal.ts';
import { LOCK, MINUTE_MS, NOW, RULES, signal } from './signals.ts';

const VIEWER = 'https://headwater.example/';

function told(signals: readonly Signal[], facts: Partial<MessageFacts> = {}): AlertMessage {
  const situation = { alerts: [], silences: [], acknowledgements: new Map(), rules: RULES };
  const [notice] = judgeAlerts(situation, { signals, judged: [], nowUnixMs: NOW }).notices;
  const { alert, members, event, severity } = notice!;
  const resolvedUnixMs = facts.event === 'resolved' ? NOW : alert.resolvedUnixMs;
  return alertMessage({ ...alert, resolvedUnixMs }, members, { event, severity, nowUnixMs: NOW, ...facts });
}
const locked = (journey: string, more: Partial<Signal> = {}) => signal(journey, { guilty: LOCK, ...more });
const picture = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', file: 'frames/179.jpg' };

describe('the message', () => {
  it('says of one journey what is wrong, since when, on which evidence, and where to look', () => {
    const message = told([signal('checkout')], { viewer: VIEWER, pictureOf: () => picture });
    expect(messageText(message)).toBe(
      `Alert: checkout takes 870 ms longer: 850 ms of it is waiting for a lock in postgresql
Against usual: +870 ms (97 % of the change).
Since 01:42 UTC, 18 minutes ago.
Journey: checkout at shop.example.
Evidence: median 1.29 s in the last 5 runs, 0.42 s in the 40 before.
Look next: see which session holds the lock: pg_blocking_pids().
Run: https://headwater.example/run/4bf92f3577b34da6a3ce929d0e0e4736
Compare with usual: https://headwater.example/compare/4bf92f3577b34da6a3ce929d0e0e4736/0af7651916cd43dd8448eb211c80319c
Last picture of the page: https://headwater.example/api/runs/4bf92f3577b34da6a3ce929d0e0e4736/files/frames/179.jpg
If you take it: headwater alert ack ${message.alertId}`,
    );
  });

  it('names the culprit once for all journeys that share it, and the journeys', () => {
    const message = told(['checkout', 'login', 'search', 'basket', 'profile'].map((name) => locked(name)));
    expect(messageText(message)).toBe(
      `Alert: 5 journeys, one culprit: lock wait at postgresql (database)
basket takes 870 ms longer: 850 ms of it is waiting for a lock in postgresql.
Also: checkout takes 870 ms longer: 850 ms of it is waiting for a lock in postgresql.
Also: login takes 870 ms longer: 850 ms of it is waiting for a lock in postgresql.
Also: profile takes 870 ms longer: 850 ms of it is waiting for a lock in postgresql.
Against usual: +870 ms (97 % of the change).
Since 01:42 UTC, 18 minutes ago.
Journeys: basket, checkout, login, profile and search at shop.example.
Evidence: median 1.29 s in the last 5 runs, 0.42 s in the 40 before.
Look next: see which session holds the lock: pg_blocking_pids().
Run: headwater show 4bf92f3577b3
Compare with usual: headwater compare 4bf92f3577b3 0af7651916cd
If you take it: headwater alert ack ${message.alertId}`,
    );
  });

  it('says that it is over, how long it was, and asks for nothing more', () => {
    const text = messageText(told([locked('checkout')], { event: 'resolved', viewer: VIEWER }));
    expect(text).toMatch(
      /^Resolved: checkout takes 870 ms longer.*\nFrom 01:42 UTC to 02:00 UTC, 18 minutes in all\.\n/,
    );
    expect(text).not.toMatch(/Look next|ack/);
  });

  it('begins with the gravest of what is wrong, and with failures before slowness', () => {
    const message = told([
      locked('a', { severity: 'ticket', kind: 'failing', sentence: 'a fails' }),
      locked('b', { kind: 'slower', sentence: 'b is slower' }),
      locked('c', { kind: 'failing', sentence: 'c fails' }),
    ]);
    expect([message.sentence, ...message.also]).toEqual(['c fails', 'b is slower', 'a fails']);
  });

  it('names the day where it was another one, in the time zone that was asked for', () => {
    const message = told([locked('a', { sinceUnixMs: NOW - 26 * 60 * MINUTE_MS })]);
    expect(messageText(message, 'Europe/Berlin')).toContain('Since 2026-11-27 01:00 CET, 1 day 2 hours ago.');
  });

  it('holds no secret', () => {
    const secret = 'Bearer abcdefgh12345678';
    const leaky = `see https://me:hunter2@db.example/?token=hunter2 with ${secret}`;
    const signals = ['a', 'b'].map((name) =>
      locked(`${name} ${leaky}`, {
        sentence: `${name} ${leaky}`,
        evidence: leaky,
        next: leaky,
        change: leaky,
        guilty: { ...LOCK, component: leaky },
        site: leaky,
      }),
    );
    const message = told(signals, { acknowledgedBy: leaky });
    const all = JSON.stringify([message, messageText(message), slackPayload(message)]);
    expect(all).not.toMatch(/hunter2|abcdefgh/);
    expect(all).toContain('[redacted]');
  });

  it('of a test says first that it is one', () => {
    expect(messageText(testMessage(NOW))).toMatch(
      /^Test, nothing is wrong: this is how Headwater will call you\./,
    );
  });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6_000 }),
  fc.nat({ max: 6_000 }).map((n) => '<&>🧨'.repeat(n)),
);
const anySignal = fc
  .record({
    sentence: anyText,
    evidence: anyText,
    next: anyText,
    change: anyText,
    journey: anyText,
    guilty: fc.constantFrom(LOCK, undefined),
  })
  .map(({ journey, ...more }) => signal(journey, more));

describe('the message for Slack', () => {
  it('keeps within what Slack takes, whatever it tells of', () => {
    fc.assert(
      fc.property(fc.array(anySignal, { minLength: 1, maxLength: 12 }), (signals) => {
        const { text, blocks } = slackPayload(told(signals, { viewer: VIEWER, pictureOf: () => picture }));
        expect(text.length).toBeLessThanOrEqual(SLACK_LIMITS.text);
        expect(blocks.length).toBeLessThanOrEqual(SLACK_LIMITS.blocks);
        for (const block of blocks) {
          const texts = block.type === 'context' ? block.elements : [block.text];
          const limit = block.type === 'header' ? SLACK_LIMITS.header : SLACK_LIMITS.section;
          for (const { text } of texts) {
            expect(text.length).toBeGreaterThan(0);
            expect(text.length).toBeLessThanOrEqual(limit);
            if (block.type !== 'header') expect(text).not.toMatch(/&(?!(amp|lt|gt);)/);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('lets nobody mention a channel, or make a link, by the name of a journey', () => {
    const payload = slackPayload(told([signal('<!channel> <https://evil.example|x>')]));
    const marked = payload.blocks.flatMap((block) => (block.type === 'section' ? [block.text.text] : []));
    expect(`${payload.text}${marked.join('')}`).not.toMatch(/<!channel>|<https:\/\/evil/);
  });

  it('has what the text has, and the links as words', () => {
    const { text, blocks } = slackPayload(told([locked('checkout')], { viewer: VIEWER }));
    expect(text).toMatch(/^Alert: checkout takes/);
    const all = JSON.stringify(blocks);
    for (const part of [
      '*Against usual* +870',
      '*Evidence* median',
      '*Look next* see',
      '|Run>',
      '|Compare with usual>',
    ])
      expect(all).toContain(part);
    expect(all).toContain(`<!date^${(NOW - 18 * MINUTE_MS) / 1_000}^`);
  });
});

describe('the message for Alertmanager', () => {
  const alert = { firedUnixMs: NOW, resolvedUnixMs: null, told: null };
  const labels = (message: AlertMessage) => alertmanagerAlerts(message, alert, NOW)[0]!.labels;

  it('is labelled by the guilty part, else by the journey, and never by what changes', () => {
    expect(labels(told([locked('a')]))).toEqual({
      alertname: 'HeadwaterGuiltyPart',
      layer: 'db',
      component: 'postgresql',
      cause: 'db.lock_wait',
      severity: 'page',
    });
    expect(labels(told([locked('a'), locked('b')]))).toEqual(labels(told([locked('c')])));
    expect(labels(told([signal('a')]))).toMatchObject({ alertname: 'HeadwaterJourney', journey: 'a' });
  });

  it('ends in a while unless it is said again, and at once when it is over', () => {
    const [fires] = alertmanagerAlerts(told([locked('a')]), alert, NOW + 5);
    expect(fires?.endsAt).toBe(new Date(NOW + 5 + VALID_MS).toISOString());
    const [over] = alertmanagerAlerts(told([locked('a')]), { ...alert, resolvedUnixMs: NOW + 1 }, NOW + 5);
    expect(over?.endsAt).toBe(new Date(NOW + 1).toISOString());
  });

  it('ends the ticket when it becomes a page', () => {
    const told2 = {
      severity: 'page',
      journeys: 1,
      times: 2,
      resolved: false,
      raisedUnixMs: NOW + 9,
    } as const;
    const both = alertmanagerAlerts(told([locked('a')]), { ...alert, told: told2 }, NOW + 10);
    expect(both.map(({ labels, endsAt }) => [labels.severity, endsAt])).toEqual([
      ['page', new Date(NOW + 10 + VALID_MS).toISOString()],
      ['ticket', new Date(NOW + 9).toISOString()],
    ]);
  });
});
