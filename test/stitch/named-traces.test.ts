/** Servers that answered in traces of their own: which of their spans are a request's. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { ReportedSpan, SpanLink } from '../../src/model/span.ts';
import {
  copiedTo,
  JOINED_BY_ANSWER,
  JOINED_BY_SENT,
  joinNamed,
  ofServers,
} from '../../src/stitch/named-traces.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { idOf, reported, TRACE_ID } from './reported.ts';

const THEIRS = 'e'.repeat(32);
const answeredIn = (id: string, traceId = THEIRS): SpanLink => ({
  traceId,
  spanId: idOf(id),
  attributes: { 'headwater.role': 'answered_in' },
});
const sent = (id: string): SpanLink => ({ traceId: THEIRS, spanId: idOf(id) });

const run = reported('run', undefined, 0, 100, { type: 'run' });
const request = (id: string, startMs: number, endMs: number, ...links: SpanLink[]) =>
  reported(id, 'run', startMs, endMs, { type: 'request', kind: 'client', layer: 'browser', links });
const told = (id: string, parent: string | undefined, startMs: number, endMs: number, given = {}) =>
  copiedTo(TRACE_ID, {
    ...reported(id, parent, startMs, endMs, {
      source: 'otlp',
      kind: 'server',
      resource: { 'service.name': 'shop' },
      ...given,
    }),
    traceId: THEIRS,
  });

/** [span, its parent] of what was told elsewhere and joined. */
const joined = (...reports: readonly ReportedSpan[]) =>
  joinNamed([run, ...reports]).reports.flatMap(({ spanId, parentSpanId, attributes }) =>
    attributes[HEADWATER.joinedTrace] === undefined ? [] : [[spanId, parentSpanId]],
  );
const pairs = (...of: readonly (readonly [string, string])[]) => of.map((pair) => pair.map(idOf));

describe('a server that answered in a trace of its own', () => {
  it('goes below the request whose answer names its span, with all that hangs below it', () => {
    const spans = [
      request('page', 0, 30, answeredIn('web')),
      told('web', undefined, 5, 20),
      told('query', 'web', 6, 10, { kind: 'client' }),
      told('rows', 'query', 7, 9, { kind: 'internal' }),
    ];
    expect(joined(...spans)).toEqual(pairs(['web', 'page'], ['query', 'web'], ['rows', 'query']));
  });

  it('brings the balancer in front of it along, and not the page that is instrumented itself', () => {
    const spans = [
      request('page', 0, 30, answeredIn('web')),
      told('visit', undefined, 0, 90, { kind: 'internal' }),
      told('fetch', 'visit', 0, 30, { kind: 'client' }),
      told('edge', 'fetch', 4, 22),
      told('forward', 'edge', 5, 21, { kind: 'client' }),
      told('web', 'forward', 6, 20),
    ];
    expect(joined(...spans)).toEqual(pairs(['edge', 'page'], ['forward', 'edge'], ['web', 'forward']));
  });

  it('does not bring what called long before the request', () => {
    const spans = [
      request('page', 1_000, 1_030, answeredIn('web')),
      told('job', undefined, 0, 2_000),
      told('web', 'job', 1_006, 1_020),
    ];
    expect(joined(...spans)).toEqual(pairs(['web', 'page']));
  });

  it('is told apart from what the same trace tells of other requests', () => {
    const spans = [
      request('one', 0, 30, answeredIn('web')),
      request('two', 0, 30, answeredIn('api')),
      told('web', undefined, 5, 20),
      told('api', undefined, 6, 20),
      told('other', undefined, 6, 20),
    ];
    expect(joined(...spans)).toEqual(pairs(['web', 'one'], ['api', 'two']));
  });

  it('is the first request’s of those that name it: copies out of a cache come later', () => {
    const spans = [
      request('again', 600, 602, answeredIn('web')),
      request('one', 0, 30, answeredIn('web')),
      told('web', undefined, 5, 20),
    ];
    expect(joined(...spans)).toEqual(pairs(['web', 'one']));
  });

  it('is not a copy’s from a visit before, beside answers that are fresh', () => {
    const spans = [
      request('page', 1_000, 1_030, answeredIn('web')),
      request('copy', 1_000, 1_002, answeredIn('old')),
      told('web', undefined, 1_005, 1_020),
      told('old', undefined, 5, 20),
    ];
    expect(joined(...spans)).toEqual(pairs(['web', 'page']));
  });

  it('is found on a machine whose clock is seconds off, and not days', () => {
    const at = (ms: number) => [
      request('page', 0, 30, answeredIn('web')),
      told('web', undefined, 5 + ms, 20 + ms),
    ];
    for (const ms of [-8_000, 8_000]) expect(joined(...at(ms))).toEqual(pairs(['web', 'page']));
    const elsewhen = at(-86_400_000);
    expect(joined(...elsewhen)).toEqual([]);
    expect(joinNamed([run, ...elsewhen]).warnings).toMatchObject([
      { code: 'context.named_elsewhen', where: idOf('page') },
    ]);
  });

  it('is the one beginning of its trace where the span itself was not recorded', () => {
    const page = request('page', 0, 30, answeredIn('unknown'));
    expect(joined(page, told('web', undefined, 5, 20))).toEqual(pairs(['web', 'page']));
    expect(joined(page, told('web', undefined, 5, 20), told('api', undefined, 5, 20))).toEqual([]);
    expect(joined(page, request('b', 0, 30, answeredIn('c')), told('web', undefined, 5, 20))).toEqual([]);
  });

  it('shares an id with its client, as Zipkin’s do', () => {
    const spans = [
      request('page', 0, 30, answeredIn('edge')),
      told('edge', undefined, 4, 22),
      told('call', 'edge', 5, 21, { kind: 'client', source: 'zipkin' }),
      told('call', 'edge', 6, 20, { source: 'zipkin' }),
    ];
    expect(joined(...spans)).toEqual(pairs(['edge', 'page'], ['call', 'edge'], ['call', 'edge']));
  });
});

it('is no page’s part, nor what was joined to that trace itself', () => {
  const visit = reported('visit', undefined, 0, 90, { kind: 'internal' });
  const web = reported('web', 'visit', 5, 20, { kind: 'server' });
  const query = reported('query', 'web', 6, 10, { kind: 'client' });
  const edge = reported('edge', undefined, 4, 22, { type: 'proxy' });
  expect(new Set(ofServers([query, visit, web, edge, told('other', 'web', 7, 9)]))).toEqual(
    new Set([web, query, edge]),
  );
});

describe('a page that had sent a traceparent by itself', () => {
  it('has its servers below the request', () => {
    const spans = [
      request('page', 0, 30, sent('fetch')),
      told('fetch', undefined, 0, 30, { kind: 'client' }),
      told('web', 'fetch', 5, 20),
    ];
    expect(joined(...spans)).toEqual(pairs(['web', 'page']));
  });

  it('tells requests apart that were sent with one traceparent by their addresses, or not at all', () => {
    const asked = (id: string, path: string, ...links: SpanLink[]) => ({
      ...request(id, 0, 30, ...links),
      attributes: {
        ...request(id, 0, 30).attributes,
        'http.request.method': 'GET',
        'url.full': `https://a.example${path}`,
      },
    });
    const web = (id: string, path: string) =>
      told(id, 'fetch', 5, 20, { attributes: { 'http.request.method': 'GET', 'url.path': path } });
    const two = (one: string, other: string) => [
      asked('one', one, sent('fetch')),
      asked('two', other, sent('fetch')),
    ];
    expect(joined(...two('/a', '/b'), web('x', '/b'), web('y', '/a'))).toEqual(
      pairs(['x', 'two'], ['y', 'one']),
    );
    expect(joined(...two('/a', '/a'), web('x', '/a'))).toEqual([]);
  });

  it('is not said to have lost the trace', () => {
    const how = (link: SpanLink, isSent: boolean) => {
      const page = request('page', 0, 30, link);
      const attributes = { ...page.attributes, ...(isSent && { 'headwater.traceparent_sent': true }) };
      const trace = stitch([run, { ...page, attributes }, told('web', 'fetch', 5, 20)])!;
      const web = trace.spans.find(({ spanId }) => spanId === idOf('web'))!;
      return [web.parentId, web.attributes[HEADWATER.joinedBy], trace.warnings.map(({ code }) => code)];
    };
    expect(how(sent('fetch'), true)).toEqual([idOf('page'), JOINED_BY_SENT, []]);
    expect(how(answeredIn('web'), false)).toEqual([idOf('page'), JOINED_BY_ANSWER, []]);
    // Ours was sent, and the server answered in another.
    expect(how(answeredIn('web'), true)).toEqual([idOf('page'), JOINED_BY_ANSWER, ['context.lost']]);
  });
});

it('keeps times and ids, says how it was joined, and asks for nothing that was not copied', () => {
  const [page, web] = [request('page', 0, 30, answeredIn('web')), told('web', undefined, 5, 20)];
  const found = joinNamed([run, page, web]).reports.at(-1)!;
  expect(found).toEqual({
    ...web,
    parentSpanId: page.spanId,
    attributes: { ...web.attributes, [HEADWATER.joinedBy]: JOINED_BY_ANSWER },
  });
  const alone = [run, page];
  expect(joinNamed(alone).reports).toBe(alone);
});

it('is the same whatever came first, and ends, however the trace hangs together', () => {
  const id = fc.integer({ min: 0, max: 7 });
  const spans = fc.array(fc.record({ id, parent: fc.option(id), startMs: id, isServer: fc.boolean() }), {
    maxLength: 12,
  });
  const links = fc.array(fc.tuple(id, fc.boolean()), { maxLength: 4 });
  fc.assert(
    fc.property(spans, fc.array(links, { maxLength: 3 }), fc.nat(), (theirs, named, seed) => {
      const reports = [
        run,
        ...named.map((of, i) =>
          request(`r${i}`, 0, 30, ...of.map(([to, isSent]) => (isSent ? sent : answeredIn)(`s${to}`))),
        ),
        ...theirs.map((span, i) =>
          told(`s${span.id}`, span.parent === null ? undefined : `s${span.parent}`, span.startMs, 30, {
            kind: span.isServer ? 'server' : 'internal',
            name: String(i),
          }),
        ),
      ];
      const shuffled = reports
        .map((report, i) => ({ report, at: (i * 7_919 + seed) % 31 }))
        .sort((a, b) => a.at - b.at)
        .map(({ report }) => report);
      const tree = (of: readonly ReportedSpan[]) =>
        stitch(of)!
          .spans.map(({ spanId, parentId, name }) => `${spanId} ${parentId} ${name}`)
          .sort();
      expect(tree(shuffled)).toEqual(tree(reports));
    }),
  );
});
