import { expect, it } from 'vitest';
import type { Pipes } from '../../src/model/pipes.ts';
import { createApp } from '../../src/serve/app.ts';
import { runView, TRACE_ID } from '../fixtures/run-view.ts';

const view = runView();
const app = createApp({
  store: {
    runs: () => [],
    run: (traceId) => (traceId === TRACE_ID ? view : undefined),
    file: () => undefined,
    findTrace: (prefix) => [TRACE_ID].filter((id) => id.startsWith(prefix)),
  },
});
const ask = (path: string) => app.request(path, { headers: { host: '127.0.0.1:4319' } });

it('gives the plumbing of a run, by its trace ID or the start of it', async () => {
  for (const id of [TRACE_ID, TRACE_ID.slice(0, 8).toUpperCase()]) {
    const pipes = (await (await ask(`/api/runs/${id}/pipes`)).json()) as Pipes;
    expect(pipes.report.traceId).toBe(TRACE_ID);
    expect(pipes.guilty).toBe('db:postgresql');
  }
});

it('says of a run that is not there that it is not there', async () => {
  const answer = await ask(`/api/runs/${'e'.repeat(32)}/pipes`);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({
    error: `No run with the trace ID ${'e'.repeat(32)} is stored here.`,
    running: false,
  });
  expect((await ask('/api/runs/nonsense/pipes')).status).toBe(400);
});
