import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerFrom, zoneOf } from '../../scenarios/shop/dns-zone.ts';
import { zonesAt } from '../../scenarios/shop/dns-zones.ts';

const [root, tld, own] = zonesAt(['127.53.0.1', '127.53.0.2', '127.53.0.3', '127.53.0.4']);

describe('an authoritative answer', () => {
  it('refers downwards with glue, and without authority', () => {
    const reply = answerFrom([root], 'shop.headwater.test', 'A');
    expect(reply).toMatchObject({
      rcode: 'NOERROR',
      authoritative: false,
      answers: [],
      authorities: [{ name: 'test', type: 'NS', data: 'ns.nic.test' }],
      additionals: [{ name: 'ns.nic.test', type: 'A', data: '127.53.0.2' }],
    });
    expect(answerFrom([tld], 'shop.headwater.test', 'A').additionals).toMatchObject([
      { data: '127.53.0.3' },
      { data: '127.53.0.4' },
    ]);
  });

  it('answers in any case of the name', () => {
    expect(answerFrom([own], 'SHOP.headwater.TEST', 'A').answers).toMatchObject([
      { type: 'A', data: '127.0.0.1' },
    ]);
  });

  it('follows an alias inside the zone', () => {
    const { answers } = answerFrom([own], 'static.shop.headwater.test', 'A');
    expect(answers.map(({ name, type }) => [name, type])).toEqual([
      ['static.shop.headwater.test', 'CNAME'],
      ['assets.headwater.test', 'A'],
    ]);
  });

  it.each(['AAAA', 'UNKNOWN_65', 'MX'])('has no %s for the shop, and says so with the SOA', (type) => {
    const reply = answerFrom([own], 'shop.headwater.test', type);
    expect(reply).toMatchObject({
      rcode: 'NOERROR',
      answers: [],
      authorities: [{ type: 'SOA', name: 'headwater.test' }],
    });
  });

  it('tells a name that does not exist from one that only has names below it', () => {
    const withDeepName = {
      ...own,
      records: [{ name: 'a.b.headwater.test', type: 'A', ttl: 1, data: '127.0.0.1' } as const],
    };
    expect(answerFrom([own], 'nobody.headwater.test', 'A').rcode).toBe('NXDOMAIN');
    expect(answerFrom([withDeepName], 'b.headwater.test', 'A').rcode).toBe('NOERROR');
  });

  it('refuses what is not its own', () => {
    expect(answerFrom([own], 'example.com', 'A')).toMatchObject({ rcode: 'REFUSED', authoritative: false });
  });

  it('answers for all zones at once from the deepest one, where there is only one address', () => {
    expect(zoneOf([root, tld, own], 'shop.headwater.test')).toBe(own);
    expect(answerFrom([root, tld, own], 'shop.headwater.test', 'A').answers).toHaveLength(1);
  });

  it('says something to any question', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, type) => {
        const { rcode, answers } = answerFrom([own, tld], name, type);
        expect(['NOERROR', 'NXDOMAIN', 'REFUSED']).toContain(rcode);
        if (rcode !== 'NOERROR') expect(answers).toEqual([]);
      }),
    );
  });
});
