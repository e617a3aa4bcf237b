import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type LookupTry, readNetLog } from '../../src/import/netlog.ts';

const REAL = readFileSync(new URL('../fixtures/netlog/chromium-156-own-dns.json', import.meta.url), 'utf8');
const OVER_HTTPS = readFileSync(new URL('../fixtures/netlog/chromium-156.json', import.meta.url), 'utf8');

const RESPONSE = /"DNS_TRANSACTION_RESPONSE":(\d+)/.exec(REAL)?.[1];

const told = ({ transport, server, rcode, answerCount, wasTruncated }: LookupTry) =>
  `${transport} ${server ?? 'unknown'} ${rcode ?? 'silent'} ${answerCount ?? '-'}${wasTruncated ? ' truncated' : ''}`;

describe("look-ups of the browser's own resolver", () => {
  const { lookups, cachedLookups, warnings } = readNetLog(REAL);
  const of = (host: string) => lookups.filter((lookup) => lookup.host === host);
  const triesOf = (host: string, queryType = 1) =>
    of(host).map(({ questions }) => questions.find((q) => q.queryType === queryType)?.tries.map(told));

  it('are read without a warning', () => {
    expect(warnings).toEqual([]);
    expect(lookups.map(({ host }) => host)).toEqual(
      expect.arrayContaining([
        'www.example',
        'lossy.example',
        'alias.example',
        'gone.example',
        'big.example',
      ]),
    );
  });

  it('a lost answer is a try of its own, as long as the browser waited', () => {
    expect(triesOf('lossy.example')).toEqual([['udp 127.0.0.53:53 silent -', 'udp 127.0.0.53:53 0 1']]);
    const [lost, second] = of('lossy.example')[0]?.questions.find((q) => q.queryType === 1)?.tries ?? [];
    expect((lost?.endUnixMs ?? 0) - (lost?.startUnixMs ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(second?.startUnixMs).toBe(lost?.endUnixMs);
    expect(second?.localAddress).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it('a truncated answer is asked for again over TCP', () => {
    expect(triesOf('big.example')).toEqual([['udp 127.0.0.53:53 0 0 truncated', 'tcp 127.0.0.53:53 0 1']]);
  });

  it('an alias is told with where it leads', () => {
    expect(of('alias.example')[0]).toMatchObject({ aliases: ['www.example'], addresses: ['127.0.0.1'] });
  });

  it('a name that does not exist is asked of the system as well', () => {
    expect(triesOf('gone.example')[0]).toEqual(['udp 127.0.0.53:53 3 0']);
    expect(of('gone.example')[0]).toMatchObject({ netError: -105, systemTask: { netError: -105 } });
  });

  it('HTTPS records are asked for under the port', () => {
    const https = of('www.example')[0]?.questions.find((q) => q.queryType === 65);
    expect(https?.name).toMatch(/^_\d+\._https\.www\.example$/);
  });

  it('a name in its cache is told once a connection, and not for the connection that looked it up', () => {
    const own = (host: string) => of(host).map((lookup) => lookup.endUnixMs ?? 0);
    expect(cachedLookups.length).toBeGreaterThan(0);
    for (const { host, unixMs } of cachedLookups)
      for (const endUnixMs of own(host)) expect(Math.abs(unixMs - endUnixMs)).toBeGreaterThan(20);
  });
});

it('over HTTPS the server is not told', () => {
  const { lookups } = readNetLog(OVER_HTTPS);
  const tries = lookups.flatMap(({ questions }) => questions.flatMap((question) => question.tries));
  expect(tries.length).toBeGreaterThan(8);
  expect(new Set(tries.map((t) => `${t.transport} ${t.server}`))).toEqual(new Set(['https undefined']));
});

it('a look-up that was called off has no timeout', () => {
  const events = REAL.replace(/"type":(\d+)\}/g, (all, type) => (type === RESPONSE ? '"type":-1}' : all));
  const tries = readNetLog(events).lookups.flatMap(({ questions }) => questions.flatMap((q) => q.tries));
  expect(tries.length).toBeGreaterThan(8);
  expect(tries.every((t) => t.rcode === undefined && !t.timedOut && t.endUnixMs !== undefined)).toBe(true);
});

it('a log that ends in the middle of a look-up has its tries open', () => {
  const cut = REAL.slice(0, REAL.indexOf('"DNS_TRANSACTION_RESPONSE"') + REAL.length / 3);
  const { lookups, truncated } = readNetLog(cut);
  expect(truncated).toBe(true);
  expect(lookups.length).toBeGreaterThan(0);
});
