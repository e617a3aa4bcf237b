/** What docs/alerts.md gives to receivers of webhooks works as it stands there. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { signatureHeaders, signingKey } from '../../src/alert/send/signature.ts';

const text = readFileSync(new URL('../../docs/alerts.md', import.meta.url), 'utf8');
const [, code = ''] = /```js\n([\s\S]*?)```/.exec(text) ?? [];
const { isGenuine } = (await import(
  /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`
)) as {
  isGenuine: (headers: object, body: string, secret: string, nowSeconds?: number) => boolean;
};

describe('the lines for receivers of webhooks', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const body = '{"type":"alert.firing"}';
  const headers = signatureHeaders('msg_1', 1_000_000_000_500, body, signingKey(secret));

  it('take what we sign', () => {
    expect(isGenuine(headers, body, secret, 1_000_000_010)).toBe(true);
  });

  it.each([
    ['another body', headers, `${body} `, secret, 1_000_000_010],
    ['another secret', headers, body, 'whsec_AfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 1_000_000_010],
    ['another id', { ...headers, 'webhook-id': 'msg_2' }, body, secret, 1_000_000_010],
    ['what is old', headers, body, secret, 1_000_000_301],
  ])('refuse %s', (_what, given, sent, key, now) => {
    expect(isGenuine(given, sent, key, now)).toBe(false);
  });
});
