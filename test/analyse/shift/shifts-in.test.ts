/** Shifts of runs made by hand: what is told, and what must not be. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shiftsIn } from '../../../src/analyse/shift/shifts-in.ts';
import { signalOf } from '../../../src/analyse/shift/signal-of.ts';
import { EVERY_MS, rowWith, runAt, startOf } from './made-runs.ts';

const MS = 1e6;
const SLOW_TLS = { parts: { 'Open|tls|cdn.example:443|tls.no_resumption': 170 } };
const SLOW_DB = { parts: { 'Pay|db|postgresql|db.seq_scan': 100 } };

describe('a layer that takes longer', () => {
  const [shift, ...others] = shiftsIn(rowWith(50, 5, SLOW_TLS));

  it('is told after five runs, and nothing else is', () => {
    expect(others).toEqual([]);
    expect(shift).toMatchObject({
      ...{ journey: 'checkout', site: 'shop.example', conditions: 'cold' },
      ...{ step: 'Open', layer: 'tls', component: 'cdn.example', cause: 'tls.no_resumption' },
      ...{ direction: 'slower', mark: null, sinceUnixMs: startOf(50) },
    });
    expect(shift!.partNs / MS).toBeCloseTo(170, -1);
    expect(shift!.deltaNs.medianNs / MS).toBeCloseTo(170, -2);
    expect(shift!.before.runs).toBe(50);
    expect(shift!.after.runs).toBe(5);
    expect(shift!.p).toBeLessThan(1e-4);
  });

  it('names the newest run and one as they were before', () => {
    expect(Number.parseInt(shift!.traceId, 16)).toBe(54);
    expect(Number.parseInt(shift!.usualTraceId, 16)).toBeLessThan(50);
  });

  it('is told in one sentence', () => {
    expect(shift!.sentence).toMatch(
      /^checkout, Open, p75 \+1\d\d ms: \+1\d\d ms TLS on cdn\.example, no resumption; (all|\d+ %) of the shift, since 2024-03-04 12:10 UTC$/,
    );
  });

  it('is not told after two runs, nor with few runs before', () => {
    expect(shiftsIn(rowWith(50, 2, SLOW_TLS))).toEqual([]);
    expect(shiftsIn(rowWith(15, 5, SLOW_TLS))).toEqual([]);
  });

  it('stays as long as runs before it are known, and is the usual then', () => {
    expect(shiftsIn(rowWith(50, 50, SLOW_TLS))).toMatchObject([{ layer: 'tls', sinceUnixMs: startOf(50) }]);
    expect(shiftsIn(rowWith(50, 80, SLOW_TLS))).toEqual([]);
  });

  it('is over when the last runs are as before', () => {
    const row = [...rowWith(50, 8, SLOW_TLS), ...[58, 59, 60].map((at) => runAt({ at }))];
    expect(shiftsIn(row)).toEqual([]);
  });

  it('is one of two when two layers changed', () => {
    const parts = { ...SLOW_TLS.parts, ...SLOW_DB.parts };
    expect(shiftsIn(rowWith(50, 6, { parts })).map(({ layer }) => layer)).toEqual(['tls', 'db']);
  });

  it('is of the whole run when it is in more than one step', () => {
    const parts = { 'Open|db|postgresql|db.execute': 60, 'Pay|db|postgresql|db.execute': 85 };
    expect(shiftsIn(rowWith(50, 6, { parts }))).toMatchObject([{ step: null, layer: 'db' }]);
  });
});

describe('a cause of a layer that moves much by itself', () => {
  /** The browser's queue takes anything up to 150 ms. */
  const row = (count: number) =>
    Array.from({ length: count }, (_, at) =>
      runAt({
        at,
        parts: {
          'Open|browser|chromium|browser.queue': (at * 97) % 150,
          ...(at >= 50 && { 'Open|browser|main thread|browser.main_thread': 200 }),
        },
      }),
    );

  it('is told where the layer alone does not show it', () => {
    expect(shiftsIn(row(50))).toEqual([]);
    const [shift] = shiftsIn(row(56));
    expect(shift).toMatchObject({ layer: 'browser', step: 'Open', cause: 'browser.main_thread' });
    expect(shift!.partNs / MS).toBeCloseTo(80, -1.3);
  });
});

describe('any runs at all', () => {
  const part = fc.tuple(
    fc.constantFrom('Open', 'Pay', '__proto__', ''),
    fc.constantFrom('dns', 'db', 'browser', 'think', 'unknown'),
    fc.constantFrom('a', 'b:80', ''),
    fc.integer({ min: 0, max: 400 }),
  );
  const run = fc.record({
    parts: fc.array(part, { maxLength: 6 }),
    status: fc.constantFrom('ok' as const, 'ok' as const, 'failed' as const),
    conditions: fc.constantFrom('cold', 'cold', 'warm'),
  });

  it('give finite figures, sides that are runs of theirs, and stay as they are', () => {
    fc.assert(
      fc.property(
        fc.array(run, { minLength: 20, maxLength: 60 }),
        fc.integer({ min: 0, max: 300 }),
        (given, more) => {
          const runs = given.map(({ parts, ...rest }, at) => {
            const named = parts.map(([step, layer, component, ms]) => [
              `${step}|${layer}|${component}|${layer}.x`,
              ms,
            ]);
            const later = at > given.length - 8 ? [['Pay|db|a|db.x', more]] : [];
            return runAt({ at, ...rest, parts: Object.fromEntries([...named, ...later]) });
          });
          const before = JSON.stringify(runs);
          for (const shift of shiftsIn(runs, [{ name: 'v1', unixMs: startOf(given.length - 7) }])) {
            // JSON has no NaN and no Infinity: it would make null of them.
            expect(
              JSON.parse(JSON.stringify({ ...shift, share: shift.share ?? 0, mark: shift.mark ?? 0 })),
            ).toEqual({
              ...shift,
              share: shift.share ?? 0,
              mark: shift.mark ?? 0,
            });
            expect(shift.before.runs + shift.after.runs).toBeLessThanOrEqual(runs.length);
            expect(shift.direction).toBe(shift.partNs > 0 ? 'slower' : 'faster');
          }
          expect(JSON.stringify(runs)).toBe(before);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a layer that takes less', () => {
  it('is told too, and is no signal', () => {
    const faster = shiftsIn(rowWith(50, 6, { parts: { 'Open|network|browser → edge|network.back': 10 } }));
    expect(faster).toMatchObject([{ direction: 'faster', layer: 'network', component: 'browser → edge' }]);
    expect(faster[0]!.partNs).toBeLessThan(-40 * MS);
    expect(faster.map(signalOf)).toEqual([undefined]);
  });
});

describe('what is no shift of a layer', () => {
  const without = (name: string, change: Parameters<typeof rowWith>[2], after = 8) =>
    it(name, () => expect(shiftsIn(rowWith(50, after, change))).toEqual([]));

  without('nothing at all', {});
  without('a machine that became busier', { pace: 1.7 });
  without('a machine that became faster', { pace: 0.6 });
  without('the observer', { parts: { 'Open|browser|playwright|browser.automation': 400 } });
  without('the visitor, thinking', { parts: { 'Pay|think|visitor|think': 2_000 } });
  without('less than anybody waits for', { parts: { 'Pay|db|postgresql|db.execute': 38 } });
  without('time that only changed its name', {
    parts: { 'Open|tls|cdn.example:443|tls.handshake': 0, 'Open|tls|cdn.example:443|tls.full_handshake': 30 },
  });

  it('what a machine that became busier with it explains as well', () => {
    const row = (pace: number) =>
      Array.from({ length: 58 }, (_, at) => {
        const ms = 40 + ((at * 37) % 40) + (at < 50 ? 0 : 50);
        const parts = { 'Open|network|browser → edge|network.back': at < 50 ? ms : ms / pace };
        return runAt({ at, pace: at < 50 ? 1 : pace, parts });
      });
    expect(shiftsIn(row(1))).toMatchObject([{ layer: 'network', direction: 'slower' }]);
    expect(shiftsIn(row(1.15))).toEqual([]);
  });

  it('a step under a new name', () => {
    const renamed = rowWith(50, 10, {}).map((run, at) => ({
      ...run,
      steps: run.steps.map((step) => (at >= 50 && step.name === 'Pay' ? { ...step, name: 'Pay now' } : step)),
    }));
    expect(shiftsIn(renamed)).toEqual([]);
  });

  it('a failed run, however long', () => {
    const row = rowWith(50, 0, {});
    const failed = [50, 51, 52, 53, 54].map((at) => runAt({ at, status: 'failed', ...SLOW_DB }));
    expect(shiftsIn([...row, ...failed])).toEqual([]);
  });
});

describe('cold and warm connections', () => {
  it('are never compared with each other', () => {
    const cold = rowWith(50, 0, {});
    const warm = Array.from({ length: 10 }, (_, i) =>
      runAt({ at: 50 + i, conditions: 'warm', parts: { 'Open|tls|cdn.example:443|tls.handshake': 0 } }),
    );
    expect(shiftsIn([...cold, ...warm])).toEqual([]);
  });

  it('each have their own shifts', () => {
    const row = Array.from({ length: 120 }, (_, at) => {
      const conditions = at % 2 === 0 ? 'cold' : 'warm';
      return runAt({ at, conditions, ...(at >= 100 && conditions === 'warm' ? SLOW_DB : {}) });
    });
    expect(shiftsIn(row)).toMatchObject([{ conditions: 'warm', layer: 'db' }]);
  });
});

describe('a mark', () => {
  const row = rowWith(50, 6, SLOW_DB);
  const marked = (unixMs: number) => shiftsIn(row, [{ name: 'v1.4.2', unixMs }])[0]!;

  it('just before the change names it', () => {
    const shift = marked(startOf(50) - EVERY_MS / 2);
    expect(shift.mark).toEqual({ name: 'v1.4.2', unixMs: startOf(50) - EVERY_MS / 2 });
    expect(shift.sentence).toContain('since v1.4.2 (2024-03-04 12:10 UTC)');
  });

  it('long before or after does not', () => {
    expect(marked(startOf(40)).mark).toBeNull();
    expect(marked(startOf(54)).mark).toBeNull();
  });
});

describe('time of day', () => {
  const HOUR = 3_600_000;
  const morning = (at: number, day: number, i: number, parts = {}) =>
    runAt({ at, unixMs: Date.UTC(2026, 10, 20 + day, 9, i * 5), parts });
  const night = (at: number, day: number, i: number) =>
    runAt({ at, unixMs: Date.UTC(2026, 10, 20 + day, 1, i * 5) });
  /** Mornings are as told on the five days before; today the night, and the first of the morning. */
  const days = (usualMorning: object, today: object, mornings = 6) => {
    let at = 0;
    const earlier = [0, 1, 2, 3, 4].flatMap((day) => [
      ...Array.from({ length: 6 }, (_, i) => night(at++, day, i)),
      ...Array.from({ length: 6 }, (_, i) => morning(at++, day, i, usualMorning)),
    ]);
    const tonight = Array.from({ length: 80 - mornings }, (_, i) =>
      runAt({ at: at++, unixMs: Date.UTC(2026, 10, 25, 1) + i * (HOUR / 12) }),
    );
    return [
      ...earlier,
      ...tonight,
      ...Array.from({ length: mornings }, (_, i) => morning(at++, 5, i, today)),
    ];
  };

  it('explains what is so every morning', () => {
    expect(shiftsIn(days(SLOW_DB.parts, SLOW_DB.parts))).toEqual([]);
  });

  it('does not explain what was not so on other mornings', () => {
    expect(shiftsIn(days({}, SLOW_DB.parts))).toMatchObject([{ layer: 'db', direction: 'slower' }]);
  });

  it('leaves what is more than on other mornings, and tells it beside those', () => {
    const worse = { 'Pay|db|postgresql|db.seq_scan': 260 };
    const [shift] = shiftsIn(days(SLOW_DB.parts, worse));
    expect(shift).toMatchObject({ layer: 'db', direction: 'slower' });
    expect(shift!.partNs / MS).toBeCloseTo(160, -1.5);
  });
});

describe('its signal', () => {
  const [shift] = shiftsIn(rowWith(50, 6, SLOW_DB));
  const signal = signalOf(shift!)!;

  it('says who is guilty, since when, how much, and what to do', () => {
    expect(signal).toMatchObject({
      ...{ kind: 'slower', severity: 'ticket', journey: 'checkout', site: 'shop.example', step: 'Pay' },
      guilty: { layer: 'db', component: 'postgresql', cause: 'db.seq_scan' },
      sinceUnixMs: startOf(50),
      ...{ traceId: shift!.traceId, usualTraceId: shift!.usualTraceId },
    });
    expect(signal.change).toMatch(/^\+\d+ ms database on postgresql, seq scan/);
    expect(signal.evidence).toMatch(
      /^database in Pay: median 2\d ms, p75 2\d ms in 50 runs before, median 12\d ms, .* in 6 runs since/,
    );
    expect(signal.next).toContain('headwater compare');
  });

  it('has the same key after the next run', () => {
    const later = signalOf(shiftsIn(rowWith(50, 20, SLOW_DB))[0]!)!;
    expect(later.key).toBe(signal.key);
  });

  it('gets somebody up when it is a second and half of what it was', () => {
    const parts = { 'Pay|db|postgresql|db.seq_scan': 1_500 };
    expect(signalOf(shiftsIn(rowWith(50, 6, { parts }))[0]!)!.severity).toBe('page');
  });
});
