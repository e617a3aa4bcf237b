/**
 * The attribute keys that Headwater itself sets and reads. OpenTelemetry semantic conventions are used wherever they
 * have a name (`http.request.method`, `url.full`, `server.address`, `db.query.text`, `dns.question.name`, …);
 * these `headwater.*` keys are for what they do not name. They travel with the span through OTLP and back.
 */
export const HEADWATER = {
  /** What a span of the probe is: one of `SPAN_TYPES`. */
  type: 'headwater.type',
  /** One of `LAYERS`, when the source knows it. */
  layer: 'headwater.layer',
  /** Who spent the time, when the source knows it: `haproxy`, `ns1.example (192.0.2.1:53)`, `postgresql`. */
  component: 'headwater.component',
  source: 'headwater.source',
  clock: 'headwater.clock',
  evidence: 'headwater.evidence',
  precisionNs: 'headwater.precision_ns',
  journey: 'headwater.journey',
  /** Span id of the request, or the word `parser`, `script`, `user`, that made the browser send this request. */
  initiator: 'headwater.initiator',
  /** On a request: local port of the browser's socket. On a load balancer's span: the client port it saw. */
  clientPort: 'client.port',
} as const;

/**
 * The parts of a journey, outermost first.
 *
 * ```
 * run ─ step ─┬─ action                      a Playwright call: page.goto, locator.click
 *             ├─ task                        the page's main thread was busy: script, style, layout, paint
 *             └─ request ─┬─ phase           wait_for_connection | DNS lookup | socket connect | TLS handshake |
 *                         │                  request sent | waiting | content download
 *                         │    └─ dns_query  one upstream query, under `DNS lookup`
 *                         └─ proxy ─┬─ proxy_phase   queue | connect | server | transfer
 *                                   └─ (spans of services, by OTLP)
 *                                           └─ db_server   what the database said it did, under the client's span
 *                                                └─ plan_node
 * ```
 */
export const SPAN_TYPES = [
  'run',
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
] as const;
export type SpanType = (typeof SPAN_TYPES)[number];

/** Names of a request's phases, after .NET's HTTP client spans where those have one, in the order they happen. */
export const PHASES = {
  wait: 'wait_for_connection',
  dns: 'DNS lookup',
  connect: 'socket connect',
  tls: 'TLS handshake',
  send: 'request sent',
  waiting: 'waiting',
  download: 'content download',
} as const;

/** A wait for a free connection of a client-side pool; no convention names it, instrumentations agree on the words. */
const POOL_WAIT = /pool[.\s_-]*(connect|acquire|wait|get)|(acquire|get|borrow|wait)[\s_-]*connection/i;
export const isPoolWait = (spanName: string): boolean => POOL_WAIT.test(spanName);
