/** Reports made by hand, in milliseconds after a fixed origin. */
import { HEADWATER, type SpanType } from '../../src/model/attributes.ts';
import type { Layer } from '../../src/model/layer.ts';
import type { Attributes, ReportedSpan } from '../../src/model/span.ts';
import { nanosFromMs } from '../../src/model/time.ts';

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
export const ORIGIN = 1_795_333_153_000_000_000n;

export interface Given extends Partial<Omit<ReportedSpan, 'attributes'>> {
  readonly type?: SpanType;
  readonly layer?: Layer;
  readonly component?: string;
  readonly attributes?: Attributes;
}

/** `id` is any short word; it is made a span id. */
export function reported(
  id: string,
  parent: string | undefined,
  startMs: number,
  endMs: number,
  given: Given = {},
): ReportedSpan {
  const { type, layer, component, attributes, ...rest } = given;
  return {
    traceId: TRACE_ID,
    spanId: idOf(id),
    ...(parent ? { parentSpanId: idOf(parent) } : {}),
    name: id,
    kind: 'internal',
    startUnixNano: ORIGIN + BigInt(nanosFromMs(startMs)),
    endUnixNano: ORIGIN + BigInt(nanosFromMs(endMs)),
    status: { code: 'unset' },
    attributes: {
      ...(type ? { [HEADWATER.type]: type } : {}),
      ...(layer ? { [HEADWATER.layer]: layer } : {}),
      ...(component ? { [HEADWATER.component]: component } : {}),
      ...attributes,
    },
    events: [],
    links: [],
    resource: {},
    source: 'cdp',
    clock: 'probe',
    evidence: 'measured',
    precisionNs: 1_000,
    ...rest,
  };
}

/** A word as 16 hex digits, readable in a failure. */
export const idOf = (word: string): string =>
  Buffer.from(word).toString('hex').slice(0, 16).padStart(16, '0');

const service = (name: string): Given => ({
  source: 'otlp',
  clock: name,
  resource: { 'service.name': name },
});

/**
 * One request, whole: run → step → request → phases → proxy → service → database client → database server.
 * ```
 * ms         0    10   20   30   40 …            180  190  200
 * step       |--------------------------------------------|
 * request      |----------------------------------------|
 * dns          |----|  (2–12) tcp (12–15) tls (15–25) send (25–26) waiting (26–190) download (190–195)
 * proxy                     |--------------------------|        (27–194), server phase 28–190
 * service                    |------------------------|         (29–189)
 * db client                    |-------------------|            (35–180)
 * db server                     |-----------------|             (36–178)
 * ```
 */
export function wholeRequest(): ReportedSpan[] {
  const phase = (name: string, startMs: number, endMs: number, layer: Layer) =>
    reported(name.slice(0, 8), 'request', startMs, endMs, {
      name,
      type: 'phase',
      layer,
      component: 'browser',
    });
  const logged = { evidence: 'logged' as const };
  return [
    reported('run', undefined, 0, 205, {
      type: 'run',
      layer: 'browser',
      attributes: { [HEADWATER.journey]: 'buy' },
    }),
    reported('step', 'run', 0, 200, { type: 'step', layer: 'browser', name: 'Pay' }),
    reported('action', 'step', 0, 199.5, { type: 'action', layer: 'browser', name: 'page.goto' }),
    reported('request', 'step', 2, 195, {
      type: 'request',
      layer: 'browser',
      kind: 'client',
      name: 'GET /pay',
    }),
    phase('DNS lookup', 2, 12, 'dns'),
    phase('socket connect', 12, 15, 'tcp'),
    phase('TLS handshake', 15, 25, 'tls'),
    phase('request sent', 25, 26, 'network'),
    phase('waiting', 26, 190, 'network'),
    phase('content download', 190, 195, 'network'),
    reported('proxy', 'request', 27, 194, {
      type: 'proxy',
      layer: 'lb',
      component: 'edge',
      kind: 'server',
      source: 'haproxy',
      clock: 'edge',
      ...logged,
    }),
    reported('server', 'proxy', 28, 190, {
      type: 'proxy_phase',
      layer: 'lb',
      component: 'edge',
      source: 'haproxy',
      clock: 'edge',
      ...logged,
    }),
    reported('service', 'proxy', 29, 189, { ...service('app'), kind: 'server', name: 'GET /pay' }),
    reported('dbclient', 'service', 35, 180, {
      ...service('app'),
      kind: 'client',
      name: 'SELECT',
      attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'shop' },
    }),
    reported('dbserver', 'dbclient', 36, 178, {
      type: 'db_server',
      layer: 'db',
      component: 'postgresql shop',
      source: 'postgresql',
      clock: 'pg',
      precisionNs: 1e6,
      ...logged,
    }),
  ];
}
