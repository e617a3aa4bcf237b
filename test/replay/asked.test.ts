/** What a person gives: told apart, read, and put into the store. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BASE_URL } from '../../src/replay/recording.ts';
import { readAsked } from '../../src/replay/run/asked.ts';
import { planReplay } from '../../src/replay/run/replay-plan.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { JAEGER_SERVICES, type StandIn, standIn } from '../pull/stand-in.ts';
import { reported, TRACE_ID } from '../stitch/reported.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-asked-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let store: Store;
let backend: StandIn | undefined;
beforeEach(() => {
  store = openStore(join(folder, `${Math.random()}.db`));
});
afterEach(async () => {
  store.close();
  await backend?.stop();
  backend = undefined;
});

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const read = (asked: string, tracesFrom: readonly string[] = []) => readAsked(asked, { store, tracesFrom });
const recordingOf = async (asked: string, tracesFrom?: readonly string[]) => {
  const answer = await read(asked, tracesFrom);
  if (answer.kind !== 'recording') throw new Error('a script');
  return answer;
};

const ID = '519706298ef2f0bb8ad948ab55b2fea3';
const jaegerTrace = JSON.stringify({
  data: [
    {
      traceID: ID,
      processes: { p1: { serviceName: 'web', tags: [] } },
      spans: [
        {
          traceID: ID,
          spanID: '6e43b962d05b81d7',
          operationName: 'GET /orders/:id',
          references: [],
          startTime: 1795333153873400,
          duration: 417850,
          processID: 'p1',
          logs: [],
          tags: [
            { key: 'span.kind', type: 'string', value: 'server' },
            { key: 'http.request.method', type: 'string', value: 'GET' },
            { key: 'url.full', type: 'string', value: 'https://shop.example/orders/17' },
          ],
        },
      ],
    },
  ],
});
const jaeger = async (): Promise<StandIn> => {
  backend = await standIn({
    '/api/services': { body: JAEGER_SERVICES },
    [`/api/traces/${ID}?raw=true`]: { body: jaegerTrace },
  });
  return backend;
};

describe('what can be replayed', () => {
  it('a trace of the store, by the beginning of its ID', async () => {
    const attributes = {
      'http.request.method': 'GET',
      'url.full': 'https://shop.example/',
      'headwater.resource_type': 'document',
    };
    store.append([
      reported('run', undefined, 0, 100, { type: 'run', attributes: { 'headwater.journey': 'visit' } }),
      reported('home', 'run', 1, 90, { type: 'request', kind: 'client', attributes }),
    ]);
    const { recording, original } = await recordingOf(TRACE_ID.slice(0, 8));
    expect([recording.name, recording.from]).toEqual(['visit', `trace ${TRACE_ID}`]);
    expect(original?.report.traceId).toBe(TRACE_ID);
  });

  it.each([
    ['its ID and where to ask', (url: string) => [ID, [url]] as const],
    ['its address there', (url: string) => [`${url}/trace/${ID}?uiFind=x`, []] as const],
  ])('a trace of Jaeger: %s', async (_, ask) => {
    const { url } = await jaeger();
    const [asked, tracesFrom] = ask(url);
    const { recording, original } = await recordingOf(asked, tracesFrom);
    expect(recording.steps).toEqual([
      {
        name: 'GET /orders/17',
        actions: [
          {
            do: 'request',
            exchange: { method: 'GET', url: [{ value: BASE_URL }, '/orders/17'], headers: [] },
          },
        ],
      },
    ]);
    expect(original?.report.wallNs).toBe(417_850_000);
    expect(store.runs().map(({ traceId }) => traceId)).toEqual([ID]);
  });

  it('a file of a format that is imported, a recording, a command, a script', async () => {
    const jaegerFile = await recordingOf(file('trace.json', jaegerTrace));
    expect(jaegerFile.recording.from).toBe('Jaeger JSON trace.json');
    const flow = '{"title":"Buy","steps":[{"type":"navigate","url":"https://shop.example/"}]}';
    expect((await recordingOf(file('flow.json', flow))).recording.name).toBe('Buy');
    expect((await recordingOf(file('get.sh', 'curl https://shop.example/a'))).recording.name).toBe(
      'GET shop.example/a',
    );
    expect(await read(file('a.spec.ts', ''))).toEqual({ kind: 'script', file: join(folder, 'a.spec.ts') });
  });

  it.each([
    ['nowhere.har', /neither a file/],
    ['0af7651916cd43dd8448eb211c80319c', /--traces-from/],
    ['0af7', /No stored trace/],
  ])('not %s', async (asked, sentence) => {
    await expect(read(asked)).rejects.toThrow(sentence);
  });

  it('not a file of no known kind, an empty one, a folder', async () => {
    await expect(read(file('notes.txt', 'buy tea'))).rejects.toThrow(
      /notes\.txt is nothing that can be replayed/,
    );
    await expect(read(file('empty.har', ''))).rejects.toThrow(/is empty/);
    await expect(read(folder)).rejects.toThrow(/is a folder/);
  });

  it('not a trace that the backend does not know', async () => {
    const { url } = await jaeger();
    const unknown = ID.replace('5', '6');
    await expect(read(unknown, [url])).rejects.toThrow(new RegExp(`no trace ${unknown}`));
  });
});

describe('a plan', () => {
  const plan = async (asked: string, given = {}) =>
    planReplay(await read(asked), {
      store,
      scenariosDir: folder,
      load: (url) => import(url),
      save: join(folder, 'saved.mjs'),
      ...given,
    });

  it('walks a script of codegen, at another address if that is asked for', async () => {
    const script = file(
      'look.spec.ts',
      `import { test, expect } from '@playwright/test';
test.use({ viewport: { width: 900, height: 700 } });
test('look', async ({ page }) => { await page.goto('https://shop.example/a'); expect(1).toBe(1); });`,
    );
    const planned = await plan(script, { url: 'https://staging.example:8443' });
    expect(planned).toMatchObject({
      baseUrl: 'https://staging.example:8443',
      conditions: { viewport: { width: 900 } },
    });
    const visited: string[] = [];
    const page = { goto: async (url: string) => void visited.push(url) };
    const step = (name: string, body: () => Promise<unknown>) => {
      visited.push(name);
      return body();
    };
    await planned.journey.body({ page, step } as never);
    expect(visited).toEqual(['look', 'https://staging.example:8443/a']);
  });

  it('hands secrets to the run and keeps them out of the file', async () => {
    delete process.env.REPLAY_AUTHORIZATION;
    const { source, file: saved } = await plan(
      `curl https://shop.example/ -H 'authorization: Bearer t0p-secret'`,
    );
    expect([saved, source.includes('t0p-secret')]).toEqual([join(folder, 'saved.mjs'), false]);
    expect(process.env.REPLAY_AUTHORIZATION).toBe('t0p-secret');
    delete process.env.REPLAY_AUTHORIZATION;
  });

  it('names the same recording the same, wherever it is walked', async () => {
    const [here, there] = ['shop.example', 'staging.example'].map((host) => `curl https://${host}/a`);
    const one = await plan(here!, { url: 'https://elsewhere.example' });
    expect((await plan(here!)).digest).toBe(one.digest);
    expect((await plan(there!)).digest).not.toBe(one.digest);
  });
});
