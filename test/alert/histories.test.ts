/** Whatever happens in whatever order: nothing is told twice, everything that was told to have begun is told to have ended. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeAlerts } from '../../src/alert/judge-alerts.ts';
import { fits, isActive } from '../../src/alert/silence.ts';
import { JOINED_THAT_MATTER } from '../../src/alert/tell.ts';
import type { Acknowledgement, Alert, Silence } from '../../src/model/alert.ts';
import type { Signal } from '../../src/model/signal.ts';
import { judgedAt, LOCK, MINUTE_MS, NOW, RULES, signal } from './signals.ts';

const JOURNEYS = 'abcdefgh'.split('');
const GUILTY = [undefined, LOCK, { ...LOCK, cause: 'db.seq_scan' }];

/** Now and then two with one key. */
const signals: fc.Arbitrary<Signal[]> = fc
  .array(
    fc.record({
      journey: fc.constantFrom(...JOURNEYS),
      guilty: fc.constantFrom(...GUILTY),
      severity: fc.constantFrom('page' as const, 'ticket' as const),
      kind: fc.constantFrom('failing' as const, 'slower' as const),
    }),
    { maxLength: 10 },
  )
  .map((list) => list.map(({ journey, ...more }) => signal(journey, more)));

const step = fc.record({
  minutes: fc.integer({ min: 0, max: 25 }),
  signals,
  judged: fc.subarray(JOURNEYS),
  silence: fc.option(
    fc.record({
      matcher: fc.oneof(
        fc.record({ journey: fc.constantFrom(...JOURNEYS) }),
        fc.constant({ layer: 'db' }),
        fc.constant({ severity: 'ticket' }),
      ),
      minutes: fc.integer({ min: 1, max: 90 }),
    }),
    { freq: 4 },
  ),
  acknowledges: fc.boolean(),
});
const histories = fc.array(step, { maxLength: 40 });
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Sent {
  readonly id: string;
  readonly event: string;
  readonly severity: string;
  readonly journeys: number;
}

/** Lives through it as the store would have it: what is kept between two judgements is JSON. */
function live(history: readonly Step[], shuffle: <T>(list: readonly T[]) => T[] = (list) => [...list]) {
  let alerts: Alert[] = [];
  const kept = new Map<string, Alert>();
  const silences: Silence[] = [];
  const acknowledgements = new Map<string, Acknowledgement>();
  const sent: Sent[] = [];
  let nowUnixMs = NOW;
  const judge = (signals: readonly Signal[], journeys: readonly string[]) => {
    const situation = { alerts: shuffle([...kept.values()]), silences, acknowledgements, rules: RULES };
    const news = { signals: shuffle(signals), judged: shuffle(judgedAt(...journeys)), nowUnixMs };
    const { notices, ...after } = judgeAlerts(situation, news);
    for (const { event, severity, alert, members } of notices) {
      sent.push({
        id: alert.id,
        event,
        severity,
        journeys: new Set(members.map((m) => m.signal.journey)).size,
      });
      const active = silences.filter((silence) => isActive(silence, nowUnixMs));
      for (const { signal } of members)
        expect(active.filter(({ matcher }) => fits(matcher, signal))).toEqual([]);
    }
    alerts = JSON.parse(JSON.stringify(after.alerts));
    for (const alert of alerts) kept.set(alert.id, alert);
    const again = judgeAlerts({ ...situation, alerts }, { ...news, judged: [], signals: [] });
    expect(again.notices).toEqual([]);
    const groups = alerts.map(({ group }) => group);
    expect(new Set(groups).size).toBe(groups.length);
  };
  for (const { minutes, signals, judged, silence, acknowledges } of history) {
    nowUnixMs += minutes * MINUTE_MS;
    if (silence)
      silences.push({
        id: String(silences.length),
        matcher: silence.matcher,
        atUnixMs: nowUnixMs,
        untilUnixMs: nowUnixMs + silence.minutes * MINUTE_MS,
      });
    judge(signals, judged);
    const [first] = alerts;
    if (acknowledges && first) acknowledgements.set(first.id, { atUnixMs: nowUnixMs });
  }
  return {
    sent,
    alerts: () => alerts,
    /** Everything becomes well, and every silence ends. */
    end() {
      for (let i = 0; i < 20; i++) {
        nowUnixMs += 10 * MINUTE_MS;
        judge([], JOURNEYS);
      }
    },
  };
}

const byId = (sent: readonly Sent[]): Sent[][] =>
  [...new Set(sent.map(({ id }) => id))].map((id) => sent.filter((one) => one.id === id));

describe('alerts over any history', () => {
  it('tell each beginning once, and each worsening once', () => {
    fc.assert(
      fc.property(histories, (history) => {
        for (const told of byId(live(history).sent)) {
          expect(told.filter(({ event }) => event === 'firing')).toEqual(told.slice(0, 1));
          const best = { severity: told[0]!.severity, journeys: told[0]!.journeys };
          for (const { event, severity, journeys } of told.slice(1)) {
            if (event === 'eased') best.severity = 'ticket';
            if (event !== 'updated') continue;
            const isWorse = severity === 'page' && best.severity === 'ticket';
            expect(isWorse || journeys >= best.journeys + JOINED_THAT_MATTER).toBe(true);
            best.severity = severity;
            best.journeys = Math.max(best.journeys, journeys);
          }
        }
      }),
    );
  });

  it('tell the end of each that was told exactly once, last', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const night = live(history);
        night.end();
        for (const told of byId(night.sent)) {
          expect(told.filter(({ event }) => event === 'resolved')).toEqual(told.slice(-1));
        }
        expect(night.alerts().every(({ resolvedUnixMs }) => resolvedUnixMs !== null)).toBe(true);
        const before = night.sent.length;
        night.end();
        expect(night.sent).toHaveLength(before);
      }),
    );
  });

  it('tell of everything that nobody silences', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const night = live(history.map((one) => ({ ...one, silence: null })));
        for (const { told } of night.alerts()) expect(told).not.toBeNull();
      }),
    );
  });

  it('are the same in whatever order signals and alerts come', () => {
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat()), (history, numbers) => {
        const shuffled = live(history, (list) => {
          const places = list.map((item) => ({ item, place: numbers.next().value ?? 0 }));
          return places.sort((a, b) => a.place - b.place).map(({ item }) => item);
        });
        const plain = live(history);
        expect(shuffled.sent).toEqual(plain.sent);
        expect(shuffled.alerts()).toEqual(plain.alerts());
      }),
    );
  });

  it('leave journeys that were not judged as they are', () => {
    fc.assert(
      fc.property(histories, fc.subarray(JOURNEYS), (history, judged) => {
        const alerts = live(history).alerts();
        const situation = { alerts, silences: [], acknowledgements: new Map(), rules: RULES };
        const after = judgeAlerts(situation, {
          signals: [],
          judged: judgedAt(...judged),
          nowUnixMs: NOW + 1,
        });
        const others = (list: readonly Alert[]) =>
          list.flatMap(({ members }) => members.filter(({ signal }) => !judged.includes(signal.journey)));
        expect(others(after.alerts)).toEqual(others(alerts));
      }),
    );
  });
});
