import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/analyse/analyse.ts';
import { pipesOf } from '../../../src/analyse/pipes/pipes.ts';
import type { Pipes } from '../../../src/model/pipes.ts';
import type { RunView } from '../../../src/model/report.ts';
import { NANOS_PER_MS } from '../../../src/model/time.ts';
import { ORIGIN_UNIX_NANO, runView, TRACE_ID, TraceBuilder } from '../../fixtures/run-view.ts';

const MS = NANOS_PER_MS;

function named<T extends { id: string }>(places: readonly T[], id: string): T {
  const found = places.find((place) => place.id === id);
  if (!found) throw new Error(`no ${id} among ${places.map((place) => place.id).join(', ')}`);
  return found;
}
const station = (pipes: Pipes, id: string) => named(pipes.stations, id);
const pipe = (pipes: Pipes, id: string) => named(pipes.pipes, id);
const pathNs = ({ stations, pipes }: Pipes): number =>
  [...stations, ...pipes].reduce((sum, place) => sum + place.pathNs, 0);

/** What analysing makes of hand-made spans. */
function viewOf(b: TraceBuilder, rootId: string, more: Partial<RunView> = {}): RunView {
  b.sort();
  const trace = {
    traceId: TRACE_ID,
    originUnixNano: ORIGIN_UNIX_NANO,
    rootId,
    spans: b.spans,
    clocks: [],
    warnings: [],
  };
  return { trace, ...analyse(trace, {}, more.lanes), ...more };
}

const run = (b: TraceBuilder, endMs: number): string =>
  b.add(null, 'visit', 0, endMs, {
    type: 'run',
    layer: 'browser',
    component: 'journey',
    source: 'playwright',
  });
const request = (b: TraceBuilder, parent: string, startMs: number, endMs: number, host: string): string =>
  b.add(parent, 'GET /', startMs, endMs, {
    type: 'request',
    layer: 'browser',
    component: `${host}:443`,
    source: 'cdp',
    kind: 'client',
    attributes: { 'server.address': host, 'server.port': 443 },
  });
const BROWSER = { layer: 'browser', component: 'chromium', source: 'cdp' } as const;

describe('the plumbing of a run', () => {
  const view = runView();
  const pipes = pipesOf(view);

  it('has a station for each who had the water, and a pipe for each who called', () => {
    expect(pipes.stations.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'browser:Browser',
        'names:Name look-up',
        'names:198.51.100.3:53',
        'lb:haproxy',
        'service:web-1',
        'service:web-2',
        'service:inventory',
        'service:payment',
        'db:postgresql',
      ]),
    );
    const stock = pipe(pipes, 'service:web-2 → service:inventory');
    expect(stock).toMatchObject({ calls: 1, totalNs: 1_314 * MS });
    expect(pipe(pipes, 'lb:haproxy → service:web-2').calls).toBe(2);
    const front = pipe(pipes, 'browser:Browser → lb:haproxy');
    expect(front).toMatchObject({ calls: 35, errors: 1, setups: 1, setupNs: 63 * MS });
  });

  it('puts all of the run’s time somewhere, once', () => {
    expect(pathNs(pipes)).toBe(view.report.wallNs);
    expect(pipes.play[0]?.startNs).toBe(0);
    expect(pipes.play.at(-1)?.endNs).toBe(view.report.wallNs);
    for (let i = 1; i < pipes.play.length; i++) expect(pipes.play[i]?.startNs).toBe(pipes.play[i - 1]?.endNs);
  });

  it('marks what the verdict blames', () => {
    expect(pipes.guilty).toBe('db:postgresql');
    expect(station(pipes, 'db:postgresql').blamedNs).toBe(view.report.verdict.ns);
    expect(pipes.stations.filter(({ blamedNs }) => blamedNs !== undefined)).toHaveLength(1);
  });

  it('blames nobody in a run in which nothing stands out', () => {
    const b = new TraceBuilder();
    const root = run(b, 50);
    request(b, root, 5, 40, 'site.example');
    const quiet = pipesOf(viewOf(b, root));
    expect(quiet.guilty).toBeUndefined();
    expect(quiet.stations.every(({ blamedNs }) => blamedNs === undefined)).toBe(true);
  });
});

describe('who was asked', () => {
  it('is known by address where no span of it came', () => {
    const b = new TraceBuilder();
    const root = run(b, 100);
    request(b, root, 0, 40, 'site.example');
    request(b, root, 40, 90, 'cdn.example');
    request(b, root, 50, 80, 'cdn.example');
    const { stations } = pipesOf(viewOf(b, root));
    expect(stations.map(({ id, calls }) => [id, calls])).toEqual([
      ['browser:Browser', 0],
      ['host:site.example', 1],
      ['host:cdn.example', 2],
    ]);
  });

  it('is the balancer for a request that it did not log, when it answers for that host', () => {
    const b = new TraceBuilder();
    const root = run(b, 100);
    const logged = request(b, root, 0, 40, 'site.example');
    b.add(logged, 'proxy', 5, 35, {
      type: 'proxy',
      layer: 'lb',
      component: 'front',
      source: 'haproxy',
      kind: 'server',
    });
    request(b, root, 40, 90, 'site.example');
    const pipes = pipesOf(viewOf(b, root));
    expect(pipes.stations.map(({ id }) => id)).toEqual(['browser:Browser', 'lb:front']);
    expect(pipe(pipes, 'browser:Browser → lb:front').calls).toBe(2);
  });

  it('is nobody for what came out of the cache', () => {
    const b = new TraceBuilder();
    const root = run(b, 100);
    const cached = request(b, root, 0, 40, 'site.example');
    b.add(cached, 'disk cache', 0, 40, { ...BROWSER, type: 'phase' });
    expect(pipesOf(viewOf(b, root)).stations.map(({ id }) => id)).toEqual(['browser:Browser']);
  });

  it('may be the caller itself, in a circle', () => {
    const b = new TraceBuilder();
    const add = (
      parent: string | null,
      component: string,
      from: number,
      to: number,
      kind: 'client' | 'server',
    ) => b.add(parent, `${component} ${kind}`, from, to, { layer: 'service', component, kind });
    const root = add(null, 'a', 0, 100, 'server');
    const inner = add(add(root, 'a', 10, 90, 'client'), 'b', 20, 80, 'server');
    add(add(inner, 'b', 30, 70, 'client'), 'a', 40, 60, 'server');
    const pipes = pipesOf(viewOf(b, root));
    expect(pipes.source).toBe('service:a');
    expect(pipes.pipes.map(({ id }) => id)).toEqual(['service:a → service:b', 'service:b → service:a']);
    expect(pathNs(pipes)).toBe(100 * MS);
  });

  it('is the resolver for a name server that the browser’s look-up led to', () => {
    const b = new TraceBuilder();
    const root = run(b, 100);
    b.add(request(b, root, 0, 40, 'site.example'), 'A site.example', 0, 10, {
      type: 'dns_query',
      layer: 'dns',
      component: 'ns.example',
      source: 'resolver',
      kind: 'client',
      attributes: { 'server.address': '192.0.2.53' },
    });
    expect(pipesOf(viewOf(b, root)).pipes.map(({ id }) => id)).toEqual([
      'browser:Browser → names:Name look-up',
      'names:Name look-up → names:ns.example',
      'browser:Browser → host:site.example',
    ]);
  });
});

describe('what had to wait', () => {
  const withPool = (waitMs: number): Pipes => {
    const b = new TraceBuilder();
    const root = b.add(null, 'GET /', 0, 400, { layer: 'service', component: 'shop', kind: 'server' });
    const attributes = { 'db.system.name': 'postgresql' };
    b.add(root, 'pg-pool.connect', 10, 10 + waitMs, {
      layer: 'service',
      component: 'shop',
      kind: 'client',
      attributes,
    });
    b.add(root, 'SELECT', 350, 390, { layer: 'db', component: 'postgresql', kind: 'client', attributes });
    return pipesOf(viewOf(b, root));
  };

  it('is pressure at the pool of the pipe to the database', () => {
    const { valves } = pipe(withPool(300), 'service:shop → db:postgresql');
    expect(valves).toMatchObject([
      { kind: 'pool', waits: 1, waitedNs: 300 * MS, pathNs: 300 * MS, isBlamed: true },
    ]);
  });

  it('is an open valve when nobody waited to speak of', () => {
    const { valves } = pipe(withPool(0.4), 'service:shop → db:postgresql');
    expect(valves).toMatchObject([{ kind: 'pool', waits: 0, waitedNs: 0 }]);
  });

  it('is a queue before the servers of a balancer, six connections to a host, a listen queue', () => {
    const b = new TraceBuilder();
    const root = run(b, 900);
    const get = request(b, root, 0, 800, 'site.example');
    const wait = b.add(get, 'wait_for_connection', 0, 200, { ...BROWSER, type: 'phase' });
    b.add(wait, 'stall', 0, 200, {
      ...BROWSER,
      type: 'stall',
      attributes: { 'headwater.stall': 'SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP' },
    });
    const lb = { layer: 'lb', component: 'front', source: 'haproxy' } as const;
    const proxy = b.add(get, 'proxy', 210, 790, { ...lb, type: 'proxy', kind: 'server' });
    b.add(proxy, 'queue', 220, 520, { ...lb, type: 'proxy_phase' });
    b.add(proxy, 'GET /', 530, 780, { layer: 'service', component: 'web', kind: 'server' });
    const queue = { host: 'h', unit: '{connection}', timesNs: [0, MS], limit: 128 };
    const lanes = [
      { ...queue, name: 'listen queue :443', values: [0, 7] },
      { ...queue, name: 'listen queue :81', values: [0, 9] },
    ];
    const pipes = pipesOf(viewOf(b, root, { lanes }));
    expect(pipe(pipes, 'browser:Browser → lb:front').valves).toMatchObject([
      { kind: 'connections', limit: 6, waits: 1, waitedNs: 200 * MS },
      { kind: 'listen', peak: 7, limit: 128 },
    ]);
    expect(pipe(pipes, 'lb:front → service:web').valves).toMatchObject([
      { kind: 'queue', waits: 1, waitedNs: 300 * MS },
    ]);
  });
});

describe('any tree of spans', () => {
  const LAYERS = [
    'browser',
    'dns',
    'tcp',
    'tls',
    'network',
    'lb',
    'service',
    'db',
    'think',
    'unknown',
  ] as const;
  const TYPES = [
    'request',
    'phase',
    'proxy',
    'proxy_phase',
    'dns_query',
    'stall',
    'connection',
    'call',
    'backoff',
    'db_server',
  ] as const;
  const spanArb = fc.record({
    parent: fc.nat(),
    layer: fc.constantFrom(...LAYERS),
    kind: fc.constantFrom('internal', 'server', 'client'),
    type: fc.option(fc.constantFrom(...TYPES), { nil: undefined }),
    component: fc.constantFrom('a', 'b', 'c', 'a → b'),
    start: fc.nat(80),
    length: fc.nat(20),
    host: fc.option(fc.constantFrom('x.example', 'y.example'), { nil: undefined }),
  });

  it('has its time placed exactly once, at places that are there, and is left as it was', () => {
    fc.assert(
      fc.property(fc.array(spanArb, { maxLength: 25 }), (drawn) => {
        const b = new TraceBuilder();
        const ids = [run(b, 100)];
        for (const { parent, start, length, host, type, layer, kind, component } of drawn)
          ids.push(
            b.add(ids[parent % ids.length]!, 'span', start, start + length, {
              layer,
              kind,
              component,
              ...(type && { type }),
              attributes: host ? { 'server.address': host } : {},
            }),
          );
        const trace = {
          traceId: TRACE_ID,
          originUnixNano: ORIGIN_UNIX_NANO,
          rootId: ids[0]!,
          spans: b.spans,
          clocks: [],
          warnings: [],
        };
        const view: RunView = { trace, ...analyse(trace) };
        const before = JSON.stringify(view);
        const pipes = pipesOf(view);
        expect(JSON.stringify(view)).toBe(before);
        expect(pathNs(pipes)).toBe(100 * MS);
        const known = new Set([...pipes.stations, ...pipes.pipes].map(({ id }) => id));
        expect(known.size).toBe(pipes.stations.length + pipes.pipes.length);
        for (const { place } of pipes.play) expect(known).toContain(place);
        for (const { from, to } of pipes.pipes) {
          expect(known).toContain(from);
          expect(known).toContain(to);
        }
      }),
      { numRuns: 150 },
    );
  });
});
