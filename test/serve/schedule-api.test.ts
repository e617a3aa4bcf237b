/** The schedule over HTTP: seen, steered, and closed to other people's pages. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ScheduleHealth } from '../../src/model/schedule.ts';
import { Refused } from '../../src/schedule/refused.ts';
import { createApp } from '../../src/serve/app.ts';
import type { Scheduling } from '../../src/serve/schedule-api.ts';

const HOST = '127.0.0.1:4319';
const none = { runs: () => [], run: () => undefined, file: () => undefined, findTrace: () => [] };
const standing = {
  nowUnixMs: 5,
  state: 'on',
  paused: false,
  concurrency: 1,
  journeys: [],
  recent: [],
} as const;
let health: ScheduleHealth;
let done: string[];
const schedule: Scheduling = {
  standing: () => standing,
  health: () => health,
  pause: (journey) => void done.push(`pause ${journey}`),
  resume: (journey) => void done.push(`resume ${journey}`),
  runNow: (journey) => {
    if (journey === 'busy') throw new Refused('"busy" is being walked at this moment.');
    done.push(`run ${journey}`);
  },
};
beforeEach(() => {
  done = [];
  health = { ok: true, lookedUnixMs: 5, lateMs: 0, running: [], sentence: 'The schedule is on.' };
});

const app = createApp({ store: none, schedule });
const get = (path: string) => app.request(path, { headers: { host: HOST } });
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  app.request(path, {
    method: 'POST',
    headers: { host: HOST, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('seen', () => {
  it('tells how it stands', async () => {
    const answer = await get('/api/schedule');
    expect([answer.status, await answer.json()]).toEqual([200, standing]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
  it('is healthy while it looks, and says so by its status', async () => {
    expect((await get('/health')).status).toBe(200);
    health = { ...health, ok: false, lateMs: 90_000, sentence: 'It hangs.' };
    const answer = await get('/health');
    expect([answer.status, await answer.json()]).toEqual([503, health]);
  });
  it('is said not to be there by a server without one', async () => {
    const plain = createApp({ store: none });
    const answer = await plain.request('/api/schedule', { headers: { host: HOST } });
    expect(await answer.json()).toMatchObject({ state: 'off', journeys: [] });
    const asked = await plain.request('/api/schedule/pause', { method: 'POST', headers: { host: HOST } });
    expect(asked.status).toBe(404);
  });
});

describe('steered', () => {
  it.each([
    ['pause', { journey: 'a' }, 'pause a'],
    ['pause', {}, 'pause undefined'],
    ['resume', { journey: 'a' }, 'resume a'],
    ['run', { journey: 'a' }, 'run a'],
  ])('%s %j', async (action, body, act) => {
    const answer = await post(`/api/schedule/${action}`, body, { origin: `http://${HOST}` });
    expect([answer.status, await answer.json()]).toEqual([200, standing]);
    expect(done).toEqual([act]);
  });
  it.each([
    ['what cannot be now', 'run', { journey: 'busy' }, 409, 'is being walked'],
    ['a run of nothing', 'run', {}, 409, 'Which journey'],
    ['a journey that is no name', 'pause', { journey: 5 }, 400, 'JSON object'],
    ['no object', 'pause', 'a', 400, 'JSON object'],
  ])('refuses %s', async (_name, action, body, status, words) => {
    const answer = await post(`/api/schedule/${action}`, body);
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as { error: string }).error).toContain(words);
    expect(done).toEqual([]);
  });
});

describe('closed', () => {
  it.each([
    ['a page from elsewhere', { origin: 'https://evil.example' }, 403],
    ['a page that hides its origin', { origin: 'null' }, 403],
    ['another port of this machine', { origin: 'http://127.0.0.1:8080' }, 403],
    ['a name that was rebound', { host: 'evil.example' }, 403],
    ['a form', { 'content-type': 'text/plain' }, 415],
  ])('to %s', async (_name, headers, status) => {
    expect((await post('/api/schedule/pause', {}, headers)).status).toBe(status);
    expect(done).toEqual([]);
  });
  it('to reading what changes something', async () => {
    expect((await get('/api/schedule/pause')).status).toBe(404);
    expect(done).toEqual([]);
  });
});
