import { afterEach, describe, expect, it } from 'vitest';
import { createAgentApp } from '../../src/agent/agent-app.ts';
import { startAgent } from '../../src/agent/agent-server.ts';
import { readAnswer, readBegun } from '../../src/agent/answer.ts';
import { Sampler } from '../../src/agent/sampler.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const OTHER = '0af7651916cd43dd8448eb211c80319c';

const samplers: Sampler[] = [];
afterEach(() => Promise.all(samplers.splice(0).map((sampler) => sampler.stop())));

function agent(options: { token?: string; maxMs?: number } = {}) {
  const sampler = new Sampler({ intervalMs: 10, socketIntervalMs: 50, ...options });
  samplers.push(sampler);
  const app = createAgentApp({ sampler, host: 'web-1', ...(options.token && { token: options.token }) });
  const ask = async (method: string, path: string, headers: Record<string, string> = {}) => {
    const response = await app.request(`http://127.0.0.1:4320${path}`, { method, headers });
    return { status: response.status, body: (await response.json()) as { error?: string } };
  };
  return { sampler, ask };
}

const until = async (isSo: () => boolean) => {
  const limitMs = performance.now() + 10_000;
  while (!isSo()) {
    if (performance.now() > limitMs) throw new Error('Waited in vain.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

describe('the agent', () => {
  it('samples between begin and end, and not otherwise', async () => {
    const { sampler, ask } = agent();
    expect((await ask('GET', '/health')).body).toEqual({ ok: true, host: 'web-1', runs: 0 });
    const begun = await ask('POST', `/samples/${TRACE_ID}`);
    expect(begun.status).toBe(201);
    expect(readBegun(begun.body)?.host).toBe('web-1');
    expect(sampler.runs).toBe(1);
    const ended = await ask('DELETE', `/samples/${TRACE_ID}`);
    expect([ended.status, sampler.runs]).toEqual([200, 0]);
    const answer = readAnswer(ended.body);
    expect(answer?.cost.samples).toBeGreaterThanOrEqual(2);
    const { receivedUnixNano, answeredUnixNano } = answer!.clock;
    expect(BigInt(answeredUnixNano)).toBeGreaterThan(BigInt(receivedUnixNano));
  });

  it('says of a run that has begun, that was never begun, and of what is no trace ID', async () => {
    const { ask } = agent();
    await ask('POST', `/samples/${TRACE_ID}`);
    expect((await ask('POST', `/samples/${TRACE_ID}`)).status).toBe(409);
    expect((await ask('DELETE', `/samples/${OTHER}`)).status).toBe(404);
    for (const bad of ['abc', '0'.repeat(32), TRACE_ID.toUpperCase(), '__proto__'])
      expect((await ask('POST', `/samples/${bad}`)).status).toBe(400);
    expect((await ask('DELETE', '/samples/abc')).body.error).toContain('"abc" is not a trace ID');
    expect((await ask('GET', '/samples')).status).toBe(404);
  });

  it('samples for several runs at once, each from its own beginning', async () => {
    const { sampler, ask } = agent();
    await ask('POST', `/samples/${TRACE_ID}`);
    await ask('POST', `/samples/${OTHER}`);
    const later = readAnswer((await ask('DELETE', `/samples/${OTHER}`)).body)!;
    expect(sampler.isSampling(TRACE_ID)).toBe(true);
    const earlier = readAnswer((await ask('DELETE', `/samples/${TRACE_ID}`)).body)!;
    expect(earlier.cost.samples).toBeGreaterThan(later.cost.samples);
  });

  it('takes a bounded number of runs', async () => {
    const { ask } = agent();
    const begin = (at: number) => ask('POST', `/samples/${String(at + 1).padStart(32, '0')}`);
    const statuses: number[] = [];
    for (let at = 0; at < 17; at++) statuses.push((await begin(at)).status);
    expect(statuses).toEqual([...Array.from({ length: 16 }, () => 201), 429]);
  });

  it('ends a run that nobody ends, and forgets it', async () => {
    const { sampler, ask } = agent({ maxMs: 30 });
    await ask('POST', `/samples/${TRACE_ID}`);
    await until(() => sampler.runs === 0);
    expect((await ask('DELETE', `/samples/${TRACE_ID}`)).status).toBe(404);
  });

  it('answers nobody without its token', async () => {
    const { ask } = agent({ token: 'secret' });
    expect((await ask('POST', `/samples/${TRACE_ID}`)).status).toBe(401);
    expect((await ask('GET', '/health', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await ask('GET', '/health', { authorization: 'Bearer secret' })).status).toBe(200);
  });

  it('answers no web page, and without a token no other machine', async () => {
    const { ask } = agent();
    const path = `/samples/${TRACE_ID}`;
    expect((await ask('POST', path, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask('POST', path, { host: 'evil.example' })).status).toBe(403);
  });

  it('leaves the machine unless it has a token', async () => {
    await expect(startAgent({ host: 'web-1', address: '0.0.0.0', port: 0 })).rejects.toThrow('needs a token');
  });

  it('frees its port and its processes when it is stopped in the middle of a run', async () => {
    const running = await startAgent({ host: 'web-1', port: 0 });
    await fetch(`${running.url}/samples/${TRACE_ID}`, { method: 'POST' });
    await running.stop();
    await expect(fetch(running.url)).rejects.toThrow();
    const again = await startAgent({ host: 'web-1', port: running.port });
    expect(again.sampler.runs).toBe(0);
    await again.stop();
  });

  it('tells what is missing instead of failing: no /proc', async () => {
    const sampler = new Sampler({ procFolder: '/no/such/folder' });
    samplers.push(sampler);
    await sampler.begin(TRACE_ID);
    const told = await sampler.end(TRACE_ID);
    // Listen queues are not read there, and others' programs may let theirs fill just now.
    expect(told?.lanes.filter(({ name }) => !name.startsWith('listen queue'))).toEqual([]);
    expect(told?.warnings.map(({ code }) => code)).toContain('agent.missing');
  });
});
