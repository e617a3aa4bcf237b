import { describe, expect, it } from 'vitest';
import type { Walk } from '../../src/model/walk.ts';
import { createApp } from '../../src/serve/app.ts';
import { runSummary, runView, TRACE_ID } from '../fixtures/run-view.ts';

const view = runView();
const app = createApp({
  store: {
    runs: () => [runSummary(view)],
    run: (traceId) => (traceId === TRACE_ID ? view : undefined),
    file: () => undefined,
    findTrace: (prefix) => [TRACE_ID].filter((id) => id.startsWith(prefix)),
  },
});
const ask = (path: string) => app.request(path, { headers: { host: '127.0.0.1:4319' } });
const idOf = (name: string) => view.trace.spans.find((span) => span.name === name)!.spanId;

describe('GET /api/runs/:traceId/walk', () => {
  it('walks along the most telling request, or the one that is asked for', async () => {
    const walk = (await (await ask(`/api/runs/${TRACE_ID}/walk`)).json()) as Walk;
    expect(walk.request.name).toBe('POST /api/orders');
    const asked = (await (
      await ask(`/api/runs/${TRACE_ID.slice(0, 8)}/walk?req=${idOf('GET /')}`)
    ).json()) as Walk;
    expect(asked.request.name).toBe('GET /');
  });

  it('takes a span inside a request for that request', async () => {
    const walk = (await (
      await ask(`/api/runs/${TRACE_ID}/walk?req=${idOf('TLS handshake')}`)
    ).json()) as Walk;
    expect(walk.request.name).toBe('GET /');
  });

  it('says what was wrong with the question', async () => {
    const sentence = async (path: string) => ((await (await ask(path)).json()) as { error: string }).error;
    expect((await ask(`/api/runs/${TRACE_ID}/walk?req=ffff`)).status).toBe(404);
    expect(await sentence(`/api/runs/${TRACE_ID}/walk?req=ffff`)).toContain('has no span ffff');
    expect((await ask('/api/runs/nothex/walk')).status).toBe(400);
    expect((await ask(`/api/runs/${'a'.repeat(32)}/walk`)).status).toBe(404);
  });
});
