/** What goes over the wire: signed, never redirected, and what an answer means for trying again. */
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { waitMs } from '../../src/alert/backoff.ts';
import { channelsOf } from '../../src/alert/send/channels.ts';
import { answerOf, post, retryAfterOf } from '../../src/alert/send/post.ts';
import { signatureHeaders, signingKey } from '../../src/alert/send/signature.ts';
import { testMessage } from '../../src/alert/test-message.ts';
import { startReceiver } from './receiver.ts';
import { NOW } from './signals.ts';

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
async function receiver(...reply: Parameters<typeof startReceiver>) {
  const started = await startReceiver(...reply);
  stops.push(started.stop);
  return started;
}

describe('a signature', () => {
  it('is the one of the specification, which its own libraries are held to', () => {
    const key = signingKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const headers = signatureHeaders(
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1_614_265_330_000,
      '{"test": 2432232314}',
      key,
    );
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it.each(['', 'whsec_', 'whsec_c2hvcnQ=', 'hunter2hunter2hunter2hunter2hunter2'])(
    'is not made with an unusable key, which is not repeated: %j',
    (secret) => {
      expect(() => signingKey(secret)).toThrow(/must be whsec_ and 24 to 64 random bytes in base64/);
      try {
        signingKey(secret);
      } catch (error) {
        if (secret.length > 6) expect(String(error)).not.toContain(secret);
      }
    },
  );
});

describe('a webhook', () => {
  it('is verified by an independent library, and not when a byte is changed', async () => {
    const { url, received } = await receiver();
    const config = { webhook: { url: `${url}/hook`, secretEnv: 'HOOK_SECRET' } };
    const [channel] = channelsOf(config, { env: { HOOK_SECRET: SECRET }, post });
    const nowUnixMs = Date.now();
    const answer = await channel!.send({ message: testMessage(nowUnixMs), nowUnixMs });
    expect(answer).toEqual({ took: true, says: '200 ok' });
    const { headers, body, path } = received[0]!;
    expect(path).toBe('/hook');
    const given = headers as Record<string, string>;
    const verified = new Webhook(SECRET).verify(body, given) as { type: string; data: object };
    expect(verified.type).toBe('alert.test');
    expect(verified.data).toMatchObject({
      severity: 'ticket',
      text: expect.stringMatching(/^Test, nothing/),
    });
    expect(() => new Webhook(SECRET).verify(`${body} `, given)).toThrow();
    expect(() => new Webhook(`${SECRET.slice(0, -2)}A=`).verify(body, given)).toThrow();
  });
});

describe('a channel', () => {
  const slack = (url: string) =>
    channelsOf({ slack: { urlEnv: 'SLACK_URL' } }, { env: { SLACK_URL: url }, post })[0]!;
  const dispatch = { message: testMessage(NOW), nowUnixMs: NOW };

  it('is not followed to elsewhere', async () => {
    const elsewhere = await receiver();
    const { url } = await receiver(() => ({ status: 307, headers: { location: elsewhere.url } }));
    const answer = await slack(url).send(dispatch);
    expect(answer).toMatchObject({ took: false, again: false, says: expect.stringContaining('a redirect') });
    expect(elsewhere.received).toEqual([]);
  });

  it('never has its secret address in what is kept of its answer', async () => {
    const { url, received } = await receiver(({ path }) => ({
      status: 404,
      body: `nothing at ${url}${path}`,
    }));
    const answer = await slack(`${url}/services/T0/B0/secret`).send(dispatch);
    expect(received).toHaveLength(1);
    expect(answer.says).toBe('404 nothing at [redacted]');
  });

  it('that is not there is tried again', async () => {
    const { url, stop } = await startReceiver();
    await stop();
    expect(await slack(url).send(dispatch)).toMatchObject({ took: false, again: true, says: 'ECONNREFUSED' });
  });

  it.each([
    ['is not set', {}, /^alerts.slack.urlEnv: the environment variable SLACK_URL is not set\.$/],
    ['holds no address', { SLACK_URL: 'hunter2' }, /^The environment variable SLACK_URL holds no address\.$/],
  ])('cannot be used when its variable %s', (_what, env, words) => {
    expect(() => channelsOf({ slack: { urlEnv: 'SLACK_URL' } }, { env, post })).toThrow(words);
  });

  it('has a name of its own', () => {
    const urls = [{ url: 'http://a.example' }, { url: 'http://b.example' }];
    expect(channelsOf({ slack: urls }, { env: {}, post }).map(({ name }) => name)).toEqual([
      'slack',
      'slack-2',
    ]);
    const twice = urls.map((one) => ({ ...one, name: 'ops' }));
    expect(() => channelsOf({ slack: twice }, { env: {}, post })).toThrow('two channels are called ops');
  });
});

describe('an answer', () => {
  it.each([
    [204, true, undefined],
    [400, false, false],
    [401, false, false],
    [404, false, false],
    [410, false, false],
    [408, false, true],
    [429, false, true],
    [500, false, true],
    [503, false, true],
  ])('%i: taken %s, again %s', (status, took, again) => {
    expect(answerOf(status, null, '')).toMatchObject({ took, ...(again !== undefined && { again }) });
  });

  it('says when to come back: in seconds, or at a date', () => {
    expect(retryAfterOf('120', NOW)).toBe(120_000);
    expect(retryAfterOf(new Date(NOW + 90_000).toUTCString(), NOW)).toBe(90_000);
    expect(retryAfterOf(new Date(NOW - 90_000).toUTCString(), NOW)).toBe(0);
    expect(retryAfterOf('soon', NOW)).toBeUndefined();
    expect(retryAfterOf(null, NOW)).toBeUndefined();
  });

  it('is waited for longer each time, with some chance in it, and never less than was asked for', () => {
    expect([1, 2, 3, 4].map((n) => waitMs(n, 1))).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect([1, 2, 3, 4].map((n) => waitMs(n, 0))).toEqual([2_500, 5_000, 10_000, 20_000]);
    expect(waitMs(50, 1)).toBe(300_000);
    expect(waitMs(1, 1, 120_000)).toBe(120_000);
  });
});
