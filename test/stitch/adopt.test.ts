import { describe, expect, it } from 'vitest';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { Attributes, ReportedSpan } from '../../src/model/span.ts';
import { joinStrangers, offeredTo, strangersToOffer, withBelow } from '../../src/stitch/adopt.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { idOf, reported, TRACE_ID } from './reported.ts';

const STRANGE_TRACE = 'f'.repeat(32);
const PORT = 50_488;

const request = (id: string, startMs: number, endMs: number, attributes: Attributes = {}) =>
  reported(id, 'run', startMs, endMs, {
    type: 'request',
    kind: 'client',
    layer: 'browser',
    attributes: {
      'http.request.method': 'GET',
      'url.full': 'https://shop.example/logo.svg?v=2',
      [HEADWATER.clientPort]: PORT,
      ...attributes,
    },
  });
const stranger = (id: string, startMs: number, endMs: number, attributes: Attributes = {}): ReportedSpan => ({
  ...reported(id, undefined, startMs, endMs, {
    type: 'proxy',
    kind: 'server',
    layer: 'lb',
    component: 'edge',
    source: 'haproxy',
    evidence: 'logged',
    attributes: {
      'http.request.method': 'GET',
      'url.path': '/logo.svg',
      [HEADWATER.clientPort]: PORT,
      ...attributes,
    },
  }),
  traceId: STRANGE_TRACE,
});

/** What a run is told while it is on: the strangers that may be its own, with what hangs below them. */
const offersFor = (own: readonly ReportedSpan[], others: readonly ReportedSpan[]): ReportedSpan[] =>
  [...strangersToOffer(own, others)].flatMap(([found, how]) =>
    withBelow(found, others).map((span) => offeredTo(TRACE_ID, span, found, how)),
  );

/** [stranger, its caller] */
const pairs = (own: readonly ReportedSpan[], others: readonly ReportedSpan[]) =>
  joinStrangers([...own, ...offersFor(own, others)]).reports.flatMap(
    ({ spanId, parentSpanId, attributes }) =>
      attributes[HEADWATER.joinedBy] === undefined ? [] : [[spanId, parentSpanId]],
  );

describe('a report without our trace', () => {
  it('belongs to the request with its port, path and time', () => {
    expect(pairs([request('a', 0, 30)], [stranger('s', 5, 20)])).toEqual([[idOf('s'), idOf('a')]]);
  });

  it.each([
    ['another port', stranger('s', 5, 20, { [HEADWATER.clientPort]: 1 })],
    ['another path', stranger('s', 5, 20, { 'url.path': '/' })],
    ['another method', stranger('s', 5, 20, { 'http.request.method': 'POST' })],
    ['another time', stranger('s', 5_000, 5_020)],
    ['a parent of its own', { ...stranger('s', 5, 20), parentSpanId: idOf('x') }],
  ])('with %s is left alone', (_, other) => {
    expect(pairs([request('a', 0, 30)], [other])).toEqual([]);
  });

  it('is told apart by time when one address is asked for twice on a connection', () => {
    const own = [request('a', 0, 30), request('b', 40, 60)];
    expect(pairs(own, [stranger('t', 45, 50), stranger('s', 5, 20)])).toEqual([
      [idOf('t'), idOf('b')],
      [idOf('s'), idOf('a')],
    ]);
  });

  it('is left alone when it fits two requests, or two of them fit one', () => {
    expect(pairs([request('a', 0, 30), request('b', 0, 30)], [stranger('s', 5, 20)])).toEqual([]);
    expect(pairs([request('a', 0, 30)], [stranger('s', 5, 20), stranger('t', 6, 21)])).toEqual([]);
  });

  it('is left alone when a server has spoken of the request already', () => {
    const known = reported('p', 'a', 4, 21, { type: 'proxy', kind: 'server' });
    expect(pairs([request('a', 0, 30), known], [stranger('s', 5, 20)])).toEqual([]);
  });

  it('brings along what hangs below it, says how it was joined, and keeps its times', () => {
    const run = reported('run', undefined, 0, 100, { type: 'run', layer: 'browser' });
    const [own, found] = [request('a', 0, 30), stranger('s', 5, 20)];
    const phase = {
      ...reported('ph', 's', 6, 19, { type: 'proxy_phase', source: 'haproxy' }),
      traceId: STRANGE_TRACE,
    };
    const taken = offersFor([own], [found, phase]);
    expect(taken.map((span) => span.traceId)).toEqual([TRACE_ID, TRACE_ID]);
    expect(taken.map((span) => span.startUnixNano)).toEqual([found.startUnixNano, phase.startUnixNano]);
    const trace = stitch([run, own, ...taken])!;
    const proxy = trace.spans.find((span) => span.spanId === idOf('s'))!;
    expect(proxy.parentId).toBe(idOf('a'));
    expect(proxy.placed.join()).toContain('joined by client port, path and time');
    expect(trace.spans.find((span) => span.spanId === idOf('ph'))?.parentId).toBe(idOf('s'));
  });
});
