import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { Attributes, ReportedSpan } from '../../src/model/span.ts';
import { offeredTo, strangersToOffer, withBelow } from '../../src/stitch/adopt.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { type Given, idOf, reported, TRACE_ID } from './reported.ts';

const service = (name: string, given: Given = {}): Given => ({
  source: 'otlp',
  clock: name,
  resource: { 'service.name': name },
  ...given,
});

const run = () => reported('run', undefined, 0, 500, { type: 'run', layer: 'browser' });
const answered = { 'http.response.status_code': 200 };

/** `front` calls `GET /stock` of `back`, 20 ms. */
const call = (id: string, startMs: number, attributes: Attributes = {}): ReportedSpan =>
  reported(id, 'run', startMs, startMs + 20, {
    ...service('front', { kind: 'client', name: 'GET' }),
    attributes: {
      'http.request.method': 'GET',
      'url.full': 'http://back.internal:80/stock?ids=1',
      'server.address': 'back.internal',
      'server.port': 80,
      ...answered,
      ...attributes,
    },
  });
const answer = (id: string, parent: string | undefined, startMs: number, given: Given = {}): ReportedSpan =>
  reported(id, parent, startMs, startMs + 10, {
    ...service('back', { kind: 'server', name: 'GET /stock' }),
    attributes: { 'http.request.method': 'GET', 'url.path': '/stock', ...answered },
    ...given,
  });
const elsewhere = (span: ReportedSpan, trace: string): ReportedSpan => ({
  ...span,
  traceId: trace.repeat(32),
});

/** As the witness does it: each trace that may be the run's, whole. */
const withOffers = (own: readonly ReportedSpan[], others: readonly ReportedSpan[]): ReportedSpan[] => [
  ...own,
  ...[...strangersToOffer(own, others)].flatMap(([stranger, how]) =>
    withBelow(
      stranger,
      others.filter(({ traceId }) => traceId === stranger.traceId),
    ).map((span) => offeredTo(TRACE_ID, span, stranger, how)),
  ),
];

const lostIn = (reports: readonly ReportedSpan[]): string[] =>
  stitch(reports)!.warnings.flatMap(({ code, message }) => (code === 'context.lost' ? message : []));

describe('a service that began a trace of its own', () => {
  const own = [run(), call('call', 100)];
  const stranger = elsewhere(answer('alone', undefined, 105), 'b');
  const inside = elsewhere(reported('inside', 'alone', 106, 112, service('back')), 'b');

  it('is shown under its caller with what hangs below it, as inferred', () => {
    const trace = stitch(withOffers(own, [inside, stranger]))!;
    const spanOf = (id: string) => trace.spans.find(({ spanId }) => spanId === idOf(id));
    expect(spanOf('alone')).toMatchObject({ parentId: idOf('call'), evidence: 'inferred' });
    expect(spanOf('inside')).toMatchObject({ parentId: idOf('alone'), evidence: 'measured' });
    expect(spanOf('call')!.placed).toEqual(['the trace ID was lost on the way to back']);
    expect(spanOf('alone')!.placed.join()).toContain('joined by method, path and time');
  });

  it('is told of in a sentence that names both ends', () => {
    expect(lostIn(withOffers(own, [stranger]))).toEqual([
      'The trace ID was lost between front and back: a request (GET /stock) began a trace of its own there. Found by method, path and time, it is shown where it belongs; let front pass traceparent on, or back take it.',
    ]);
  });

  it('is told of once for all requests of the same hop', () => {
    const two = [run(), call('call', 100), call('again', 200)];
    const others = [stranger, elsewhere(answer('other', undefined, 205), 'c')];
    const told = lostIn(withOffers(two, others));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('2 requests');
  });

  it('is found behind another one that lost it too', () => {
    const caller = elsewhere(
      reported('deeper', 'alone', 106, 113, {
        ...service('back', { kind: 'client' }),
        attributes: { 'http.request.method': 'GET', 'url.full': 'http://deep/count', ...answered },
      }),
      'b',
    );
    const deep = elsewhere(
      reported('deep', undefined, 107, 110, {
        ...service('deep', { kind: 'server' }),
        attributes: { 'http.request.method': 'GET', 'url.path': '/count' },
      }),
      'c',
    );
    const once = withOffers(own, [stranger, caller, deep]);
    const twice = withOffers(once, [deep]);
    const trace = stitch(twice)!;
    expect(trace.spans.find(({ spanId }) => spanId === idOf('deep'))?.parentId).toBe(idOf('deeper'));
    expect(lostIn(twice)).toHaveLength(2);
  });

  it.each<[string, ReportedSpan]>([
    ['at another time', elsewhere(answer('alone', undefined, 420), 'b')],
    [
      'for another path',
      elsewhere({ ...stranger, attributes: { ...stranger.attributes, 'url.path': '/' } }, 'b'),
    ],
    [
      'for longer than the caller waited',
      elsewhere({ ...stranger, endUnixNano: stranger.endUnixNano + 60_000_000n }, 'b'),
    ],
    ['with a parent of its own', elsewhere(answer('alone', 'somebody', 105), 'b')],
  ])('is left alone when it answered %s', (_, other) => {
    const reports = withOffers(own, [other]);
    expect(stitch(reports)!.spans.some(({ spanId }) => spanId === idOf('alone'))).toBe(false);
    expect(lostIn(reports)).toEqual([]);
  });

  it('is not shown when it fits two callers, or two of them fit one, and that is said', () => {
    const both = [
      withOffers([run(), call('call', 100), call('twin', 101)], [stranger]),
      withOffers(own, [stranger, elsewhere(answer('rival', undefined, 106), 'c')]),
    ];
    for (const reports of both) {
      const trace = stitch(reports)!;
      expect(trace.spans.filter(({ kind }) => kind === 'server')).toEqual([]);
      expect(lostIn(reports)).toEqual([
        expect.stringMatching(/between front and back: \d traces? began there/),
      ]);
    }
  });

  it('gives way to the real answer, whichever came first', () => {
    const reports = [...withOffers(own, [inside, stranger]), answer('real', 'call', 104)];
    for (const order of [reports, [...reports].reverse()]) {
      const trace = stitch(order)!;
      expect(
        trace.spans.filter(({ kind }) => kind === 'server').map(({ name, placed }) => [name, placed]),
      ).toEqual([['GET /stock', []]]);
      expect(trace.warnings).toEqual([]);
    }
  });

  it('is never a stranger to another run once it was offered to one', () => {
    const offered = withOffers(own, [stranger]).slice(-1);
    expect(strangersToOffer([run(), call('call', 100)], offered).size).toBe(0);
  });

  it('is joined the same way whatever order it all came in', () => {
    const rival = elsewhere(answer('rival', undefined, 304), 'c');
    const reports = withOffers([...own, call('later', 300)], [stranger, inside, rival]);
    const expected = stitch(reports);
    fc.assert(
      fc.property(fc.shuffledSubarray(reports, { minLength: reports.length }), (shuffled) => {
        expect(stitch(shuffled)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a load balancer’s server', () => {
  const proxy = (id: string, startMs: number, attributes: Attributes = {}) =>
    reported(id, 'run', startMs, startMs + 20, {
      type: 'proxy',
      kind: 'server',
      layer: 'lb',
      component: 'edge',
      source: 'haproxy',
      clock: 'edge',
      evidence: 'logged',
      attributes: {
        'http.request.method': 'GET',
        'url.path': '/stock',
        'server.address': 'back-1',
        'haproxy.backend_port': 40_001,
        ...answered,
        ...attributes,
      },
    });
  const stranger = (port: number) =>
    elsewhere(
      answer('alone', undefined, 105, {
        attributes: { 'http.request.method': 'GET', 'url.path': '/stock', 'network.peer.port': port },
      }),
      'b',
    );

  it('is known by the port of their socket, and its evidence stays', () => {
    // Two at once for one path: only the port tells.
    const own = [run(), proxy('p', 100), proxy('q', 101, { 'haproxy.backend_port': 40_002 })];
    const trace = stitch(withOffers(own, [stranger(40_002)]))!;
    expect(trace.spans.find(({ spanId }) => spanId === idOf('alone'))).toMatchObject({
      parentId: idOf('q'),
      evidence: 'measured',
    });
    expect(trace.warnings[0]?.message).toMatch(/^The trace ID was lost between edge and back: .*client port/);
  });

  it('is another one when the ports differ', () => {
    expect(lostIn(withOffers([run(), proxy('p', 100)], [stranger(9)]))).toEqual([]);
  });

  it('that sent no span, though it did for other requests, is told of', () => {
    const own = [run(), proxy('p', 100), answer('a', 'p', 105), proxy('q', 200)];
    expect(lostIn(own)).toEqual([
      'The trace ID was lost between edge and back, or the report of it: a request (q) left no span there, though 1 to the same place did.',
    ]);
    const silent = stitch(own)!.spans.find(({ spanId }) => spanId === idOf('q'))!;
    expect(silent.placed.join()).toContain('what it did is not known');
  });

  it.each<[string, ReportedSpan]>([
    ['was never asked', proxy('q', 200, { [HEADWATER.proxyEnding]: 'no_server' })],
    ['is another one', proxy('q', 200, { 'server.address': 'back-2' })],
    ['is not named', proxy('q', 200, { 'server.address': '' })],
  ])('is not told of when it %s', (_, other) => {
    expect(lostIn([run(), proxy('p', 100), answer('a', 'p', 105), other])).toEqual([]);
  });

  it('is not told of when nobody behind the load balancer ever sent a span', () => {
    expect(lostIn([run(), proxy('p', 100), proxy('q', 200)])).toEqual([]);
  });

  it('is not missed where the context was forwarded unchanged', () => {
    const own = [run(), proxy('p', 100), answer('a', 'run', 105), proxy('q', 200), answer('b', 'run', 205)];
    expect(lostIn(own)).toEqual([]);
  });
});

it('is not said of a browser’s request that carried no trace context', () => {
  const request = (id: string, sent: boolean) =>
    reported(id, 'run', 100, 120, {
      type: 'request',
      kind: 'client',
      attributes: {
        'http.request.method': 'GET',
        'url.full': 'https://shop.example/stock',
        'server.address': 'shop.example',
        'network.peer.port': 443,
        'headwater.traceparent_sent': sent,
        [HEADWATER.clientPort]: 7,
        ...answered,
      },
    });
  const well = [request('r', true), answer('a', 'r', 105)];
  expect(lostIn([run(), ...well, request('picture', false)])).toEqual([]);
  expect(lostIn([run(), ...well, request('page', true)])).toEqual([
    expect.stringContaining('the browser and back'),
  ]);
});
