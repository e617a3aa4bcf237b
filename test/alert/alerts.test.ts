/** From signals to letters, over the real store: a crash at any place, channels that are down, and what is kept. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Alerts } from '../../src/alert/send/alerts.ts';
import { acknowledge, keepSilence, keptAlerts, letters } from '../../src/alert/send/kept.ts';
import type { Answer, Post } from '../../src/alert/send/post.ts';
import type { AlertsConfig } from '../../src/config/alerts.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { runView, TRACE_ID } from '../fixtures/run-view.ts';
import { judgedAt, LOCK, MINUTE_MS, NOW, signal } from './signals.ts';

const TOOK: Answer = { took: true, says: '200 ok' };
const DOWN: Answer = { took: false, again: true, says: '503' };
const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const HOOK = { url: 'https://ops.example/hook', secretEnv: 'SECRET' };

let store: Store;
let nowUnixMs: number;
beforeEach(() => {
  store = openStore(':memory:');
  nowUnixMs = NOW;
});
afterEach(() => store.close());

interface Sent {
  readonly host: string;
  readonly body: { type?: string; text?: string; data: Record<string, unknown> } & Record<string, unknown>;
  readonly id?: string;
}

/** As after a start: it knows what the store knows. */
function started(config: AlertsConfig, answer: (host: string) => Answer = () => TOOK, over: Store = store) {
  const sent: Sent[] = [];
  const troubles: string[] = [];
  const send: Post = async (url, body, headers) => {
    const { host } = new URL(url);
    const says = answer(host);
    if (says.took) sent.push({ host, body: JSON.parse(body), id: headers['webhook-id'] });
    return says;
  };
  const alerts = new Alerts({
    store: over,
    config,
    env: { SECRET },
    now: () => nowUnixMs,
    random: () => 1,
    send,
    onTrouble: (sentence) => troubles.push(sentence),
  });
  return { alerts, sent, troubles };
}
const locked = (journey: string) => signal(journey, { guilty: LOCK });
const minute = (n: number) => {
  nowUnixMs = NOW + n * MINUTE_MS;
};
const eventsOf = (sent: readonly Sent[]) => sent.map(({ body }) => body.type);

describe('alerts over the store', () => {
  it('are sent to every channel once, also after a restart', async () => {
    const config: AlertsConfig = { webhook: HOOK, slack: { url: 'https://slack.example/x' } };
    const first = started(config);
    await first.alerts.update([locked('a')], judgedAt('a'));
    await first.alerts.flush();
    expect(first.sent.map(({ host }) => host).sort()).toEqual(['ops.example', 'slack.example']);
    const second = started(config);
    minute(1);
    await second.alerts.update([locked('a'), locked('b')], judgedAt('a', 'b'));
    for (const n of [11, 12]) {
      minute(n);
      await second.alerts.update([], judgedAt('a', 'b'));
    }
    await second.alerts.flush();
    expect(eventsOf(second.sent.filter(({ host }) => host === 'ops.example'))).toEqual(['alert.resolved']);
    expect(letters(store, 'alert_letter')).toEqual([]);
  });

  it('go out once each wherever a crash falls', async () => {
    for (let crashAt = 0; crashAt < 12; crashAt++) {
      store.close();
      store = openStore(':memory:');
      minute(0);
      let writes = 0;
      const dying = new Proxy(store, {
        get(target, name) {
          const value = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            if ((name === 'keepRecord' || name === 'dropRecord') && writes++ >= crashAt)
              throw new Error('crash');
            return value.apply(target, args);
          };
        },
      });
      const config: AlertsConfig = { webhook: HOOK };
      const isAlive = () => writes <= crashAt;
      const before = started(config, () => (isAlive() ? TOOK : DOWN), dying);
      await before.alerts.update([locked('a')], judgedAt('a')).catch(() => {});
      await before.alerts.flush().catch(() => {});
      minute(1);
      const after = started(config);
      await after.alerts.update([locked('a')], judgedAt('a'));
      await after.alerts.flush();
      const sent = [...before.sent, ...after.sent];
      expect(new Set(eventsOf(sent))).toEqual(new Set(['alert.firing']));
      // The one place where it may be sent twice: taken, and the note of that lost. The receiver knows it by its id.
      expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
      expect(sent.length).toBe(!isAlive() && before.sent.length > 0 ? 2 : 1);
    }
  });

  it('wait for a channel that is down, in order, and do not hold up another', async () => {
    let isDown = true;
    const config: AlertsConfig = { webhook: HOOK, slack: { url: 'https://slack.example/x' } };
    const { alerts, sent, troubles } = started(config, (host) =>
      isDown && host === 'ops.example' ? DOWN : TOOK,
    );
    await alerts.update([locked('a')], judgedAt('a'));
    await alerts.flush();
    expect(sent.map(({ host }) => host)).toEqual(['slack.example']);
    expect(troubles[0]).toMatch(/could not be sent to webhook \(503\): it is tried again/);
    for (const n of [11, 12]) {
      minute(n);
      await alerts.update([], judgedAt('a'));
      await alerts.flush();
    }
    isDown = false;
    minute(30);
    await alerts.flush();
    expect(eventsOf(sent.filter(({ host }) => host === 'ops.example'))).toEqual([
      'alert.firing',
      'alert.resolved',
    ]);
  });

  it('never overtake one that is tried again', async () => {
    let tries = 0;
    const { alerts, sent } = started({ webhook: HOOK }, () => (tries++ === 0 ? DOWN : TOOK));
    await alerts.update([signal('a'), signal('b')], judgedAt('a', 'b'));
    await alerts.flush();
    expect(sent).toEqual([]);
    minute(1);
    await alerts.flush();
    expect(sent).toHaveLength(2);
  });

  it('are not tried again before it is time, nor before the channel asked for', async () => {
    let tries = 0;
    const answers: Answer[] = [DOWN, { ...DOWN, retryAfterMs: 120_000 } as Answer, TOOK];
    const { alerts } = started({ webhook: HOOK }, () => answers[tries++]!);
    await alerts.update([locked('a')], judgedAt('a'));
    await alerts.flush();
    nowUnixMs += 4_999;
    await alerts.flush();
    expect(tries).toBe(1);
    nowUnixMs += 1;
    await alerts.flush();
    expect(tries).toBe(2);
    nowUnixMs += 119_999;
    await alerts.flush();
    expect(tries).toBe(2);
    nowUnixMs += 1;
    await alerts.flush();
    expect(tries).toBe(3);
    expect(letters(store, 'alert_letter')).toEqual([]);
  });

  it('become dead letters when nobody takes them, and live again when somebody does', async () => {
    let isDown = true;
    const { alerts, sent, troubles } = started({ webhook: HOOK, giveUpAfter: '5m' }, () =>
      isDown ? DOWN : TOOK,
    );
    await alerts.update([locked('a')], judgedAt('a'));
    for (let n = 0; n < 12; n++) {
      minute(n / 2);
      await alerts.flush();
    }
    expect(letters(store, 'alert_letter')).toEqual([]);
    expect(letters(store, 'dead_letter')).toHaveLength(1);
    expect(troubles.at(-1)).toContain('given up; headwater alert dead-letters');
    await alerts.outbox.resendDead();
    expect(letters(store, 'dead_letter')).toHaveLength(1);
    isDown = false;
    await alerts.outbox.resendDead();
    expect(letters(store, 'dead_letter')).toEqual([]);
    expect(eventsOf(sent)).toEqual(['alert.firing']);
  });

  it('that will never be taken are dead at once, and do not hold up what follows', async () => {
    let tries = 0;
    const { alerts, sent } = started({ webhook: HOOK }, () =>
      tries++ === 0 ? { took: false, again: false, says: '400' } : TOOK,
    );
    await alerts.update([locked('a'), signal('b')], judgedAt('a', 'b'));
    await alerts.flush();
    expect(letters(store, 'dead_letter')).toHaveLength(1);
    expect(sent).toHaveLength(1);
  });

  it('heed silences and acknowledgements that others keep in the store', async () => {
    const { alerts, sent } = started({ webhook: HOOK });
    const silence = { id: 's', matcher: { journey: 'b' }, atUnixMs: NOW, untilUnixMs: NOW + 60 * MINUTE_MS };
    keepSilence(store, silence);
    await alerts.update([locked('a'), signal('b')], judgedAt('a', 'b'));
    await alerts.flush();
    expect(sent.map(({ body }) => body.data.journeys)).toEqual([['a']]);
    acknowledge(store, keptAlerts(store).find(({ alert }) => alert.told)!.alert.id, { atUnixMs: NOW });
    await alerts.update('acdefgh'.split('').map(locked), judgedAt('a'));
    await alerts.flush();
    expect(sent).toHaveLength(1);
  });

  it('go to a channel for pages only when they are pages', async () => {
    const { alerts, sent } = started({ webhook: { ...HOOK, pagesOnly: true } });
    await alerts.update([signal('a', { severity: 'ticket' })], judgedAt('a'));
    await alerts.flush();
    expect(sent).toEqual([]);
    minute(1);
    await alerts.update([signal('a')], judgedAt('a'));
    await alerts.flush();
    expect(eventsOf(sent)).toEqual(['alert.updated']);
  });

  it('bring the last picture of the page, and links to the run and its comparison', async () => {
    store.saveRun(runView());
    const { frames } = runView();
    const file = frames!.at(-1)!.file;
    store.attach(TRACE_ID, [{ name: file, mediaType: 'image/jpeg', body: new Uint8Array([1, 2, 3]) }]);
    const { alerts, sent } = started({ webhook: HOOK, viewer: 'https://headwater.example/' });
    await alerts.update([signal('a', { traceId: TRACE_ID })], judgedAt('a'));
    await alerts.flush();
    const { picture, links } = sent[0]!.body.data as Record<string, never>;
    expect(picture).toEqual({ mediaType: 'image/jpeg', base64: 'AQID' });
    expect(links).toMatchObject({
      run: `https://headwater.example/run/${TRACE_ID}`,
      picture: `https://headwater.example/api/runs/${TRACE_ID}/files/${file}`,
    });
  });

  it('keep no secret, neither of a signal nor of a channel', async () => {
    const slack = { url: 'https://slack.example/T0/hunter2' };
    const { alerts } = started({ slack, webhook: HOOK }, (host) => ({
      took: false,
      again: true,
      says: host === 'ops.example' ? `no ${SECRET}` : `no ${slack.url}`,
    }));
    const leaky = signal('a', {
      evidence: 'GET /?token=hunter2 answered 500',
      site: 'me.example?token=hunter2',
    });
    await alerts.update([leaky], [leaky]);
    await alerts.flush();
    const kept = ['alert', 'alert_letter', 'dead_letter'].map((kind) => store.records(kind));
    expect(JSON.stringify(kept)).toContain('[redacted]');
    expect(JSON.stringify(kept)).not.toMatch(/hunter2|whsec_/);
    for (const n of [11, 12]) {
      minute(n);
      await alerts.update([], [leaky]);
    }
    expect(keptAlerts(store)[0]?.alert.resolvedUnixMs).toBe(nowUnixMs);
  });

  it('are said again every minute to what forgets them, while they fire and a while after', async () => {
    const { alerts, sent } = started({ alertmanager: { url: 'http://am.example' } });
    await alerts.update([locked('a')], judgedAt('a'));
    for (let n = 0; n < 12; n++) {
      minute(n / 2);
      await alerts.flush();
    }
    expect(sent).toHaveLength(1 + 6);
    for (const n of [11, 12]) {
      minute(n);
      await alerts.update([], judgedAt('a'));
    }
    await alerts.flush();
    for (let n = 13; n < 60; n++) {
      minute(n);
      await alerts.flush();
    }
    const ends = sent.map(({ body }) => Date.parse((body as unknown as { endsAt: string }[])[0]!.endsAt));
    expect(ends.slice(-16)).toEqual(Array(16).fill(NOW + 12 * MINUTE_MS));
    expect(sent).toHaveLength(1 + 6 + 2 + 15);
  });

  it('are forgotten a month after they were over', async () => {
    const { alerts } = started({});
    await alerts.update([locked('a')], judgedAt('a'));
    for (const n of [11, 12, 13 + 31 * 24 * 60]) {
      minute(n);
      await alerts.update([], judgedAt('a'));
    }
    expect(keptAlerts(store)).toEqual([]);
  });

  it('send by themselves once started, and stop', async () => {
    const { alerts, sent } = started({ webhook: HOOK });
    alerts.start();
    await alerts.update([locked('a')], judgedAt('a'));
    await alerts.stop();
    expect(sent).toHaveLength(1);
  });
});
