/** /metrics over the real store, read by Prometheus' own parsers where they are installed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OPEN_METRICS_TYPE } from '../../src/metrics/exposition.ts';
import type { RunView } from '../../src/model/report.ts';
import { reopening } from '../../src/run/reopen.ts';
import { createApp } from '../../src/serve/app.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { runView } from '../store/run-view.ts';
import { hasPromtool, hasPythonParser, parsedByPython, promtoolSays } from './consumers.ts';

const HOST = '127.0.0.1:4319';
const idOf = (n: number): string => n.toString(16).padStart(32, 'a');

function keep(
  store: Store,
  n: number,
  wallNs: number,
  rest: Partial<RunView['report']> = {},
  site = 'shop.example',
) {
  const view = runView(idOf(n));
  const { ledger } = view.report;
  const step = { name: 'Pay', spanId: '1', status: 'ok', startNs: 0, wallNs, ledger } as const;
  store.saveRun({ ...view, site, report: { ...view.report, wallNs, steps: [step], ...rest } });
}

const ask = async (store: Store, accept = '*/*') => {
  const answer = await createApp({ store: reopening(store) }).request('/metrics', {
    headers: { host: HOST, accept },
  });
  return { type: answer.headers.get('content-type'), text: await answer.text() };
};
const PROMETHEUS_ASKS =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

/** Names that a format must carry without breaking. */
const HOSTILE = 'say "hi" \\ twice\nand\u0000 then é 水 {} = ,#';

function someRuns(): Store {
  const store = openStore(':memory:');
  keep(store, 1, 0.3e9);
  keep(store, 2, 0.4e9);
  keep(store, 3, 7e9, { status: 'failed' });
  keep(store, 4, 500e9);
  keep(store, 5, 0.02e9, { journey: HOSTILE }, '');
  return store;
}

describe('/metrics', () => {
  it('speaks OpenMetrics to those who accept it, and what came before to others', async () => {
    const store = someRuns();
    const [open, plain] = [await ask(store, PROMETHEUS_ASKS), await ask(store)];
    expect(open.type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(open.type).toBe(OPEN_METRICS_TYPE);
    expect(open.text.endsWith('# EOF\n')).toBe(true);
    expect(plain.type).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(plain.text).not.toContain('# EOF');
    expect(plain.text).not.toContain('trace_id');
    expect(plain.text).toContain('# TYPE headwater_runs_total counter\n');
    expect(open.text).toContain('# TYPE headwater_runs counter\n');
  });

  it('counts runs into buckets, each with the last run as its exemplar', async () => {
    const { text } = await ask(someRuns(), PROMETHEUS_ASKS);
    const labels = 'journey="checkout",site="shop.example",status="ok"';
    const bucket = (le: string) =>
      text
        .split('\n')
        .find((line) => line.startsWith(`headwater_run_duration_seconds_bucket{${labels},le="${le}"}`));
    expect(bucket('0.25')).toMatch(/ 0$/);
    expect(bucket('0.5')).toContain(`} 2 # {trace_id="${idOf(2)}"} 0.4 1795333153.873`);
    expect(bucket('120.0')).toMatch(/ 2$/);
    expect(bucket('+Inf')).toContain(`} 3 # {trace_id="${idOf(4)}"} 500 `);
    expect(text).toContain(`headwater_run_duration_seconds_sum{${labels}} 500.7\n`);
    expect(text).toContain(
      'headwater_runs_total{journey="checkout",site="shop.example",status="failed"} 1\n',
    );
    const paid = 'journey="checkout",site="shop.example",step="Pay",layer="db"';
    expect(text).toContain(`headwater_layer_seconds_count{${paid}} 4\n`);
    expect(text).toContain(`headwater_layer_seconds_sum{${paid}} 8e-7\n`);
  });

  it('never goes back: not when runs are dropped, not after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headwater-metrics-'));
    const path = join(folder, 'headwater.db');
    const first = openStore(path);
    for (const n of [1, 2, 3]) keep(first, n, n * 1e9);
    const counters = (text: string) =>
      text.split('\n').filter((line) => /^headwater_(runs_total|run_duration|layer)/.test(line));
    const before = counters((await ask(first)).text);
    expect(before.length).toBeGreaterThan(10);
    first.close();
    const store = openStore(path);
    const parts = ['files', 'spans', 'report'] as const;
    store.drop(
      parts.map((part) => ({ traceId: idOf(1), part, by: 'days', bytes: 1 })),
      1,
    );
    const after = (await ask(store)).text;
    expect(counters(after)).toEqual(before);
    expect(after).toContain('headwater_runs_dropped_total{part="spans",by="days"} 1\n');
    expect(after).toContain('headwater_runs_kept{part="report"} 2\n');
    expect(after).toContain('headwater_runs_kept{part="summary"} 3\n');
    expect(after).toContain('headwater_store_limit_bytes 5000000000\n');
    store.close();
    rmSync(folder, { recursive: true });
  });

  it('says which label asked for too many series', async () => {
    const store = openStore(':memory:');
    store.keepRecord('setting', { key: 'series', atUnixMs: 1, body: { maxValues: 1 } });
    keep(store, 1, 1);
    keep(store, 2, 1, {}, 'staging.example');
    expect((await ask(store)).text).toContain('headwater_series_refused_total{label="site"} 1\n');
  });
});

describe.skipIf(!hasPythonParser)(
  'Prometheus’ Python parser for OpenMetrics (pip install prometheus_client)',
  () => {
    it('accepts it, and reads what was counted', async () => {
      const samples = parsedByPython((await ask(someRuns(), PROMETHEUS_ASKS)).text);
      const [bucket] = samples.filter(({ labels, exemplar }) => exemplar && labels.le === '+Inf');
      expect(bucket).toMatchObject({
        family: 'headwater_run_duration_seconds',
        type: 'histogram',
        unit: 'seconds',
        value: 3,
      });
      expect(bucket?.exemplar?.slice(0, 2)).toEqual([{ trace_id: idOf(4) }, 500]);
      const runs = samples.filter(({ name }) => name === 'headwater_runs_total');
      expect(runs.map(({ labels, value }) => [labels.journey, labels.status, value])).toContainEqual([
        'checkout',
        'ok',
        3,
      ]);
      expect(runs.map(({ labels }) => labels.journey)).toContain('say "hi" \\ twice and then é 水 {} = ,#');
    });

    it('accepts it of a store without runs', async () => {
      const samples = parsedByPython((await ask(openStore(':memory:'), PROMETHEUS_ASKS)).text);
      expect(samples.map(({ name }) => name)).toContain('headwater_store_limit_bytes');
    });

    it('would refuse what is none', () => {
      expect(() => parsedByPython('headwater_runs_total 1\n')).toThrow(/refused/);
    });
  },
);

describe.skipIf(!hasPromtool)('promtool (apt-get install prometheus)', () => {
  it('accepts the older format, and has no word against the names', async () => {
    expect(promtoolSays((await ask(someRuns())).text)).toBe('');
    expect(promtoolSays('headwater_runs{ 1\n')).not.toBe('');
  });
});
