/**
 * Traces of any size for measuring, the same ones for the same numbers. Three shapes:
 *
 * `journey`: what a browser, a load balancer, three services and their database report of a long journey.
 * ```
 * run ─┬ step ─┬ action, task
 *      │      └ request (six sockets at a time) ─┬ phases
 *      │                                         └ proxy ─┬ proxy phases
 *      │                                                  └ server ─┬ middleware
 *      │                                                            └ client ─ server ─┬ pool wait
 *      │                                                                               └ query ─ statement ─ plan nodes
 *      └ connection
 * ```
 * `siblings`: one server with all the others straight below it, back to back. `chain`: each below the one before.
 */
import { HEADWATER, PHASES, type SpanType } from '../../src/model/attributes.ts';
import type { Evidence, Layer } from '../../src/model/layer.ts';
import type { Attributes, ReportedSpan, SpanKind, SpanStatus } from '../../src/model/span.ts';

export const SHAPES = ['journey', 'siblings', 'chain'] as const;
export type Shape = (typeof SHAPES)[number];

export interface Wanted {
  readonly spans: number;
  readonly shape?: Shape;
  readonly seed?: number;
  /** How far each source's clock is off, ns; 0 where it is not named. */
  readonly clockErrorNs?: Readonly<Record<string, number>>;
}

export const BENCH_TRACE_ID = '5ca1e000000000000000000000000001';
const ORIGIN = 1_795_333_153_000_000_000n;
const US = 1_000;
const MS = 1_000_000;
const REQUESTS_PER_STEP = 24;
const SOCKETS = 6;

/** Exactly `spans` reports, the way they arrive: step by step, and within a step source by source. */
export function generateTrace({
  spans,
  shape = 'journey',
  seed = 1,
  clockErrorNs = {},
}: Wanted): ReportedSpan[] {
  const maker = new TraceMaker(spans, seed, clockErrorNs);
  if (shape === 'journey') maker.journey();
  else maker.services(shape);
  return maker.reports;
}

interface Source {
  readonly source: string;
  readonly clock: string;
  readonly evidence: Evidence;
  readonly precisionNs: number;
  readonly resource: Attributes;
}

const probe = (source: string, precisionNs: number): Source => ({
  source,
  clock: 'probe',
  evidence: 'measured',
  precisionNs,
  resource: { 'service.name': 'headwater-probe' },
});
const service = (name: string): Source => ({
  source: 'otlp',
  clock: name,
  evidence: 'measured',
  precisionNs: US,
  resource: {
    'service.name': name,
    'service.version': '1.4.2',
    'host.name': `${name}-7d9c`,
    'process.pid': 4_711,
    'telemetry.sdk.language': 'nodejs',
  },
});
const logged = (source: string, clock: string, precisionNs: number): Source => ({
  source,
  clock,
  evidence: 'logged',
  precisionNs,
  resource: {},
});

const PAGE = probe('cdp', US);
const CALLS = probe('playwright', MS);
const EDGE = logged('haproxy', 'edge', US);
const DATABASE = logged('postgresql', 'database', MS);
const FRONT = service('front');
const BACKS = [service('catalogue'), service('basket'), service('reviews')] as const;

const UNSET: SpanStatus = { code: 'unset' };
const NONE: readonly never[] = [];

interface Placed {
  readonly spanId: string;
  readonly startNs: number;
  readonly endNs: number;
}

class TraceMaker {
  readonly reports: ReportedSpan[] = [];
  readonly #wanted: number;
  readonly #clockErrorNs: Readonly<Record<string, number>>;
  #state: number;
  #count = 0;
  #ids = 0;
  readonly #bytes = Buffer.alloc(8);
  /** Reports of the step at hand by clock: sources deliver apart from each other. */
  #byClock = new Map<string, ReportedSpan[]>();

  constructor(wanted: number, seed: number, clockErrorNs: Readonly<Record<string, number>>) {
    this.#wanted = wanted;
    this.#state = seed;
    this.#clockErrorNs = clockErrorNs;
  }

  /** Mulberry32: small, fast, the same everywhere. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** A whole number of microseconds between two, in ns. */
  #between(lowUs: number, highUs: number): number {
    return (lowUs + (this.#random() % (highUs - lowUs + 1))) * US;
  }

  /** Distinct, and in no order that means anything. */
  #id(): string {
    this.#ids++;
    this.#bytes.writeUInt32BE(this.#random(), 0);
    this.#bytes.writeUInt32BE(this.#ids, 4);
    return this.#bytes.toString('hex');
  }

  /** The same id as another string: reports are read one by one, and share none. */
  #copyOf(id: string | undefined): string | undefined {
    if (id === undefined) return undefined;
    this.#bytes.write(id, 'hex');
    return this.#bytes.toString('hex');
  }

  #add(
    from: Source,
    parentSpanId: string | undefined,
    name: string,
    kind: SpanKind,
    startNs: number,
    endNs: number,
    attributes: Attributes,
  ): Placed {
    const placed = { spanId: this.#id(), startNs, endNs };
    if (this.#isFull) return placed;
    this.#count++;
    this.#report(from, placed, parentSpanId, name, kind, attributes);
    return placed;
  }

  /** What has its place in the count already. */
  #report(
    from: Source,
    { spanId, startNs, endNs }: Placed,
    parentSpanId: string | undefined,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
  ): void {
    const errorNs = this.#clockErrorNs[from.clock] ?? 0;
    const report: ReportedSpan = {
      traceId: BENCH_TRACE_ID,
      spanId,
      parentSpanId: this.#copyOf(parentSpanId),
      name,
      kind,
      startUnixNano: ORIGIN + BigInt(startNs + errorNs),
      endUnixNano: ORIGIN + BigInt(endNs + errorNs),
      status: UNSET,
      attributes,
      events: NONE,
      links: NONE,
      resource: from.resource,
      scope: from.source,
      source: from.source,
      clock: from.clock,
      evidence: from.evidence,
      precisionNs: from.precisionNs,
    };
    const list = this.#byClock.get(from.clock);
    if (list) list.push(report);
    else this.#byClock.set(from.clock, [report]);
  }

  #deliver(): void {
    for (const reports of this.#byClock.values()) for (const report of reports) this.reports.push(report);
    this.#byClock = new Map();
  }

  get #isFull(): boolean {
    return this.#count >= this.#wanted;
  }

  services(shape: 'siblings' | 'chain'): void {
    const lengthNs = this.#wanted * 2 * US;
    let parent = this.#add(FRONT, undefined, 'GET /', 'server', 0, lengthNs, {
      'http.request.method': 'GET',
    });
    for (let i = 1; !this.#isFull; i++) {
      const startNs = shape === 'siblings' ? (i - 1) * 2 * US : i * US;
      const endNs = shape === 'siblings' ? i * 2 * US : lengthNs - i * US;
      const child = this.#add(FRONT, parent.spanId, `part ${i % 100}`, 'internal', startNs, endNs, {});
      if (shape === 'chain') parent = child;
    }
    this.#deliver();
  }

  /** A run and a step are reported when they are over, under the ids that their children have named by then. */
  journey(): void {
    const runId = this.#id();
    this.#count++;
    let cursorNs = 0;
    for (let step = 1; !this.#isFull; step++) {
      cursorNs = this.#step(runId, step, cursorNs);
      this.#deliver();
    }
    const run = { [HEADWATER.type]: 'run', [HEADWATER.layer]: 'browser', [HEADWATER.journey]: 'bench' };
    const placed = { spanId: runId, startNs: 0, endNs: cursorNs + MS };
    this.#report(CALLS, placed, undefined, 'bench', 'internal', run);
    this.#deliver();
  }

  /** Six sockets, each with one request after the other, and a task of the page after each round. */
  #step(runId: string, number: number, beginNs: number): number {
    const stepId = this.#id();
    this.#count++;
    const connectionIds = Array.from({ length: SOCKETS }, () => this.#id());
    const freeNs = Array.from({ length: SOCKETS }, () => beginNs + this.#between(500, 2_000));
    const isFirst = number === 1;
    for (let i = 0; i < REQUESTS_PER_STEP; i++) {
      const socket = i % SOCKETS;
      if (i > 0 && socket === 0) {
        const readyNs = Math.max(...freeNs);
        const task = this.#between(1_000, 9_000);
        this.#page(stepId, 'task', 'EvaluateScript', readyNs, readyNs + task, {
          'headwater.task.cpu_ns': task,
        });
        freeNs.fill(readyNs + task);
      }
      freeNs[socket] = this.#request(
        stepId,
        i,
        freeNs[socket]!,
        connectionIds[socket]!,
        isFirst && i < SOCKETS,
      );
    }
    const endNs = Math.max(...freeNs) + this.#between(200, 900);
    this.#page(stepId, 'action', 'locator.click', beginNs, endNs, { 'headwater.action.selector': '#next' });
    const step = { [HEADWATER.type]: 'step', [HEADWATER.layer]: 'browser' };
    const placed = { spanId: stepId, startNs: beginNs, endNs };
    this.#report(CALLS, placed, runId, `Step ${number}`, 'internal', step);
    return endNs;
  }

  #page(
    parent: string,
    type: SpanType,
    name: string,
    startNs: number,
    endNs: number,
    given: Attributes,
  ): Placed {
    const attributes = { [HEADWATER.type]: type, [HEADWATER.layer]: 'browser', ...given };
    return this.#add(PAGE, parent, name, 'internal', startNs, endNs, attributes);
  }

  /** @returns when it was answered */
  #request(stepId: string, index: number, startNs: number, connectionId: string, isFirst: boolean): number {
    const port = 50_000 + (this.#random() % 10_000);
    const path = `/items/${this.#random() % 1_000}`;
    const parts: { name: string; layer: Layer; ns: number }[] = [
      { name: PHASES.wait, layer: 'browser', ns: this.#between(20, 400) },
      ...(isFirst
        ? [
            { name: PHASES.dns, layer: 'dns' as const, ns: this.#between(900, 4_000) },
            { name: PHASES.connect, layer: 'tcp' as const, ns: this.#between(300, 900) },
            { name: PHASES.tls, layer: 'tls' as const, ns: this.#between(2_000, 6_000) },
          ]
        : []),
      { name: PHASES.send, layer: 'network', ns: this.#between(50, 150) },
      { name: PHASES.waiting, layer: 'network', ns: this.#between(30_000, 60_000) },
      { name: PHASES.download, layer: 'network', ns: this.#between(200, 2_000) },
    ];
    const endNs = parts.reduce((sum, { ns }) => sum + ns, startNs);
    const request = this.#add(PAGE, stepId, `GET ${path}`, 'client', startNs, endNs, {
      [HEADWATER.type]: 'request',
      [HEADWATER.layer]: 'browser',
      [HEADWATER.component]: 'shop.example',
      'http.request.method': 'GET',
      'url.full': `https://shop.example${path}?page=${index}`,
      'server.address': 'shop.example',
      'server.port': 443,
      'http.response.status_code': 200,
      'network.protocol.version': '1.1',
      'headwater.traceparent_sent': true,
      [HEADWATER.clientPort]: port,
      [HEADWATER.connection]: connectionId,
      [HEADWATER.initiator]: 'script',
    });
    let cursorNs = startNs;
    for (const { name, layer, ns } of parts) {
      const attributes = {
        [HEADWATER.type]: 'phase',
        [HEADWATER.layer]: layer,
        [HEADWATER.component]: 'shop.example',
      };
      this.#add(PAGE, request.spanId, name, 'internal', cursorNs, cursorNs + ns, attributes);
      if (name === PHASES.waiting)
        this.#proxy(
          request,
          path,
          port,
          cursorNs + this.#between(100, 400),
          cursorNs + ns - this.#between(100, 400),
        );
      cursorNs += ns;
    }
    return endNs;
  }

  #proxy(request: Placed, path: string, port: number, startNs: number, endNs: number): void {
    const proxy = this.#add(EDGE, request.spanId, `GET ${path}`, 'server', startNs, endNs, {
      [HEADWATER.type]: 'proxy',
      [HEADWATER.layer]: 'lb',
      [HEADWATER.component]: 'edge',
      'http.request.method': 'GET',
      'url.path': path,
      'http.response.status_code': 200,
      'server.address': '192.0.2.10',
      'server.port': 8_080,
      [HEADWATER.clientPort]: port,
      'haproxy.termination_state': '----',
    });
    const bounds = [startNs, startNs + 40 * US, startNs + 300 * US, endNs - 200 * US, endNs];
    ['queue', 'connect', 'server', 'transfer'].forEach((name, i) => {
      const attributes = {
        [HEADWATER.type]: 'proxy_phase',
        [HEADWATER.layer]: 'lb',
        [HEADWATER.component]: 'edge',
      };
      this.#add(EDGE, proxy.spanId, name, 'internal', bounds[i]!, bounds[i + 1]!, attributes);
    });
    this.#front(request, path, bounds[2]! + 100 * US, bounds[3]! - 100 * US);
  }

  /** The proxy forwards the request's own trace context, so this server is its brother until it is placed. */
  #front(request: Placed, path: string, startNs: number, endNs: number): void {
    const server = this.#add(FRONT, request.spanId, 'GET /items/{id}', 'server', startNs, endNs, {
      'http.request.method': 'GET',
      'url.path': path,
      'url.scheme': 'http',
      'http.route': '/items/{id}',
      'http.response.status_code': 200,
      'network.protocol.version': '1.1',
      'user_agent.original': 'Mozilla/5.0',
      'client.address': '192.0.2.1',
    });
    this.#add(
      FRONT,
      server.spanId,
      'middleware - session',
      'internal',
      startNs + 50 * US,
      startNs + 400 * US,
      {
        'express.type': 'middleware',
        'express.name': 'session',
      },
    );
    const third = Math.floor((endNs - startNs - 2 * MS) / 3 / US) * US;
    BACKS.forEach((back, i) => {
      const fromNs = startNs + 500 * US + i * third;
      this.#call(server, back, fromNs, fromNs + third);
    });
  }

  #call(caller: Placed, back: Source, startNs: number, endNs: number): void {
    const name = String(back.resource['service.name']);
    const client = this.#add(FRONT, caller.spanId, 'GET', 'client', startNs, endNs, {
      'http.request.method': 'GET',
      'url.full': `http://${name}:8080/${name}?id=${this.#random() % 1_000}`,
      'server.address': name,
      'server.port': 8_080,
      'http.response.status_code': 200,
    });
    const server = this.#add(
      back,
      client.spanId,
      `GET /${name}`,
      'server',
      startNs + 300 * US,
      endNs - 300 * US,
      {
        'http.request.method': 'GET',
        'url.path': `/${name}`,
        'http.route': `/${name}`,
        'http.response.status_code': 200,
      },
    );
    const half = Math.floor((server.endNs - server.startNs) / 2 / US) * US;
    this.#query(server, back, server.startNs + 200 * US, server.startNs + half);
    this.#query(server, back, server.startNs + half, server.endNs - 200 * US);
  }

  #query(server: Placed, back: Source, startNs: number, endNs: number): void {
    const text = 'SELECT id, name, price FROM items WHERE category = $1 ORDER BY price LIMIT 20';
    const shared = { 'db.system.name': 'postgresql', 'db.namespace': 'shop', 'server.address': '192.0.2.20' };
    this.#add(back, server.spanId, 'pg-pool.connect', 'client', startNs, startNs + 80 * US, {
      ...shared,
      'db.client.connection.pool.name': 'items',
    });
    const query = this.#add(
      back,
      server.spanId,
      'pg.query:SELECT shop',
      'client',
      startNs + 100 * US,
      endNs,
      {
        ...shared,
        'db.query.text': text,
        'db.operation.name': 'SELECT',
      },
    );
    const statement = this.#reportOfDatabase(
      query,
      'db_server',
      'SELECT',
      query.startNs + 200 * US,
      endNs - 200 * US,
      {
        [HEADWATER.dbAct]: 'plan',
        [HEADWATER.dbSession]: `67a1.${this.#random() % 40}`,
        'db.query.text': text,
      },
    );
    const sort = this.#node(statement, 'Sort', statement.startNs + 50 * US, statement.endNs - 50 * US);
    this.#node(sort, 'Index Scan', sort.startNs + 50 * US, sort.endNs - 100 * US);
  }

  #node(above: Placed, type: string, startNs: number, endNs: number): Placed {
    return this.#reportOfDatabase(above, 'plan_node', `${type} on items`, startNs, endNs, {
      'postgresql.plan.node_type': type,
      'postgresql.plan.relation': 'items',
      'postgresql.plan.rows': 20,
      'postgresql.plan.loops': 1,
    });
  }

  #reportOfDatabase(
    above: Placed,
    type: SpanType,
    name: string,
    startNs: number,
    endNs: number,
    given: Attributes,
  ) {
    const attributes = {
      [HEADWATER.type]: type,
      [HEADWATER.layer]: 'db',
      [HEADWATER.component]: 'postgresql shop',
      ...given,
    };
    return this.#add(DATABASE, above.spanId, name, 'internal', startNs, endNs, attributes);
  }
}
