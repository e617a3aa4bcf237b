/** The same journey behind each load balancer gives the same shape of trace. Real Chromium, real proxies. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../probe/program-path.ts';
import { REAL_PROXIES, type RealProxy } from '../../scenarios/shop/proxy.ts';
import { typeOf } from '../../src/analyse/tree.ts';
import { LAYERS } from '../../src/model/layer.ts';
import type { RunReport, RunView } from '../../src/model/report.ts';
import type { Span } from '../../src/model/trace.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { Home, reportIn } from './headwater.ts';

const home = new Home();
afterAll(() => home.remove());

interface Run {
  readonly report: RunReport;
  readonly view: RunView;
}

async function demoBehind(proxy: RealProxy): Promise<Run> {
  const said = await home.run('demo', '--once', '--json', '--proxy', proxy);
  expect(said.code, said.stderr).toBe(0);
  const report = reportIn(said);
  const store = openStore(home.storePath);
  const view = store.run(report.traceId);
  store.close();
  if (!view) throw new Error('the run is not in the store');
  return { report, view };
}

/** Requests that carry the trace: documents, XHR and fetch of the shop's own origin. */
const traced = ({ view }: Run): Span[] =>
  view.trace.spans.filter(
    (span) => typeOf(span) === 'request' && span.attributes['headwater.traceparent_sent'] === true,
  );
const childrenOf = ({ view }: Run, parent: Span): Span[] =>
  view.trace.spans.filter((span) => span.parentId === parent.spanId);

/** `POST /api/order → lb → service web`, for each traced request; ids in paths differ from run to run. */
const shapeOf = (run: Run): string[] =>
  traced(run)
    .map((request) => {
      const proxies = childrenOf(run, request).filter((span) => typeOf(span) === 'proxy');
      const servers = proxies.flatMap((proxy) =>
        childrenOf(run, proxy).filter((span) => span.kind === 'server' && typeOf(span) === undefined),
      );
      const told = [...proxies.map(({ layer }) => layer), ...servers.map((s) => `${s.layer} ${s.component}`)];
      return [request.name.replace(/\d+/g, 'N'), ...told].join(' → ');
    })
    .sort();

const runs = new Map<RealProxy, Run>();

describe.each(REAL_PROXIES)('%s in front', (proxy) => {
  // a skipped test names the program that is missing
  const here = it.skipIf(!findProgram(proxy));
  beforeAll(async () => {
    if (findProgram(proxy)) runs.set(proxy, await demoBehind(proxy));
  });
  const run = () => runs.get(proxy)!;

  here(`${proxy} is installed: every traced request went through it to a web server`, () => {
    const shapes = shapeOf(run());
    expect(shapes.length).toBeGreaterThanOrEqual(8);
    for (const shape of shapes) expect(shape).toMatch(/^\S+ \S+ → lb → service web$/);
  });

  here('every layer is seen, and the load balancer asks for nothing more', () => {
    const seen = new Set(run().view.trace.spans.map(({ layer }) => layer));
    for (const layer of LAYERS.filter((one) => one !== 'think' && one !== 'unknown'))
      expect(seen).toContain(layer);
    const coverage = run().report.coverage.find(({ layer }) => layer === 'lb');
    expect(coverage?.sources).not.toEqual([]);
    expect(coverage).not.toHaveProperty('hint');
  });

  here('at most 2 % is unexplained, and the ledger is exact', () => {
    const { ledger, wallNs, unknownNs } = run().report;
    expect(unknownNs / wallNs).toBeLessThanOrEqual(0.02);
    expect(ledger.reduce((sum, { ns }) => sum + ns, 0)).toBe(wallNs);
  });

  here('has the shape of the others', () => {
    for (const other of runs.values()) expect(shapeOf(run())).toEqual(shapeOf(other));
  });
});
