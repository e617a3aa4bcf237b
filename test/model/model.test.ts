import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTraceparent, parseTraceparent, spanIdOf } from '../../src/model/ids.ts';
import {
  isSecretName,
  maskSqlLiterals,
  REDACTED,
  redactAttributes,
  redactText,
} from '../../src/model/redact.ts';
import {
  formatDuration,
  hrTimeFromUnixNano,
  unixNanoFromHrTime,
  unixNanoFromMs,
  unixNanoFromSeconds,
} from '../../src/model/time.ts';

describe('time', () => {
  it('keeps every nanosecond through HrTime', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n }), (t) => {
        expect(unixNanoFromHrTime(hrTimeFromUnixNano(t))).toBe(t);
      }),
    );
  });

  it('reads milliseconds and seconds with fractions', () => {
    expect(unixNanoFromMs(1_795_333_153_872.5)).toBe(1_795_333_153_872_500_000n);
    expect(unixNanoFromSeconds(1_795_333_153.25)).toBe(1_795_333_153_250_000_000n);
  });

  it.each([
    [2_610_000_000, '2.61 s'],
    [431_000_000, '431 ms'],
    [9_640_000, '9.6 ms'],
    [820_000, '0.82 ms'],
    [17_000, '17 µs'],
    [0, '0 ms'],
  ])('tells %d ns as %s', (ns, told) => {
    expect(formatDuration(ns)).toBe(told);
  });
});

describe('traceparent', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const spanId = '00f067aa0ba902b7';

  it('reads what it writes', () => {
    expect(parseTraceparent(formatTraceparent(traceId, spanId))).toEqual({ traceId, spanId, sampled: true });
  });

  it('accepts more fields from a later version only', () => {
    expect(parseTraceparent(`01-${traceId}-${spanId}-01-what-comes`)?.spanId).toBe(spanId);
    expect(parseTraceparent(`00-${traceId}-${spanId}-01-what-comes`)).toBeUndefined();
  });

  it.each([
    ['all-zero trace id', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['all-zero span id', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['version ff', `ff-${traceId}-${spanId}-01`],
    ['upper case', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['nothing', ''],
  ])('refuses %s', (_name, value) => {
    expect(parseTraceparent(value)).toBeUndefined();
  });

  it('gives a log line the same id each time, and another line another', () => {
    expect(spanIdOf('line', 7)).toBe(spanIdOf('line', 7));
    expect(spanIdOf('line', 7)).not.toBe(spanIdOf('line', 8));
    expect(spanIdOf('a', 'b')).not.toBe(spanIdOf('ab'));
    expect(spanIdOf()).toMatch(/^[0-9a-f]{16}$/);
    // FNV-1a's own test vectors: a store's ids must not change
    expect([spanIdOf(''), spanIdOf('a'), spanIdOf('foobar')]).toEqual([
      'cbf29ce484222325',
      'af63dc4c8601ec8c',
      '85944171f73967e8',
    ]);
  });
});

describe('redaction', () => {
  it.each([
    'authorization',
    'http.request.header.cookie',
    'Set-Cookie',
    'X-Api-Key',
    'accessToken',
    'password',
    'client_secret',
    'session.id',
  ])('takes %s for a secret', (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  it('does not take the session that a database’s report names for one: statements are told apart by it', () => {
    expect(isSecretName('headwater.db.session')).toBe(false);
    expect(isSecretName('app.db.session')).toBe(true);
  });

  it.each([
    'db.query.text',
    'http.request.method',
    'dns.question.name',
    'monkey.species',
    'compass',
    'design',
  ])('leaves %s alone', (name) => {
    expect(isSecretName(name)).toBe(false);
  });

  it.each([
    ['https://ann:hunter2@shop.example/', `https://${REDACTED}@shop.example/`],
    ['/login?user=ann&token=abc123&x=1', `/login?user=ann&token=${REDACTED}&x=1`],
    ['/cb#access_token=abc', `/cb#access_token=${REDACTED}`],
    ['Authorization failed for Bearer abcdef123456', `Authorization failed for Bearer ${REDACTED}`],
    ['got eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.sig-here', `got ${REDACTED}`],
    ['/api/stock?sku=17&page=2', '/api/stock?sku=17&page=2'],
  ])('%s → %s', (text, clean) => {
    expect(redactText(text)).toBe(clean);
  });

  it.each([
    ["lower(email) = 'ada@shop.example'::text AND id = 7", "lower(email) = '?'::text AND id = 7"],
    ["name = 'O''Hara' OR name = E'a\\'b'", "name = '?' OR name = '?'"],
    ['SELECT $1, "a\'column", $body$ it\'s $body$', "SELECT $1, \"a'column\", '?'"],
    ["note = 'cut in the mid", "note = '?'"],
    ['SELECT count(*) FROM orders WHERE id = $1', 'SELECT count(*) FROM orders WHERE id = $1'],
  ])('masks the values in %s', (sql, masked) => {
    expect(maskSqlLiterals(sql)).toBe(masked);
    expect(redactAttributes({ 'postgresql.plan.filter': sql })).toEqual({ 'postgresql.plan.filter': masked });
  });

  it('returns the same object when nothing is secret, and never changes the one it was given', () => {
    const harmless = { 'http.request.method': 'GET', list: ['a', 'b'] };
    expect(redactAttributes(harmless)).toBe(harmless);
    const secret = Object.freeze({ 'http.request.header.authorization': ['Basic abc'], n: 1 });
    expect(redactAttributes(secret)).toEqual({ 'http.request.header.authorization': REDACTED, n: 1 });
  });
});
