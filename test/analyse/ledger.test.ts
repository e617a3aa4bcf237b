/** What holds for the ledger of any trace at all, the hostile ones first. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Analysis, analyse } from '../../src/analyse/analyse.ts';
import { HEADWATER, SPAN_TYPES, type SpanType } from '../../src/model/attributes.ts';
import { LAYERS } from '../../src/model/layer.ts';
import type { LedgerEntry, PathPiece } from '../../src/model/report.ts';
import { type Attributes, type ReportedSpan, SPAN_KINDS } from '../../src/model/span.ts';
import type { Trace } from '../../src/model/trace.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { generateTrace } from '../bench/generate.ts';
import { reported, wholeRequest } from '../stitch/reported.ts';

const SIXTEEN_HOURS_MS = 16 * 3_600_000;
const sumOf = (ledger: readonly LedgerEntry[]): number => ledger.reduce((sum, { ns }) => sum + ns, 0);

const attributes: fc.Arbitrary<Attributes> = fc.record(
  {
    'db.system.name': fc.constantFrom('postgresql', 'redis'),
    'db.query.text': fc.constantFrom('select 1', 'select 2', 'commit'),
    [HEADWATER.dbSession]: fc.constantFrom('1', '2'),
    [HEADWATER.dbAct]: fc.constantFrom('statement', 'plan', 'lock_wait', 'note'),
    [HEADWATER.waitKind]: fc.constantFrom('timer', 'frame', 'commit', 'checks'),
    [HEADWATER.initiator]: fc.constantFrom('parser', '0000000000007331', '0000000000007332'),
    [HEADWATER.proxyEnding]: fc.constantFrom('no_server', 'server_timeout'),
    'headwater.stall': fc.constantFrom('SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP', 'other'),
    'http.request.method': fc.constantFrom('GET', 'OPTIONS'),
    'url.path': fc.constantFrom('/', '/a'),
    'http.response.status_code': fc.constantFrom(200, 302, 503, Number.NaN),
    'http.request.resend_count': fc.constantFrom(0, 1),
    'server.address': fc.constantFrom('a.example', 'b.example'),
  },
  { requiredKeys: [] },
);

/** Ids are few, so that parents are missing, form circles, are shared by two sources and come twice. */
const hostileSpan = fc
  .record({
    id: fc.integer({ min: 1, max: 24 }),
    parent: fc.integer({ min: 0, max: 25 }),
    startMs: fc.oneof(
      fc.integer({ min: -100, max: 1_100 }),
      fc.constantFrom(SIXTEEN_HOURS_MS, -SIXTEEN_HOURS_MS, 0, 1_000),
    ),
    lengthMs: fc.oneof(fc.integer({ min: -20, max: 600 }), fc.constantFrom(0, 0.000_001, 5_000)),
    given: fc.record({
      type: fc.constantFrom<SpanType | undefined>(...SPAN_TYPES.filter((type) => type !== 'run'), undefined),
      layer: fc.constantFrom(...LAYERS, undefined),
      kind: fc.constantFrom(...SPAN_KINDS),
      clock: fc.constantFrom('probe', 'a', 'b'),
      source: fc.constantFrom('cdp', 'otlp', 'zipkin', 'haproxy', 'postgresql'),
      name: fc.constantFrom(
        'waiting',
        'request sent',
        'wait_for_connection',
        'queue',
        'server',
        'pg-pool.connect',
        'x',
      ),
      precisionNs: fc.constantFrom(0, 1_000, 1_000_000),
      evidence: fc.constantFrom('measured' as const, 'logged' as const),
      status: fc.constantFrom({ code: 'unset' as const }, { code: 'error' as const, message: 'timeout' }),
      attributes,
    }),
  })
  .map(({ id, parent, startMs, lengthMs, given }) =>
    reported(`s${id}`, parent === 0 ? 'run' : `s${parent}`, startMs, startMs + lengthMs, given),
  );

const run = reported('run', undefined, 0, 1_000, { type: 'run', layer: 'browser' });
const hostileTrace = fc
  .tuple(fc.boolean(), fc.array(hostileSpan, { minLength: 1, maxLength: 40 }))
  .map(([withRun, spans]) => (withRun ? [run, ...spans] : spans));

function stitchedAndAnalysed(spans: readonly ReportedSpan[]): { trace: Trace } & Analysis {
  const trace = stitch(spans)!;
  return { trace, ...analyse(trace) };
}

function expectWhole(path: readonly PathPiece[], startNs: number, wallNs: number): void {
  let cursor = startNs;
  for (const { startNs: from, endNs: to } of path) {
    expect(from).toBe(cursor);
    expect(to).toBeGreaterThan(from);
    expect(Number.isSafeInteger(to)).toBe(true);
    cursor = to;
  }
  expect(cursor - startNs).toBe(wallNs);
}

describe('of any trace', () => {
  it('the pieces touch, go forward, and make up the wall time; so do the ledgers of the run and of each step', () => {
    fc.assert(
      fc.property(hostileTrace, (spans) => {
        const { trace, report, path } = stitchedAndAnalysed(spans);
        const root = trace.spans.find(({ spanId }) => spanId === trace.rootId)!;
        expectWhole(path, root.startNs, report.wallNs);
        expect(sumOf(report.ledger)).toBe(report.wallNs);
        for (const step of report.steps) {
          const endNs = Math.min(step.startNs + step.wallNs, root.endNs);
          const insideNs = Math.max(0, endNs - Math.max(step.startNs, root.startNs));
          expect(sumOf(step.ledger)).toBe(insideNs);
        }
        for (const { ns } of report.ledger) expect(ns).toBeGreaterThan(0);
        expect(new Set(trace.spans.map(({ spanId }) => spanId)).size).toBe(trace.spans.length);
      }),
      { numRuns: 300 },
    );
  });

  it('nothing depends on the order in which the reports came', () => {
    const shuffled = hostileTrace.chain((spans) =>
      fc.tuple(
        fc.constant(spans),
        fc.shuffledSubarray([...spans, ...spans.slice(0, 5)], {
          minLength: spans.length + Math.min(5, spans.length),
        }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([spans, others]) => {
        const [one, other] = [spans, others].map(stitchedAndAnalysed);
        expect(JSON.stringify(other)).toBe(JSON.stringify(one));
      }),
      { numRuns: 200 },
    );
  });
});

describe('of a trace as it should be', () => {
  const spans = generateTrace({ spans: 400 });

  it('sums up whichever reports are missing', () => {
    fc.assert(
      fc.property(fc.subarray([...spans, ...wholeRequest().slice(1)], { minLength: 1 }), (some) => {
        const { trace, report, path } = stitchedAndAnalysed(some);
        const root = trace.spans.find(({ spanId }) => spanId === trace.rootId)!;
        expectWhole(path, root.startNs, report.wallNs);
        for (const step of report.steps) expect(sumOf(step.ledger)).toBe(step.wallNs);
      }),
      { numRuns: 50 },
    );
  });

  it('is the same when the clocks of its servers are 16 hours off, but for what clocks cannot tell', () => {
    const off = generateTrace({ spans: 400, clockErrorNs: { front: 57_600e9, edge: -57_600e9 } });
    const { report } = stitchedAndAnalysed(off);
    expect(sumOf(report.ledger)).toBe(report.wallNs);
    expect(report.wallNs).toBe(stitchedAndAnalysed(spans).report.wallNs);
    expect(report.unknownNs).toBe(stitchedAndAnalysed(spans).report.unknownNs);
  });
});
