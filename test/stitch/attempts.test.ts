import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import { timeoutLike } from '../../src/analyse/timeout.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { Attributes, ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { idOf, reported } from './reported.ts';

const service = { source: 'otlp', clock: 'app', resource: { 'service.name': 'app' } };
const charge = (path = '/charge', more: Attributes = {}): Attributes => ({
  'http.request.method': 'POST',
  'server.address': 'payment',
  'url.full': `http://payment:8080${path}`,
  ...more,
});
const attempt = (id: string, startMs: number, endMs: number, failed: boolean, attributes = charge()) =>
  reported(id, 'service', startMs, endMs, {
    ...service,
    name: 'POST',
    kind: 'client',
    status: failed ? { code: 'error' } : { code: 'ok' },
    attributes: failed ? { ...attributes, 'error.type': '503' } : attributes,
  });

/**
 * ```
 * ms        0    20   40       140  160       400  500
 * service   |-----------------------------------------|
 * tries       |--✗--|          |--✗--|         |---|
 * ```
 */
const around = (...tries: ReportedSpan[]): ReportedSpan[] => [
  reported('run', undefined, 0, 500, { type: 'run', layer: 'browser' }),
  reported('step', 'run', 0, 500, { type: 'step', layer: 'browser' }),
  reported('request', 'step', 0, 500, { type: 'request', layer: 'browser', kind: 'client' }),
  reported('service', 'request', 1, 499, { ...service, kind: 'server' }),
  ...tries,
];
const RETRIED = around(
  attempt('try1', 20, 40, true),
  attempt('try2', 140, 160, true),
  attempt('try3', 400, 480, false),
);

const callsOf = (spans: readonly ReportedSpan[]) => {
  const trace = stitch(spans)!;
  return trace.spans.filter((span) => span.attributes[HEADWATER.type] === 'call');
};

describe('tries of one call', () => {
  it('are hung under it, in order, with the pauses between them', () => {
    const trace = stitch(RETRIED)!;
    const call = trace.spans.find((span) => span.attributes[HEADWATER.type] === 'call')!;
    expect(call).toMatchObject({
      name: 'POST (3 tries)',
      parentId: idOf('service'),
      startNs: 20e6,
      endNs: 480e6,
      evidence: 'inferred',
      component: 'app',
    });
    const children = trace.spans.filter((span) => span.parentId === call.spanId);
    expect(children.map(({ name, startNs, endNs }) => [name, startNs / 1e6, endNs / 1e6])).toEqual([
      ['POST', 20, 40],
      ['backoff', 40, 140],
      ['POST', 140, 160],
      ['backoff', 160, 400],
      ['POST', 400, 480],
    ]);
    expect(children[2]?.placed).toEqual(['try 2 of 3 of one call']);
  });

  it('have their pauses in the ledger, and in the verdict with the numbers', () => {
    const { report } = analyse(stitch(RETRIED)!);
    const pauses = report.ledger.find((entry) => entry.cause === 'service.retry_backoff');
    expect(pauses).toMatchObject({ layer: 'service', component: 'app', ns: 340e6, evidence: 'inferred' });
    expect(report.verdict.cause).toBe('service.retry_backoff');
    expect(report.verdict.evidence).toContain('POST (3 tries): paused 100 ms, 240 ms between them.');
  });

  it.each([
    ['the first succeeded', around(attempt('a', 20, 40, false), attempt('b', 50, 60, false))],
    ['they ran at the same time', around(attempt('a', 20, 40, true), attempt('b', 30, 60, true))],
    [
      'they ask for different things',
      around(attempt('a', 20, 40, true), attempt('b', 50, 60, true, charge('/refund'))),
    ],
    [
      'they ask different servers',
      around(attempt('a', 20, 40, true), attempt('b', 50, 60, true, charge('/', { 'server.address': 'x' }))),
    ],
  ])('are separate calls when %s', (_, spans) => {
    expect(callsOf(spans)).toEqual([]);
  });

  const statement = (id: string, startMs: number, sql: string, isFailed = false) =>
    attempt(id, startMs, startMs + 10, isFailed, {
      'db.system.name': 'postgresql',
      'db.query.text': sql,
    });

  it('are tries of a statement that follow each other, and no transaction that is done again', () => {
    const update = 'update stock set left = left - 1';
    expect(callsOf(around(statement('a', 20, update, true), statement('b', 50, update)))).toHaveLength(1);
    const between = [statement('c', 32, 'ROLLBACK'), statement('d', 45, 'BEGIN')];
    expect(callsOf(around(statement('a', 20, update, true), ...between, statement('b', 60, update)))).toEqual(
      [],
    );
  });

  it('are told by the client’s own count of resends', () => {
    const resent = attempt('b', 50, 60, false, charge('/charge', { 'http.request.resend_count': 1 }));
    expect(callsOf(around(attempt('a', 20, 40, false), resent))).toHaveLength(1);
  });

  it('are the same tries when their addresses differ in the query only', () => {
    const again = attempt('b', 50, 60, false, charge('/charge?nonce=2'));
    expect(callsOf(around(attempt('a', 20, 40, true, charge('/charge?nonce=1')), again))).toHaveLength(1);
  });

  it('are found whatever order the reports came in', () => {
    const expected = stitch(RETRIED);
    fc.assert(
      fc.property(fc.shuffledSubarray(RETRIED, { minLength: RETRIED.length }), (shuffled) => {
        expect(stitch(shuffled)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a wait for an answer that never came', () => {
  it('is told as a timeout when it ends at a round number of seconds', () => {
    const spans = around(attempt('a', 100, 1_103.5, true)).map((span) =>
      span.endUnixNano > span.startUnixNano + 400_000_000n && span.spanId !== idOf('a')
        ? { ...span, endUnixNano: span.endUnixNano + 700_000_000n }
        : span,
    );
    const { report } = analyse(stitch(spans)!);
    expect(report.verdict).toMatchObject({ cause: 'service.timeout', component: 'payment' });
    expect(report.verdict.evidence).toContain('looks like a 1 s timeout');
  });

  it.each([
    [1.0035e9, '1 s'],
    [0.9985e9, '1 s'],
    [5.02e9, '5 s'],
    [30.2e9, '30 s'],
    [0.99e9, undefined],
    [1.2e9, undefined],
    [0, undefined],
    [Number.NaN, undefined],
  ])('of %d ns looks like %s', (ns, limit) => {
    expect(timeoutLike(ns)).toBe(limit);
  });
});
