/** A run in progress, from the probe's beats and what servers have said so far. */
import { describe, expect, it } from 'vitest';
import type { LiveRun } from '../../src/model/live.ts';
import type { RunSummary } from '../../src/model/report.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { liveRun } from '../../src/run/live.ts';
import { reopening } from '../../src/run/reopen.ts';
import { makeRunView } from '../../src/run/run-view.ts';
import { createApp } from '../../src/serve/app.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { reported, TRACE_ID } from '../stitch/reported.ts';

const summary: RunSummary = {
  traceId: TRACE_ID,
  journey: 'buy',
  status: 'running',
  startUnixNano: '1795333153872950123',
  wallNs: 0,
  layers: {},
  sentence: '',
};
const OPEN = { 'headwater.open': true };

/** What the probe tells while the journey is at `nowMs`. */
const beat = (nowMs: number): ReportedSpan[] => [
  reported('run', undefined, 0, nowMs, {
    type: 'run',
    layer: 'browser',
    attributes: { 'headwater.journey': 'buy', ...OPEN },
  }),
  reported('step', 'run', 0, nowMs, { type: 'step', layer: 'browser', attributes: OPEN }),
  reported('request', 'step', 10, nowMs, {
    type: 'request',
    layer: 'browser',
    kind: 'client',
    attributes: OPEN,
  }),
  reported('phase', 'request', 20, nowMs, { type: 'phase', layer: 'network' }),
];
const served = (): ReportedSpan =>
  reported('served', 'request', 30, 80, { layer: 'service', kind: 'server', source: 'otlp', clock: 'web' });

function started() {
  const store = openStore(':memory:');
  store.startRun(summary);
  return store;
}
const told = (nowMs: number) => ({ state: 'running', toldUnixMs: nowMs, spans: beat(nowMs) }) as const;

describe('a run in progress', () => {
  it('is there from its start, before anything has come in', () => {
    const store = started();
    expect(liveRun(TRACE_ID, store)).toMatchObject({ state: 'running', journey: 'buy', rows: [], nowNs: 0 });
    expect(liveRun('f'.repeat(32), store)).toBeUndefined();
  });

  it('grows from beat to beat, with what servers said inside the request that they served', () => {
    const store = started();
    store.keepLive(TRACE_ID, told(100));
    const first = liveRun(TRACE_ID, store) as LiveRun;
    expect(first.nowNs).toBe(100e6);
    expect(first.rows.map(({ kind, level, open }) => [kind, level, open])).toEqual([
      ['step', 1, true],
      ['request', 2, true],
    ]);
    store.append([served()]);
    store.keepLive(TRACE_ID, told(200));
    const later = liveRun(TRACE_ID, store) as LiveRun;
    expect(later.nowNs).toBe(200e6);
    expect(later.rows[1]?.pieces.map(({ layer }) => layer)).toEqual(
      expect.arrayContaining(['network', 'service']),
    );
    expect(first.rows[1]?.pieces.map(({ layer }) => layer)).not.toContain('service');
  });

  it('leaves nothing of its beats in the run that it becomes', () => {
    const finished = beat(250).map((span) => ({
      ...span,
      attributes: { ...span.attributes, ...{ 'headwater.open': false } },
    }));
    const viewOf = (withBeats: boolean) => {
      const store = started();
      if (withBeats) for (const nowMs of [100, 200]) store.keepLive(TRACE_ID, told(nowMs));
      store.append([...finished, served()]);
      if (withBeats) store.keepLive(TRACE_ID, { state: 'settling', toldUnixMs: 250, spans: [] });
      const view = makeRunView(TRACE_ID, store, {})!;
      store.saveRun(view);
      expect(liveRun(TRACE_ID, store)).toEqual({ state: 'ended' });
      return view;
    };
    expect(viewOf(true)).toEqual(viewOf(false));
  });

  it('is answered with no body when nothing is new', async () => {
    const store = started();
    store.keepLive(TRACE_ID, told(100));
    const app = createApp({ store: reopening(store) });
    const ask = (headers: Record<string, string> = {}) =>
      app.request(`/api/runs/${TRACE_ID}/live`, { headers: { host: '127.0.0.1:4319', ...headers } });
    const answer = await ask();
    const tag = answer.headers.get('etag') ?? '';
    expect(((await answer.json()) as LiveRun).rows).toHaveLength(2);
    expect((await ask({ 'if-none-match': tag })).status).toBe(304);
    store.keepLive(TRACE_ID, told(150));
    expect((await ask({ 'if-none-match': tag })).status).toBe(200);
    const missing = await app.request(`/api/runs/${'9'.repeat(32)}/live`, {
      headers: { host: '127.0.0.1:4319' },
    });
    expect(missing.status).toBe(404);
  });
});
