import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackColumns } from '../../src/analyse/columns/packed.ts';
import { viewOf } from '../../src/analyse/columns/span-at.ts';
import { createApp } from '../../src/serve/app.ts';
import type { RunSource } from '../../src/serve/run-source.ts';
import { runSummary, runView, TRACE_ID } from '../fixtures/run-view.ts';

const OTHER_ID = '4bf92f3577b34da6ffffffffffffffff';
const RUNNING_ID = 'aaaa2f3577b34da6a3ce929d0e0e4736';
const views = [runView(), runView({ traceId: OTHER_ID })];
const store: RunSource = {
  runs: (limit = 100) =>
    [
      ...views.map((view) => runSummary(view)),
      runSummary(runView({ traceId: RUNNING_ID }), { status: 'running' }),
    ].slice(0, limit),
  run: (traceId) => views.find((view) => view.report.traceId === traceId),
  file: (_, name) =>
    name === 'frames/1.jpg' ? { name, mediaType: 'image/jpeg', body: Uint8Array.of(255, 216) } : undefined,
  findTrace: (prefix) => views.map((view) => view.report.traceId).filter((id) => id.startsWith(prefix)),
};

const HOST = { host: '127.0.0.1:4319' };
let viewerDir = '';
const ask = (path: string, headers: Record<string, string> = HOST, method = 'GET') =>
  createApp({ store, viewerDir }).request(path, { headers, method });
const sentence = async (response: Response) => ((await response.json()) as { error: string }).error;

beforeAll(() => {
  viewerDir = mkdtempSync(join(tmpdir(), 'headwater-app-'));
  mkdirSync(join(viewerDir, 'assets'));
  writeFileSync(join(viewerDir, 'index.html'), '<!doctype html><title>Headwater</title>');
  writeFileSync(join(viewerDir, 'assets/app-1a2b.js'), 'export {};');
});
afterAll(() => rmSync(viewerDir, { recursive: true, force: true }));

describe('the API', () => {
  it('gives the files of a run, as what they are', async () => {
    const picture = await ask(`/api/runs/${OTHER_ID}/files/frames/1.jpg`);
    expect(picture.headers.get('content-type')).toBe('image/jpeg');
    expect(new Uint8Array(await picture.arrayBuffer())).toEqual(Uint8Array.of(255, 216));
    expect((await ask(`/api/runs/${OTHER_ID}/files/frames/2.jpg`)).status).toBe(404);
  });

  it('lists runs, as many as were asked for', async () => {
    expect(await (await ask('/api/runs')).json()).toHaveLength(3);
    expect(await (await ask('/api/runs?limit=1')).json()).toHaveLength(1);
    expect(await (await ask('/api/runs?limit=-4')).json()).toHaveLength(3);
  });

  it('gives a run by its trace ID, whole or a unique prefix', async () => {
    expect(await (await ask(`/api/runs/${TRACE_ID}`)).json()).toEqual(JSON.parse(JSON.stringify(views[0])));
    const byPrefix = (await (await ask('/api/runs/4bf92f3577b34da6a')).json()) as {
      report: { traceId: string };
    };
    expect(byPrefix.report.traceId).toBe(TRACE_ID);
    expect((await ask(`/api/runs/${TRACE_ID.toUpperCase()}`)).status).toBe(200);
  });

  it('says what is wrong with a trace ID that leads nowhere', async () => {
    const answers = await Promise.all(
      ['4bf9', 'f'.repeat(32), 'nonsense', RUNNING_ID].map((id) => ask(`/api/runs/${id}`)),
    );
    expect(answers.map((answer) => answer.status)).toEqual([409, 404, 400, 404]);
    const [many, none, bad, running] = await Promise.all(answers.map(sentence));
    expect(many).toBe('2 traces start with 4bf9: give more digits.');
    expect(none).toContain('No run with the trace ID');
    expect(bad).toBe('"nonsense" is not a trace ID: give 4 to 32 hex digits.');
    expect(running).toContain('still under way');
  });

  it('answers an unknown address with a JSON sentence, and a broken store with 500', async () => {
    const missing = await ask('/api/nothing');
    expect([missing.status, await sentence(missing)]).toEqual([404, 'There is no /api/nothing in this API.']);
    const seen: string[] = [];
    const broken = createApp({
      store: {
        ...store,
        runs: () => {
          throw new Error('disk is full');
        },
      },
      onError: (error) => seen.push(error.message),
    });
    const answer = await broken.request('/api/runs', { headers: HOST });
    expect([answer.status, seen]).toEqual([500, ['disk is full']]);
    expect(await sentence(answer)).toContain('disk is full');
  });

  it('gives a run as columns too, as they are stored or made now', async () => {
    const made = await ask(`/api/runs/${TRACE_ID}/columns`);
    expect(made.headers.get('content-type')).toBe('application/vnd.headwater.columns');
    const bytes = new Uint8Array(await made.arrayBuffer());
    expect(Number(made.headers.get('content-length'))).toBe(bytes.length);
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    expect(plain(viewOf(unpackColumns(bytes)).trace)).toEqual(plain(views[0]?.trace));

    const stored = createApp({ store: { ...store, columns: () => [Uint8Array.of(1), Uint8Array.of(2, 3)] } });
    const answer = await stored.request(`/api/runs/${TRACE_ID}/columns`, { headers: HOST });
    expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([1, 2, 3]);
    for (const id of ['f'.repeat(32), 'nonsense'])
      expect((await ask(`/api/runs/${id}/columns`)).status).toBe((await ask(`/api/runs/${id}`)).status);
  });

  it('compresses what is worth it', async () => {
    const answer = await ask(`/api/runs/${TRACE_ID}`, { ...HOST, 'accept-encoding': 'gzip' });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(JSON.parse(gunzipSync(Buffer.from(await answer.arrayBuffer())).toString())).toHaveProperty(
      'report',
    );
  });
});

describe('a page elsewhere', () => {
  it('cannot read the API under its own name (DNS rebinding)', async () => {
    for (const host of [
      'evil.example',
      'evil.example:4319',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
    ]) {
      expect((await ask('/api/runs', { host })).status, host).toBe(403);
    }
    for (const host of ['127.0.0.1:4319', 'localhost:4319', 'LOCALHOST', '[::1]:4319']) {
      expect((await ask('/api/runs', { host })).status, host).toBe(200);
    }
  });

  it('finds no inline script allowed, no framing, no guessing of types', async () => {
    const { headers } = await ask('/');
    expect(headers.get('content-security-policy')).toContain("script-src 'self';");
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
  });
});

describe('the viewer files', () => {
  it('are served, and the viewer’s own addresses lead to its page', async () => {
    for (const path of ['/', `/run/${TRACE_ID}`, `/run/${TRACE_ID}?sel=1`]) {
      expect(await (await ask(path)).text(), path).toContain('<title>Headwater');
    }
    const asset = await ask('/assets/app-1a2b.js');
    expect(asset.headers.get('content-type')).toContain('javascript');
    expect(asset.headers.get('cache-control')).toContain('immutable');
  });

  it('are missed with 404, never with a page in disguise, and never found outside the folder', async () => {
    for (const path of [
      '/assets/gone.js',
      '/nothing',
      '/..%2f..%2fetc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
    ]) {
      expect((await ask(path)).status, path).toBe(404);
    }
  });

  it('say how to build them when they are not there', async () => {
    const answer = await createApp({ store, viewerDir: join(viewerDir, 'none') }).request('/', {
      headers: HOST,
    });
    expect([answer.status, await sentence(answer)]).toEqual([
      503,
      expect.stringContaining('npm run build:viewer'),
    ]);
  });
});

describe('a run of which something was dropped', () => {
  const dropped = { spans: { atUnixMs: Date.UTC(2026, 10, 28), by: 'days' } } as const;
  const gone = { ...dropped, report: { atUnixMs: Date.UTC(2026, 10, 29), by: 'size' } } as const;
  const left = { ...runView(), trace: { ...runView().trace, spans: [] }, dropped };
  const of = (source: Partial<RunSource>) => createApp({ store: { ...store, ...source } });
  const askOf = (source: Partial<RunSource>, path: string) => of(source).request(path, { headers: HOST });

  it.each(['/columns', '/pipes', '/walk'])('has no %s any more, and says why', async (path) => {
    const answer = await askOf({ run: () => left }, `/api/runs/${TRACE_ID}${path}`);
    expect(answer.status).toBe(410);
    expect(await answer.json()).toEqual({
      error: `Run ${TRACE_ID.slice(0, 8)} cannot be drawn any more: its spans were dropped on 2026-11-28 by keep.days. Its verdict, ledger and steps are kept.`,
      dropped: true,
    });
  });

  it('has its report still, until that goes too', async () => {
    expect((await askOf({ run: () => left }, `/api/runs/${TRACE_ID}`)).status).toBe(200);
    const summary = () => runSummary(runView(), { dropped: gone });
    const answer = await askOf({ run: () => undefined, summary }, `/api/runs/${TRACE_ID}`);
    expect([answer.status, await sentence(answer)]).toEqual([
      410,
      `Only the row of run ${TRACE_ID.slice(0, 8)} is kept, with its layers and steps: its spans were dropped on 2026-11-28 by keep.days; its report was dropped on 2026-11-29 by keep.size.`,
    ]);
  });
});
