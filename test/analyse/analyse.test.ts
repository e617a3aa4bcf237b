import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import { criticalPath } from '../../src/analyse/critical-path.ts';
import type { SpanType } from '../../src/model/attributes.ts';
import { LAYERS } from '../../src/model/layer.ts';
import type { LedgerEntry } from '../../src/model/report.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { idOf, reported, wholeRequest } from '../stitch/reported.ts';

const analysed = (spans: readonly ReportedSpan[]) => analyse(stitch(spans)!);
const sum = (ledger: readonly LedgerEntry[]) => ledger.reduce((total, entry) => total + entry.ns, 0);
const ms = (ledger: readonly LedgerEntry[], where: Partial<LedgerEntry>) =>
  sum(ledger.filter((e) => Object.entries(where).every(([k, v]) => e[k as keyof LedgerEntry] === v))) / 1e6;

describe('the ledger of a whole request', () => {
  const { report, path } = analysed(wholeRequest());

  it('sums to the wall time exactly', () => {
    expect(sum(report.ledger)).toBe(report.wallNs);
    expect(report.wallNs).toBe(205e6);
    for (const step of report.steps) expect(sum(step.ledger)).toBe(step.wallNs);
  });

  it('gives each millisecond to the deepest part that explains it', () => {
    expect(ms(report.ledger, { layer: 'dns' })).toBe(10);
    expect(ms(report.ledger, { layer: 'tcp' })).toBe(3);
    expect(ms(report.ledger, { layer: 'tls' })).toBe(10);
    expect(ms(report.ledger, { layer: 'db' })).toBe(142);
    // 29–35 before the query, 180–189 after it.
    expect(ms(report.ledger, { cause: 'service.work' })).toBe(15);
    // 27–28 before, 190–194 after the server phase.
    expect(ms(report.ledger, { layer: 'lb' })).toBe(5);
    // Browser to proxy 2 + 1, proxy to service 1 + 1, service to database 1 + 2.
    expect(ms(report.ledger, { layer: 'network' })).toBe(8);
    // Before the request 2, after it 4.5: Playwright's page.goto covers both.
    expect(ms(report.ledger, { cause: 'browser.automation' })).toBe(6.5);
    // 199.5–205 is covered by nothing.
    expect(report.unknownNs).toBe(5.5e6);
  });

  it('has a path without gaps or overlaps', () => {
    let cursor = 0;
    for (const piece of path) {
      expect(piece.startNs).toBe(cursor);
      cursor = piece.endNs;
    }
    expect(cursor).toBe(report.wallNs);
  });

  it('tells which layers were seen, and what would show the others', () => {
    const bySource = Object.fromEntries(report.coverage.map((c) => [c.layer, c.sources]));
    expect(bySource.lb).toEqual(['HAProxy log']);
    expect(bySource.db).toEqual(['OTLP', 'PostgreSQL log']);
    const blind = analysed(wholeRequest().filter((span) => span.source === 'cdp')).report;
    expect(blind.coverage.find((c) => c.layer === 'lb')?.hint).toContain('--config haproxy');
  });
});

describe('the critical path', () => {
  it('keeps phases that touch: DNS[1–200] TCP[200–500] TLS[500–900] TTFB[900–2000]', () => {
    const phase = (
      id: string,
      layer: 'dns' | 'tcp' | 'tls' | 'network',
      startMs: number,
      endMs: number,
      name: string,
    ) => reported(id, 'request', startMs, endMs, { type: 'phase', layer, name });
    const { report } = analysed([
      reported('run', undefined, 0, 2_000, { type: 'run', layer: 'browser' }),
      reported('step', 'run', 0, 2_000, { type: 'step', layer: 'browser' }),
      reported('request', 'step', 1, 2_000, { type: 'request', layer: 'browser', kind: 'client' }),
      phase('d', 'dns', 1, 200, 'DNS lookup'),
      phase('c', 'tcp', 200, 500, 'socket connect'),
      phase('t', 'tls', 500, 900, 'TLS handshake'),
      phase('w', 'network', 900, 2_000, 'waiting'),
    ]);
    expect(LAYERS.map((layer) => [layer, ms(report.ledger, { layer })]).filter(([, n]) => n !== 0)).toEqual([
      ['dns', 199],
      ['tcp', 300],
      ['tls', 400],
      ['network', 1_100],
      ['unknown', 1],
    ]);
  });

  it('leaves out work that nobody waited for', () => {
    const beacon = reported('beacon', 'service', 100, 600, {
      kind: 'client',
      source: 'otlp',
      clock: 'app',
      resource: { 'service.name': 'app' },
    });
    const { path } = analysed([...wholeRequest(), beacon]);
    expect(path.map((piece) => piece.spanId)).not.toContain(idOf('beacon'));
  });

  it('of two parallel calls follows the one that finished last', () => {
    const call = (id: string, startMs: number, endMs: number) =>
      reported(id, 'root', startMs, endMs, {
        kind: 'client',
        source: 'otlp',
        clock: 'app',
        resource: { 'service.name': 'app' },
      });
    const trace = stitch([
      reported('root', undefined, 0, 100, {
        kind: 'server',
        source: 'otlp',
        clock: 'app',
        resource: { 'service.name': 'app' },
      }),
      call('short', 10, 50),
      call('long', 10, 90),
    ])!;
    expect(criticalPath(trace).map((s) => [s.span.name, s.startNs / 1e6, s.endNs / 1e6])).toEqual([
      ['root', 0, 10],
      ['long', 10, 90],
      ['root', 90, 100],
    ]);
  });

  it('gives a wait that the journey asked for to think time, whatever else went on', () => {
    const { report } = analysed([
      reported('run', undefined, 0, 100, { type: 'run', layer: 'browser' }),
      reported('step', 'run', 0, 100, { type: 'step', layer: 'browser' }),
      reported('pause', 'step', 20, 100, { type: 'action', layer: 'think' }),
      reported('favicon', 'step', 10, 60, { type: 'request', layer: 'browser', kind: 'client' }),
    ]);
    expect(ms(report.ledger, { layer: 'think' })).toBe(80);
    expect(ms(report.ledger, { layer: 'browser' })).toBe(0);
  });

  it('follows the script that sent a request back to the task it was sent from', () => {
    const { path } = analysed([
      reported('run', undefined, 0, 100, { type: 'run', layer: 'browser' }),
      reported('step', 'run', 0, 100, { type: 'step', layer: 'browser' }),
      reported('click', 'step', 0, 100, { type: 'action', layer: 'browser' }),
      reported('handler', 'step', 10, 40, { type: 'task', layer: 'browser' }),
      reported('fetch', 'step', 30, 90, { type: 'request', layer: 'browser', kind: 'client' }),
    ]);
    const named = path.map((p) => [p.spanId, p.startNs / 1e6, p.endNs / 1e6]);
    expect(named).toContainEqual([idOf('handler'), 10, 30]);
    expect(named).toContainEqual([idOf('fetch'), 30, 90]);
  });
});

describe('the verdict of a failed run', () => {
  const failed = (requestError: string | undefined, journeyError: string) =>
    analysed([
      reported('run', undefined, 0, 100, {
        type: 'run',
        layer: 'browser',
        status: { code: 'error', message: journeyError },
      }),
      reported('step', 'run', 0, 100, {
        type: 'step',
        layer: 'browser',
        name: 'Open',
        status: { code: 'error' },
      }),
      reported('request', 'step', 5, 90, {
        type: 'request',
        layer: 'browser',
        kind: 'client',
        name: 'GET /',
        status: { code: 'error' },
        attributes: {
          'server.address': 'shop.example',
          ...(requestError ? { 'error.type': requestError } : {}),
        },
      }),
    ]).report.verdict;

  it.each([
    ['ERR_CONNECTION_REFUSED', '', 'tcp', 'refused the connection'],
    ['ERR_NAME_NOT_RESOLVED', '', 'dns', 'could not be resolved'],
    ['ERR_CERT_DATE_INVALID', '', 'tls', 'no secure connection'],
    ['ERR_SOMETHING_NEW', '', 'browser', 'gave the request to shop.example up'],
    ['unfinished', 'page.goto: net::ERR_CONNECTION_REFUSED at http://x/', 'tcp', 'refused the connection'],
    ['ERR_ABORTED', 'Timeout 3000ms exceeded', 'network', 'had not answered'],
  ])('%s %s is blamed on %s', (requestError, journeyError, layer, words) => {
    const verdict = failed(requestError, journeyError);
    expect(verdict.layer).toBe(layer);
    expect(verdict.sentence).toContain(words);
    expect(verdict.sentence).toContain('in step “Open”');
  });
});

const TYPES: readonly (SpanType | undefined)[] = [
  'step',
  'action',
  'task',
  'request',
  'phase',
  'dns_query',
  'proxy',
  'proxy_phase',
  'db_server',
  'plan_node',
  undefined,
];
const hostileSpan = fc.record({
  id: fc.integer({ min: 1, max: 30 }),
  parent: fc.integer({ min: 0, max: 31 }),
  startMs: fc.oneof(fc.integer({ min: -100, max: 1_100 }), fc.constant(16 * 3_600_000)),
  lengthMs: fc.integer({ min: -20, max: 600 }),
  type: fc.constantFrom(...TYPES),
  layer: fc.constantFrom(...LAYERS),
  kind: fc.constantFrom('internal', 'server', 'client', 'producer', 'consumer') as fc.Arbitrary<
    ReportedSpan['kind']
  >,
  clock: fc.constantFrom('probe', 'a', 'b'),
  name: fc.constantFrom('waiting', 'request sent', 'content download', 'server', 'queue', 'x'),
  precisionNs: fc.constantFrom(0, 1_000, 1_000_000),
});

describe('any trace at all', () => {
  it.each([true, false])('sums to its wall time, run by run and step by step (with a run: %s)', (withRun) => {
    fc.assert(
      fc.property(fc.array(hostileSpan, { minLength: 1, maxLength: 40 }), (given) => {
        const spans = given.map(({ id, parent, startMs, lengthMs, ...rest }) =>
          reported(`s${id}`, parent === 0 ? 'run' : `s${parent}`, startMs, startMs + lengthMs, rest),
        );
        const run = reported('run', undefined, 0, 1_000, { type: 'run', layer: 'browser' });
        const { report, path } = analysed(withRun ? [run, ...spans] : spans);
        expect(sum(report.ledger)).toBe(report.wallNs);
        let cursor = path[0]?.startNs ?? 0;
        for (const piece of path) {
          expect(piece.startNs).toBe(cursor);
          expect(piece.endNs).toBeGreaterThan(piece.startNs);
          expect(Number.isInteger(piece.endNs)).toBe(true);
          cursor = piece.endNs;
        }
      }),
      { numRuns: 300 },
    );
  });
});
