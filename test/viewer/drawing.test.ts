import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRunAddress, parseRunAddress } from '../../viewer/address.ts';
import { plainText, shorten } from '../../viewer/element.ts';
import { layOutSql } from '../../viewer/panel/sql.ts';
import { ago } from '../../viewer/runs/ago.ts';
import { traceIdIn } from '../../viewer/runs/trace-box.ts';
import { indexConnections } from '../../viewer/trace/connections.ts';
import { indexMarks } from '../../viewer/trace/marks.ts';
import { indexPath } from '../../viewer/trace/path-index.ts';
import type { SpanRow } from '../../viewer/trace/rows.ts';
import { indexTrace } from '../../viewer/trace/span-index.ts';
import type { Bar } from '../../viewer/waterfall/bars.ts';
import { type Interval, subtractIntervals, unionIntervals } from '../../viewer/waterfall/intervals.ts';
import { barsOf } from '../../viewer/waterfall/row-bars.ts';
import { formatTick } from '../../viewer/waterfall/ticks.ts';
import { clampWindow, isWhole, panWindow, zoomWindow } from '../../viewer/waterfall/time-window.ts';
import { runView, TRACE_ID } from '../fixtures/run-view.ts';

const interval = fc
  .tuple(fc.nat(100), fc.nat(40))
  .map(([start, length]): Interval => [start, start + length]);
const covers = (intervals: readonly Interval[], t: number): boolean =>
  intervals.some(([a, b]) => a <= t && t < b);

describe('intervals', () => {
  it('a union covers what its parts cover, without touching pieces', () => {
    fc.assert(
      fc.property(fc.array(interval), (parts) => {
        const union = unionIntervals(parts);
        for (let t = 0; t < 150; t++) expect(covers(union, t)).toBe(covers(parts, t));
        for (let i = 1; i < union.length; i++) expect(union[i]?.[0]).toBeGreaterThan(union[i - 1]?.[1] ?? 0);
      }),
    );
  });

  it('a difference covers the whole but not what was taken', () => {
    fc.assert(
      fc.property(interval, fc.array(interval), (whole, parts) => {
        const left = subtractIntervals(whole, unionIntervals(parts));
        for (let t = 0; t < 150; t++) expect(covers(left, t)).toBe(covers([whole], t) && !covers(parts, t));
      }),
    );
  });
});

describe('the bars of a row', () => {
  const view = runView();
  const index = indexTrace(view.trace);
  const path = indexPath(view.path, index);
  const drawn = { index, path, connections: indexConnections(index), marks: indexMarks(index) };
  const bars = (name: string, expanded: boolean, nth = 0) => {
    const span = [...index.spans.keys()].filter((i) => index.spans[i]?.name === name)[nth] ?? -1;
    const row: SpanRow = { kind: 'span', key: `s${span}`, span, level: 1, expandable: true, expanded };
    return barsOf(row, drawn);
  };
  const summary = (list: readonly Bar[], tone: Bar['tone']) =>
    list
      .filter((bar) => bar.tone === tone)
      .map((bar) => `${bar.layer} ${bar.startNs / 1e6}–${bar.endNs / 1e6}`);

  it('are pale while a child has the water, and strong where the run waits for this span itself', () => {
    const { bars: list, line } = bars('SELECT orders', true);
    expect(summary(list, 'wait')).toEqual(['db 957–2259']);
    expect(summary(list, 'path')).toEqual(['db 957–958', 'db 2258–2259']);
    expect(line).toEqual([[957e6, 2259e6]]);
  });

  it('show a closed request by the layers below it', () => {
    const layers = new Set(bars('GET /', false).bars.map((bar) => bar.layer));
    expect([...layers].sort()).toEqual(['db', 'dns', 'lb', 'network', 'service', 'tcp', 'tls']);
  });

  it('are pale for a phase that a proxy answers', () => {
    const { bars: list } = bars('waiting', true, 33);
    expect(summary(list, 'own')).toEqual(['network 932–939', 'network 2340–2348']);
  });

  it('say what is inferred and what failed', () => {
    expect(bars('unexplained wait', false).bars.every((bar) => bar.inferred)).toBe(true);
    expect(bars('GET /api/recommendations', true).failed).toBe(true);
  });
});

describe('the time window', () => {
  const extent = { startNs: -5_000, endNs: 2_610_000_000 };
  const time = fc.integer({ min: -1e9, max: 4e9 });
  it('stays inside the run and never closes', () => {
    fc.assert(
      fc.property(time, time, (startNs, endNs) => {
        const window = clampWindow({ startNs, endNs }, extent);
        expect(window.startNs).toBeGreaterThanOrEqual(extent.startNs);
        expect(window.endNs).toBeLessThanOrEqual(extent.endNs);
        expect(window.endNs - window.startNs).toBeGreaterThanOrEqual(10_000 - 1);
      }),
    );
  });

  it('zooms around an instant that stays where it is', () => {
    const from = { startNs: 1e9, endNs: 2e9 };
    const zoomed = zoomWindow(from, 4, 1.25e9, extent);
    expect(zoomed).toEqual({ startNs: 1.1875e9, endNs: 1.4375e9 });
    expect(isWhole(zoomWindow(zoomed, 1e9, 0, extent), extent)).toBe(false);
    expect(isWhole(zoomWindow(zoomed, 1e-9, 0, extent), extent)).toBe(true);
  });

  it('pans to the edge and no further', () => {
    expect(panWindow({ startNs: 2.5e9, endNs: 2.6e9 }, 5, extent)).toEqual({
      startNs: 2.51e9,
      endNs: 2.61e9,
    });
  });
});

it('ticks share a unit and have the digits that they need', () => {
  expect([0, 5e8, 1e9].map((ns) => formatTick(ns, 5e8, 2e9))).toEqual(['0', '0.5 s', '1.0 s']);
  expect([5e7, 1e8].map((ns) => formatTick(ns, 5e7, 3e8))).toEqual(['50 ms', '100 ms']);
  expect(formatTick(1_000_200_000, 200_000, 1_001e6)).toBe('1000.2 ms');
  expect(formatTick(2_000, 1_000, 9_000)).toBe('2 µs');
});

describe('the address', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(
        fc.record({
          selected: fc.option(fc.stringMatching(/^~?[0-9a-f]{16}$/), { nil: undefined }),
          query: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
          layer: fc.constantFrom(undefined, 'db' as const, 'unknown' as const),
          window: fc.option(
            fc
              .tuple(fc.integer({ min: -9e9, max: 9e9 }), fc.integer({ min: 1, max: 9e9 }))
              .map(([startNs, width]) => ({
                startNs,
                endNs: startNs + width,
              })),
            { nil: undefined },
          ),
          criticalOnly: fc.boolean(),
          reported: fc.boolean(),
          byLayer: fc.boolean(),
          panelClosed: fc.boolean(),
        }),
        (state) => {
          const { pathname, search } = new URL(
            formatRunAddress({ traceId: TRACE_ID, ...state }),
            'http://127.0.0.1',
          );
          expect(parseRunAddress(pathname, new URLSearchParams(search))).toEqual({
            traceId: TRACE_ID,
            ...state,
          });
        },
      ),
    );
  });

  it('is refused when it is none of a run’s', () => {
    for (const path of ['/elsewhere', '/run/xyz', '/'])
      expect(parseRunAddress(path, new URLSearchParams())).toBeUndefined();
  });
});

it('a trace ID is found in what people paste', () => {
  expect(traceIdIn(` traceparent: 00-${TRACE_ID}-00f067aa0ba902b7-01 `)).toBe(TRACE_ID);
  expect(traceIdIn(`"${TRACE_ID.toUpperCase()}"`)).toBe(TRACE_ID);
  expect(traceIdIn('4bf9')).toBe('4bf9');
  for (const text of ['', 'abc', 'hello world', `${TRACE_ID}0`, `ff-${TRACE_ID}-00f067aa0ba902b7-01`]) {
    expect(traceIdIn(text), text).toBeUndefined();
  }
});

it('SQL is laid out by clause, and quoted text is left alone', () => {
  expect(layOutSql("select a from t where x = 'a from  b' and y = 2 -- order by\nlimit 1")).toBe(
    "select a\nfrom t\nwhere x = 'a from  b'\n  and y = 2 -- order by\nlimit 1",
  );
  expect(layOutSql('')).toBe('');
});

it('invisible characters become visible', () => {
  expect(plainText('a\u0000b\u202Ec\td\ne')).toBe('a␀b⟨U+202E⟩c\td\ne');
  expect(shorten('abcdef', 4)).toBe('abc…');
});

it('ages are said as people say them', () => {
  const now = Date.UTC(2026, 10, 22);
  expect([5e3, 61e3, 7_200e3, 2 * 86_400e3].map((ms) => ago(now - ms, now))).toEqual([
    'just now',
    '1 minute ago',
    '2 hours ago',
    '2 days ago',
  ]);
});
