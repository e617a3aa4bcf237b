/** Runs by filter and page, and journeys over time, over the real store. */
import { describe, expect, it } from 'vitest';
import type { JourneyHistory, JourneyRow } from '../../src/model/journey.ts';
import type { RunSummary, RunView } from '../../src/model/report.ts';
import { reopening } from '../../src/run/reopen.ts';
import { createApp } from '../../src/serve/app.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { runView } from '../store/run-view.ts';

const HOST = { headers: { host: '127.0.0.1:4319' } };
const FIRST_MS = 1_795_333_153_000;
const MINUTE_MS = 60_000;
const idOf = (n: number): string => n.toString(16).padStart(32, '0');

interface Given {
  readonly journey?: string;
  readonly site?: string;
  readonly wallNs?: number;
  readonly failed?: boolean;
}

/** One run a minute, in the order given. */
function api(...given: readonly Given[]) {
  const store = openStore(':memory:');
  given.forEach(({ journey = 'buy', site = 'shop.example', wallNs = 300e6, failed = false }, n) => {
    const view = runView(idOf(n));
    const ledger: RunView['report']['ledger'] = [
      {
        layer: 'browser',
        component: 'x',
        cause: 'browser.load',
        ns: wallNs,
        evidence: 'measured',
        spanIds: [],
      },
    ];
    const startUnixNano = `${FIRST_MS + n * MINUTE_MS}000000`;
    const status = failed ? 'failed' : 'ok';
    store.saveRun({
      ...view,
      site,
      report: { ...view.report, journey, wallNs, ledger, startUnixNano, status },
    });
  });
  const app = createApp({ store: reopening(store) });
  return async <T>(path: string): Promise<{ status: number; body: T }> => {
    const answer = await app.request(path, HOST);
    return { status: answer.status, body: (await answer.json()) as T };
  };
}

const numbers = (runs: readonly RunSummary[]) => runs.map(({ traceId }) => Number.parseInt(traceId, 16));
const times = (count: number, given: Given = {}): Given[] => Array.from({ length: count }, () => given);

describe('runs', () => {
  it('are found by journey, site, status, words and time', async () => {
    const ask = api({}, { failed: true }, { journey: 'a b/c?&' }, { site: 'x.example' });
    const found = async (query: string) => numbers((await ask<RunSummary[]>(`/api/runs?${query}`)).body);
    expect(await found('')).toEqual([3, 2, 1, 0]);
    expect(await found(`journey=${encodeURIComponent('a b/c?&')}`)).toEqual([2]);
    expect(await found('journey=buy&site=shop.example')).toEqual([1, 0]);
    expect(await found('status=failed')).toEqual([1]);
    expect(await found('q=database+x.example')).toEqual([3]);
    expect(await found(`since=${FIRST_MS + MINUTE_MS}&until=${FIRST_MS + 2 * MINUTE_MS}`)).toEqual([2, 1]);
    expect(await found('layer=dns')).toEqual([]);
  });

  it('come in pages', async () => {
    const ask = api(...times(5));
    const first = (await ask<RunSummary[]>('/api/runs?limit=2')).body;
    const { startUnixNano, traceId } = first[1]!;
    const next = (await ask<RunSummary[]>(`/api/runs?limit=2&before=${startUnixNano}.${traceId}`)).body;
    expect([numbers(first), numbers(next)]).toEqual([
      [4, 3],
      [2, 1],
    ]);
  });

  it.each(['status=slow', 'layer=beer', 'since=yesterday', 'until=-1', 'before=x'])(
    'are refused with a sentence for %s',
    async (query) => {
      const { status, body } = await api({})<{ error: string }>(`/api/runs?${query}`);
      expect([status, body.error]).toEqual([400, expect.stringMatching(/give/)]);
    },
  );
});

describe('a journey', () => {
  it('is listed with its last runs', async () => {
    const ask = api(...times(3), { journey: 'look' });
    const { body } = await ask<JourneyRow[]>('/api/journeys');
    expect(body.map(({ journey, runs, recent }) => [journey, runs, numbers(recent)])).toEqual([
      ['look', 1, [3]],
      ['buy', 3, [2, 1, 0]],
    ]);
  });

  it('has its history, oldest first, with what is usual from five healthy runs on', async () => {
    const history = async (...given: Given[]) =>
      (await api(...given)<JourneyHistory>('/api/journeys/history?journey=buy')).body;
    expect((await history(...times(4), { failed: true })).usual).toBeUndefined();
    const { usual, runs, total } = await history(...times(5), { wallNs: 900e6, failed: true });
    expect(numbers(runs)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(total).toBe(6);
    expect(usual).toEqual({ runs: 5, lowNs: 280e6, medianNs: 300e6, highNs: 320e6 });
  });

  it('is shown at the site where it was walked last, unless another is asked for', async () => {
    const ask = api({}, { site: 'staging.example' });
    const { body: last } = await ask<JourneyHistory>('/api/journeys/history?journey=buy');
    expect([last.site, last.sites, numbers(last.runs)]).toEqual([
      'staging.example',
      ['staging.example', 'shop.example'],
      [1],
    ]);
    const { body: other } = await ask<JourneyHistory>('/api/journeys/history?journey=buy&site=shop.example');
    expect(numbers(other.runs)).toEqual([0]);
  });

  it('that is not known is missed with a sentence', async () => {
    const ask = api({});
    const { status, body } = await ask<{ error: string }>('/api/journeys/history?journey=sell');
    expect([status, body.error]).toEqual([404, expect.stringContaining('No run of a journey "sell"')]);
    expect((await ask('/api/journeys/history?journey=buy&site=gone.example')).status).toBe(404);
    expect((await ask('/api/journeys/history')).status).toBe(400);
  });
});
