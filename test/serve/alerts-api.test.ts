/** What is wrong now, over the real store, and who may say that they are at it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Alerts } from '../../src/alert/send/alerts.ts';
import type { AlertRow } from '../../src/model/alert.ts';
import { reopening } from '../../src/run/reopen.ts';
import { createApp } from '../../src/serve/app.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { judgedAt, LOCK, signal } from '../alert/signals.ts';

const HOST = { host: '127.0.0.1:4319' };
let store: Store;
beforeEach(async () => {
  store = openStore(':memory:');
  await new Alerts({ store }).update(
    [signal('a', { guilty: LOCK }), signal('b', { severity: 'ticket' })],
    judgedAt('a', 'b'),
  );
});
afterEach(() => store.close());

const app = () => createApp({ store: reopening(store) });
async function rows(): Promise<AlertRow[]> {
  const answer = await app().request('/api/alerts', { headers: HOST });
  return ((await answer.json()) as { alerts: AlertRow[] }).alerts;
}
function ack(id: string, headers: Record<string, string>, body = '{"by":" Ada "}') {
  return app().request(`/api/alerts/${id}/ack`, { method: 'POST', headers: { ...HOST, ...headers }, body });
}
const JSON_TYPE = { 'content-type': 'application/json' };

describe('GET /api/alerts', () => {
  it('has what fires, the gravest first', async () => {
    expect(await rows()).toMatchObject([
      { severity: 'page', state: 'firing', journeys: ['a'], traceId: expect.any(String) },
      { severity: 'ticket', state: 'firing', journeys: ['b'] },
    ]);
  });

  it('is empty where none are kept', async () => {
    const { alerts: _, ...source } = reopening(store);
    const answer = await createApp({ store: source }).request('/api/alerts', { headers: HOST });
    expect(await answer.json()).toEqual({ alerts: [], silences: [] });
  });
});

describe('POST /api/alerts/:id/ack', () => {
  it('says who is at it', async () => {
    const [row] = await rows();
    expect((await ack(row!.id, { ...JSON_TYPE, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await rows()).find(({ id }) => id === row!.id)).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'Ada',
    });
  });

  it.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text', { 'content-type': 'text/plain' }],
    ['another site', { ...JSON_TYPE, 'sec-fetch-site': 'cross-site' }],
  ])('takes nothing from %s', async (_what, headers) => {
    const [row] = await rows();
    expect((await ack(row!.id, headers)).status).toBe(403);
    expect((await rows()).map(({ state }) => state)).toEqual(['firing', 'firing']);
  });

  it('knows no other alert, and no name in what is no name', async () => {
    expect((await ack('0123456789abcdef', JSON_TYPE)).status).toBe(404);
    const [row] = await rows();
    expect((await ack(row!.id, JSON_TYPE, 'null')).status).toBe(200);
    expect((await rows()).find(({ id }) => id === row!.id)?.acknowledgedBy).toBe('somebody');
  });
});
