/** The real Alertmanager takes what we send, groups it, tells of it, and hears when it is over. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { VALID_MS } from '../../src/alert/alertmanager-payload.ts';
import { Alerts } from '../../src/alert/send/alerts.ts';
import { testMessage } from '../../src/alert/test-message.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { startReceiver } from '../alert/receiver.ts';
import { judgedAt, LOCK, signal } from '../alert/signals.ts';
import { ALERTMANAGER, startAlertmanager } from './alertmanager.ts';

interface Kept {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly status: { readonly state: string };
}

const PATIENT = { timeout: 20_000, interval: 100 };
const why = ALERTMANAGER ? '' : ' (skipped: the program prometheus-alertmanager is not installed)';

describe.skipIf(!ALERTMANAGER)(`the real Alertmanager${why}`, () => {
  let store: Store;
  let told: Awaited<ReturnType<typeof startReceiver>>;
  let manager: Awaited<ReturnType<typeof startAlertmanager>>;
  beforeEach(async () => {
    store = openStore(':memory:');
    told = await startReceiver();
    manager = await startAlertmanager(ALERTMANAGER!, told.url);
  });
  afterEach(async () => {
    await manager?.stop();
    await told?.stop();
    store?.close();
  });

  const ask = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${manager.url}/api/v2/${path}`)).json()) as T;
  const notifications = () =>
    told.received.map(({ body }) => JSON.parse(body) as { status: string; alerts: Kept[] });
  const locked = (journey: string, more = {}) => signal(journey, { guilty: LOCK, ...more });
  const slowScan = (journey: string) => signal(journey, { guilty: { ...LOCK, cause: 'db.seq_scan' } });

  it('has one alert of the part that five journeys share, in a group with its layer, until it is over', async () => {
    const troubles: string[] = [];
    const alerts = new Alerts({
      store,
      config: {
        viewer: 'https://headwater.example',
        resolveAfter: '1ms',
        alertmanager: { url: `${manager.url}/`, labels: { team: 'shop' } },
      },
      onTrouble: (sentence) => troubles.push(sentence),
    });
    const five = 'abcde'.split('');
    const before = Date.now();
    await alerts.update([...five.map((name) => locked(name)), slowScan('f')], judgedAt(...five, 'f'));
    await alerts.flush();
    expect(troubles).toEqual([]);

    const kept = await ask<Kept[]>('alerts');
    expect(kept.map(({ labels }) => labels.cause).sort()).toEqual(['db.lock_wait', 'db.seq_scan']);
    const lock = kept.find(({ labels }) => labels.cause === 'db.lock_wait')!;
    expect(lock.labels).toEqual({
      alertname: 'HeadwaterGuiltyPart',
      layer: 'db',
      component: 'postgresql',
      cause: 'db.lock_wait',
      severity: 'page',
      team: 'shop',
    });
    expect(lock.annotations).toMatchObject({
      summary: '5 journeys, one culprit: lock wait at postgresql (database)',
      journeys: 'a, b, c, d, e',
      next: 'see which session holds the lock: pg_blocking_pids()',
    });
    expect(lock.generatorURL).toBe('https://headwater.example/run/4bf92f3577b34da6a3ce929d0e0e4736');
    expect(Date.parse(lock.endsAt)).toBeGreaterThanOrEqual(before + 4 * 60_000);
    expect(lock.status.state).toBe('active');

    await vi.waitFor(async () => {
      const groups = await ask<{ labels: object; alerts: Kept[] }[]>('alerts/groups');
      expect(groups.map(({ labels, alerts }) => [labels, alerts.length])).toEqual([[{ layer: 'db' }, 2]]);
    }, PATIENT);
    await vi.waitFor(() => {
      const last = notifications().at(-1);
      expect([last?.status, last?.alerts.length]).toEqual(['firing', 2]);
    }, PATIENT);

    for (let i = 0; i < 2; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await alerts.update([], judgedAt(...five, 'f'));
    }
    await alerts.flush();
    await vi.waitFor(() => {
      const last = notifications().at(-1);
      expect(last?.status).toBe('resolved');
      expect(last?.alerts.map(({ status }) => status)).toEqual(['resolved', 'resolved']);
    }, PATIENT);
    expect(await ask<Kept[]>('alerts')).toEqual([]);
    expect(troubles).toEqual([]);
  });

  it('has the page in the place of the ticket when it gets worse, and not both', async () => {
    const alerts = new Alerts({ store, config: { alertmanager: { url: manager.url } } });
    const guilty = { ...LOCK, cause: 'db.pool_wait' };
    await alerts.update([locked('x', { guilty, severity: 'ticket' })], judgedAt('x'));
    await alerts.flush();
    expect((await ask<Kept[]>('alerts')).map(({ labels }) => labels.severity)).toEqual(['ticket']);
    await alerts.update([locked('x', { guilty })], judgedAt('x'));
    await alerts.flush();
    await vi.waitFor(async () => {
      expect((await ask<Kept[]>('alerts')).map(({ labels }) => labels.severity)).toEqual(['page']);
    }, PATIENT);
  });

  it('ends by itself what nobody says again, and not what somebody does', async () => {
    const { channels } = new Alerts({ store, config: { alertmanager: { url: manager.url } } });
    const message = testMessage(Date.now());
    // As if it had been said so long ago that it holds for one more second.
    const say = () => channels[0]!.remind!([{ message, nowUnixMs: Date.now() - VALID_MS + 1_000 }]);
    const until = Date.now() + 3_000;
    while (Date.now() < until) {
      expect(await say()).toMatchObject({ took: true });
      expect(await ask<Kept[]>('alerts')).toHaveLength(1);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await vi.waitFor(async () => expect(await ask<Kept[]>('alerts')).toEqual([]), PATIENT);
  });

  it('takes the test alert', async () => {
    const { channels } = new Alerts({ store, config: { alertmanager: { url: manager.url } } });
    const nowUnixMs = Date.now();
    expect(await channels[0]!.send({ message: testMessage(nowUnixMs), nowUnixMs })).toMatchObject({
      took: true,
    });
    const names = (await ask<Kept[]>('alerts')).map(({ labels }) => labels.alertname);
    expect(names).toContain('HeadwaterTest');
  });
});
