/** The first promise: one command shows a real request's whole path. Real Chromium, HAProxy and PostgreSQL. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HEADWATER } from '../../src/model/attributes.ts';
import { LAYERS } from '../../src/model/layer.ts';
import type { LedgerEntry, RunReport, RunView } from '../../src/model/report.ts';
import type { Span } from '../../src/model/trace.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { Home, reportIn, type Said } from './headwater.ts';

const home = new Home();
afterAll(() => home.remove());

const sum = (ledger: readonly LedgerEntry[]) => ledger.reduce((total, entry) => total + entry.ns, 0);

async function demo(...args: readonly string[]): Promise<{ said: Said; report: RunReport; view: RunView }> {
  const said = await home.run('demo', '--once', '--json', '--proxy', 'haproxy', ...args);
  const report = reportIn(said);
  const store = openStore(home.storePath);
  const view = store.run(report.traceId);
  store.close();
  if (!view) throw new Error('the run is not in the store');
  return { said, report, view };
}

const typed = (view: RunView, type: string) =>
  view.trace.spans.filter((span) => span.attributes[HEADWATER.type] === type);

function ancestors(view: RunView, span: Span): Span[] {
  const byId = new Map(view.trace.spans.map((candidate) => [candidate.spanId, candidate]));
  const chain: Span[] = [];
  for (let at = byId.get(span.parentId ?? ''); at; at = byId.get(at.parentId ?? '')) chain.push(at);
  return chain;
}

describe('a quiet run of the demo', () => {
  let run: Awaited<ReturnType<typeof demo>>;
  beforeAll(async () => {
    run = await demo();
  });

  it('prints one object on stdout, ends well, and accounts for every nanosecond', () => {
    expect(run.said.code).toBe(0);
    expect(run.report.status).toBe('ok');
    expect(run.report.steps).toHaveLength(5);
    expect(sum(run.report.ledger)).toBe(run.report.wallNs);
    for (const step of run.report.steps) expect(sum(step.ledger)).toBe(step.wallNs);
  });

  it('has the contract’s fields', () => {
    expect(Object.keys(run.report).sort()).toEqual(
      [
        ...[
          'traceId',
          'journey',
          'status',
          'startUnixNano',
          'wallNs',
          'steps',
          'ledger',
          'unknownNs',
          'verdict',
        ],
        ...['coverage', 'clocks', 'warnings', 'overhead', 'viewerUrl'],
      ].sort(),
    );
    expect(run.report.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(run.report.verdict.sentence).toContain('checkout');
  });

  it('leaves at most 2 % unexplained', () => {
    expect(run.report.unknownNs / run.report.wallNs).toBeLessThanOrEqual(0.02);
  });

  it('sees every layer from its real source', () => {
    const sources = (layer: string) =>
      new Set(run.view.trace.spans.filter((span) => span.layer === layer).map((span) => span.source));
    for (const layer of LAYERS.filter((l) => l !== 'think' && l !== 'unknown'))
      expect([layer, sources(layer).size]).not.toEqual([layer, 0]);
    expect(sources('dns')).toContain('resolver');
    expect(sources('lb')).toEqual(new Set(['haproxy']));
    expect(sources('service')).toEqual(new Set(['otlp']));
    expect(sources('db')).toEqual(new Set(['otlp', 'postgresql']));
  });

  it('hangs load balancer and services under the browser request that caused them', () => {
    const proxies = typed(run.view, 'proxy');
    expect(proxies.length).toBeGreaterThanOrEqual(8);
    for (const proxy of proxies)
      expect(ancestors(run.view, proxy)[0]?.attributes[HEADWATER.type]).toBe('request');
    const served = run.view.trace.spans.filter((span) => span.source === 'otlp' && span.kind === 'server');
    expect(new Set(served.map((span) => span.component))).toEqual(new Set(['web', 'inventory', 'payment']));
    for (const span of served)
      expect(ancestors(run.view, span).map((a) => a.attributes[HEADWATER.type])).toContain('proxy');
  });

  it('hangs what the database said under the client that asked, with plan nodes and rows', () => {
    const statements = typed(run.view, 'db_server');
    expect(statements.length).toBeGreaterThanOrEqual(5);
    for (const statement of statements) {
      const client = ancestors(run.view, statement).find(({ source }) => source !== 'postgresql');
      expect([client?.source, client?.layer]).toEqual(['otlp', 'db']);
    }
    const nodes = typed(run.view, 'plan_node');
    const plans = statements.filter((span) => span.attributes[HEADWATER.dbAct] === 'plan');
    expect(plans.length).toBeGreaterThanOrEqual(5);
    expect(nodes.length).toBeGreaterThanOrEqual(plans.length);
    // BEGIN and COMMIT have no plan
    expect(statements.map((span) => span.attributes['db.query.text'])).toContain('COMMIT');
    for (const node of nodes) {
      expect(node.attributes['postgresql.plan.rows']).toBeTypeOf('number');
      expect(ancestors(run.view, node).map((a) => a.attributes[HEADWATER.type])).toContain('db_server');
    }
  });

  it('keeps no typed text and no cookie', () => {
    const stored = JSON.stringify(run.view);
    expect(stored).not.toContain('ada.marsh@');
    expect(stored).not.toMatch(/"(http\.request\.header\.)?(cookie|authorization|set-cookie)"/i);
  });

  it('is told in a terminal by show, with the same verdict', async () => {
    const said = await home.run('show', run.report.traceId.slice(0, 10));
    expect(said.code).toBe(0);
    expect(said.stdout).toContain(run.report.verdict.sentence);
    expect(said.stdout).toContain('Where the time went');
    expect(said.stdout).not.toContain('\u001b[');
    const list = await home.run('list');
    expect(list.stdout).toContain(run.report.traceId.slice(0, 8));
  });
});

/** Entries of the ledger in ms, so that a failure shows what was found instead. */
const piecesMs = (ledger: readonly LedgerEntry[], layer: string) =>
  ledger.filter((entry) => entry.layer === layer).map((e) => `${e.cause} ${e.component} ${e.ns / 1e6}`);

/** What the verdict blames has the injected time, within 5 ms or a tenth, whichever is more. */
function expectBlamed({ ledger, verdict }: RunReport, injectedNs: number): void {
  const blamed = ledger.filter((e) => e.cause === verdict.cause && e.component === verdict.component);
  const offNs = Math.abs(sum(blamed) - injectedNs);
  expect(offNs, piecesMs(ledger, verdict.layer).join('\n')).toBeLessThanOrEqual(
    Math.max(5e6, injectedNs * 0.1),
  );
}

describe('faults', () => {
  it('dns-slow: the verdict names the name server, the ledger has its delay', async () => {
    const { report } = await demo('--fault', 'dns-slow=180');
    expect([report.verdict.layer, report.verdict.cause]).toEqual(['dns', 'dns.slow_upstream']);
    expect(report.verdict.sentence).toContain('ns1.');
    expectBlamed(report, 180e6);
  });

  it('db-seq-scan: the verdict names the table, the ledger has what PostgreSQL says it took', async () => {
    const { report, view } = await demo('--fault', 'db-seq-scan');
    expect([report.verdict.layer, report.verdict.cause]).toEqual(['db', 'db.seq_scan']);
    expect(report.verdict.sentence).toContain('orders');
    const scans = typed(view, 'plan_node').filter((node) => node.name.includes('Seq Scan on orders'));
    const statements = scans.flatMap((scan) =>
      ancestors(view, scan).filter((span) => span.attributes[HEADWATER.type] === 'db_server'),
    );
    const loggedMs = statements.reduce(
      (ms, span) => ms + Number(span.attributes['postgresql.duration_ms']),
      0,
    );
    expect(loggedMs).toBeGreaterThan(50);
    expectBlamed(report, loggedMs * 1e6);
  });
});
