/** Earlier runs of the same journey at the same site, and no others, say what is usual. */
import { describe, expect, it } from 'vitest';
import { RUN_CONDITIONS } from '../../src/model/run-conditions.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { makeRunView } from '../../src/run/run-view.ts';
import { usualFrom } from '../../src/run/usual.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { ORIGIN, reported } from '../stitch/reported.ts';

interface Given {
  readonly journey?: string;
  readonly host?: string;
  readonly wallMs?: number;
  /** Its connection was open already. */
  readonly isWarm?: boolean;
}

const idOf = (index: number): string => index.toString(16).padStart(32, '0');

/** One run a minute, in which one request has all of the time. */
function keepRun(
  store: Store,
  index: number,
  { journey = 'buy', host = 'shop.example', wallMs = 100, isWarm = false }: Given = {},
) {
  const spans: ReportedSpan[] = [
    reported('run', undefined, 0, wallMs, {
      type: 'run',
      layer: 'browser',
      attributes: {
        'headwater.journey': journey,
        [RUN_CONDITIONS]: JSON.stringify({ connections: isWarm ? 'warm' : 'cold' }),
      },
    }),
    reported('step', 'run', 0, wallMs, { type: 'step', layer: 'browser' }),
    reported('request', 'step', 0, wallMs, {
      type: 'request',
      layer: 'browser',
      kind: 'client',
      attributes: { 'server.address': host },
    }),
  ];
  const later = BigInt(index) * 60_000_000_000n;
  const moved = ({ startUnixNano, endUnixNano, ...span }: ReportedSpan) => ({
    ...span,
    traceId: idOf(index),
    startUnixNano: startUnixNano + later,
    endUnixNano: endUnixNano + later,
  });
  store.append(spans.map(moved));
  const view = makeRunView(idOf(index), store, {}, usualFrom(store))!;
  store.saveRun(view);
  return view.report.verdict;
}

function storeWith(...runs: readonly Given[]): Store {
  const store = openStore(':memory:');
  for (const [index, run] of runs.entries()) keepRun(store, index + 1, run);
  return store;
}

const times = (count: number, run: Given = {}): Given[] => Array.from({ length: count }, () => run);

describe('what is usual for a run', () => {
  it('is known from five earlier runs on', () => {
    expect(keepRun(storeWith(...times(4)), 9).usual).toBeUndefined();
    const { usual, sentence } = keepRun(storeWith(...times(5)), 9, { wallMs: 300 });
    expect(usual).toEqual({ runs: 5, wallNs: 100e6, ns: 100e6 });
    expect(sentence).toContain('buy took 300 ms (usually 100 ms); 200 ms more than usual is the browser');
  });

  it('is not told by another journey, nor by the same one at another site', () => {
    expect(keepRun(storeWith(...times(5, { journey: 'look' })), 9).usual).toBeUndefined();
    expect(keepRun(storeWith(...times(5, { host: 'staging.example' })), 9).usual).toBeUndefined();
  });

  it('is not told by runs on warm connections for one on cold ones', () => {
    const store = storeWith(...times(5), ...times(9, { wallMs: 20, isWarm: true }));
    expect(keepRun(store, 20).usual).toMatchObject({ runs: 5, wallNs: 100e6 });
    expect(keepRun(store, 21, { isWarm: true }).usual).toMatchObject({ runs: 9, wallNs: 20e6 });
  });

  it('is told however many runs of other journeys came between', () => {
    const store = storeWith(...times(5));
    for (let index = 1_000; index < 1_600; index++)
      store.startRun({
        traceId: idOf(index),
        journey: 'look',
        status: 'running',
        startUnixNano: `${ORIGIN + 7n * 60_000_000_000n + BigInt(index)}`,
        wallNs: 0,
        layers: {},
        sentence: '',
      });
    expect(keepRun(store, 9).usual?.runs).toBe(5);
  });

  it('is not told by runs that came later', () => {
    const store = storeWith(...times(6));
    expect(makeRunView(idOf(2), store, {}, usualFrom(store))?.report.verdict.usual).toBeUndefined();
    expect(makeRunView(idOf(6), store, {}, usualFrom(store))?.report.verdict.usual?.runs).toBe(5);
  });
});
