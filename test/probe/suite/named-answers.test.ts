import { describe, expect, it } from 'vitest';
import type { CdpRequest } from '../../../probe/cdp/network-recorder.ts';
import { NamedAnswers } from '../../../probe/suite/named-answers.ts';

const SITE = new Set(['https://shop.example']);
const value = (flags: string) => `00-${'a'.repeat(32)}-${'b'.repeat(16)}-${flags}`;
const NAMED = { serverTiming: `traceparent;desc="${value('01')}"` };

const answer = (given: Partial<CdpRequest> = {}): CdpRequest => ({
  requestId: '1',
  hop: 0,
  url: 'https://shop.example/cart',
  method: 'GET',
  resourceType: 'Document',
  initiatorType: 'other',
  issuedS: 0,
  issuedUnixS: 0,
  decodedBytes: 0,
  statusCode: 200,
  ...given,
});

/** Whether a test that saw these leaves servers that need not be asked. */
function sufficeAfter(site: ReadonlySet<string>, ...tests: readonly (readonly CdpRequest[])[]): boolean {
  const answers = new NamedAnswers();
  for (const requests of tests) answers.learn(requests, site);
  return answers.suffice;
}

describe('servers that name the trace of their answers', () => {
  it('need not be asked after a test in which all did', () => {
    expect(sufficeAfter(SITE)).toBe(false);
    expect(sufficeAfter(SITE, [answer(NAMED), answer({ ...NAMED, resourceType: 'Fetch' })])).toBe(true);
    expect(sufficeAfter(SITE, [answer({ traceresponse: value('01') })])).toBe(true);
  });

  it.each([
    ['did not name it', {}],
    ['names one that it does not record', { traceresponse: value('00') }],
  ])('are asked for good when one of them %s', (_, unnamed) => {
    expect(sufficeAfter(SITE, [answer(NAMED), answer(unnamed)])).toBe(false);
    expect(sufficeAfter(SITE, [answer(NAMED)], [answer(unnamed)], [answer(NAMED)])).toBe(false);
  });

  it.each([
    ['another site', { url: 'https://ads.example/' }],
    ['a file', { resourceType: 'Image' }],
    ['a cache', { fromCache: 'disk' as const }],
    ['nobody', { statusCode: undefined }],
    ['a balancer that redirects', { statusCode: 301 }],
    ['a preflight', { method: 'OPTIONS' }],
  ])('are not judged by %s', (_, other) => {
    expect(sufficeAfter(SITE, [answer(NAMED), answer(other)])).toBe(true);
    expect(sufficeAfter(SITE, [answer(other)])).toBe(false);
  });

  it('are those of the first document, where no site was named', () => {
    const others = answer({ url: 'https://api.example/', resourceType: 'XHR' });
    expect(sufficeAfter(new Set(), [answer(NAMED), others])).toBe(true);
    expect(sufficeAfter(new Set(), [others])).toBe(false);
  });
});
