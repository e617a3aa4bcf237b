/**
 * The attribute keys that Headwater itself sets and reads. OpenTelemetry semantic conventions are used wherever they
 * have a name (`http.request.method`, `url.full`, `server.address`, `db.query.text`, `dns.question.name`, …);
 * these `headwater.*` keys are for what they do not name. They travel with the span through OTLP and back.
 */
import { rememberByName } from './by-name.ts';
import type { Attributes, AttributeValue, SpanLink } from './span.ts';

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
  /** On a resource that Headwater wrote out: its `service.name` was added for those who list traces by it. */
  named: 'headwater.named',
  /** On an inferred span: what its place was derived from, in words. */
  inference: 'headwater.inference',
  /** Bounds of the span's clock against the probe's (theirs − ours, ns), where an exchange of clocks has told them. */
  clockLowNs: 'headwater.clock.low_ns',
  clockHighNs: 'headwater.clock.high_ns',
  /** On a `wait`: `timer`, `frame`, `commit`, `checks`. */
  waitKind: 'headwater.wait.kind',
  journey: 'headwater.journey',
  /** On the run, `true`: nobody saw the page's main thread, so that no one can say that it was at rest. */
  pageUnseen: 'headwater.page_unseen',
  /** On a span of a run in progress: it goes on, and its end is the last that was known. */
  open: 'headwater.open',
  /** Span id of the request, or the word `parser`, `script`, `user`, that made the browser send this request. */
  initiator: 'headwater.initiator',
  /** What told that a report belongs to this trace, where it names none: `client port, path and time`. */
  joinedBy: 'headwater.joined_by',
  /** On such a report: it was found to fit another trace as well, and belongs to neither. */
  withdrawn: 'headwater.joined_by.withdrawn',
  /** On a recorded request, `true`: it was held for a while before it was sent, and ended that much later. */
  endUntold: 'headwater.end_untold',
  /** On a report of a trace that an answer named: that trace's id, in which its source told it. */
  joinedTrace: 'headwater.joined_trace',
  /** How many times one call was tried. */
  tries: 'headwater.tries',
  /** On a request: local port of the browser's socket. On a load balancer's span: the client port it saw. */
  clientPort: 'client.port',
  /** On a load balancer's span: why it did not pass on a server's answer, one of `PROXY_ENDINGS`; absent when it did. */
  proxyEnding: 'headwater.proxy.ending',
  /** On a span by OTLP that was taken for a load balancer's: what told so. */
  proxySign: 'headwater.proxy.known_by',
  /** On a load balancer's span: how many servers it asked, 1 when the first one answered. */
  proxyTries: 'headwater.proxy.tries',
  /** On a `db_server` report: what the database tells of, one of `DB_ACTS`. */
  dbAct: 'headwater.db.act',
  /** On a `db_server` report: the session that it ran in, unique within its clock. */
  dbSession: 'headwater.db.session',
  /** On a request: span id of the connection that carried it. */
  connection: 'headwater.connection',
  /** On a connection: span id of the request whose DNS, TCP and TLS it was. */
  paidBy: 'headwater.paid_by',
} as const;

/** `headwater.role` of a request's link: the server's span, in a trace of its own, as its answer named it. */
export const ANSWERED_IN = 'answered_in';
export const isAnsweredIn = ({ attributes }: SpanLink): boolean =>
  attributes?.['headwater.role'] === ANSWERED_IN;

/** Before the key of an attribute that is called like one which stands for a field of the span, while it travels. */
export const OWN_PREFIX = 'headwater.own.';
const PROVENANCE: ReadonlySet<string> = new Set([
  HEADWATER.source,
  HEADWATER.clock,
  HEADWATER.evidence,
  HEADWATER.precisionNs,
]);
export const isReservedKey = (key: string): boolean => PROVENANCE.has(key) || key.startsWith(OWN_PREFIX);

/** How a load balancer's part in a request can end other than with a server's answer, whatever its log calls it. */
export const PROXY_ENDINGS = [
  'no_server', // none was up, or none could be reached
  'queue_timeout', // all servers were busy for too long
  'connect_timeout', // a server did not take the connection in time
  'connect_failed', // a server refused the connection
  'server_timeout', // a server took the request and did not answer in time
  'server_failed', // a server broke off, or answered what is no HTTP
  'client_gone', // the client gave up, or was silent too long
  'refused', // the proxy answered by itself: denied, no route, a limit
] as const;
export type ProxyEnding = (typeof PROXY_ENDINGS)[number];

/**
 * What a database's report tells of.
 *
 * ```
 * client span ─┬ parse                        read and analysed
 *              ├ bind                         parameters filled in; this is where it is planned
 *              └ statement ─┬ plan            executed, with plan nodes below it; `statement` itself when it is all there is
 *                           ├ lock_wait       waited for another session
 *                           └ note            an instant: error, temporary file, still waiting
 * ```
 */
export const DB_ACTS = ['statement', 'plan', 'parse', 'bind', 'lock_wait', 'note'] as const;
export type DbAct = (typeof DB_ACTS)[number];

/**
 * The parts of a journey, outermost first.
 *
 * ```
 * run ─┬ step ─┬─ action                     a Playwright call: page.goto, locator.click
 *      │      ├─ task                       the page's main thread was busy: script, style, layout, paint
 *      │      │   └─ task_part              what one script had of a long task
 *      │      ├─ interaction                from a person's input to the next paint
 *      │      ├─ wait                       what idle time was waiting for: a timer, the next frame, a commit
 *      │      └─ request ─┬─ phase          wait_for_connection | DNS lookup | socket connect | TLS handshake |
 *      │                  │   │             request sent | waiting | content download
 *      │                  │   ├─ dns_query        one upstream query, under `DNS lookup`
 *      │                  │   ├─ connect_attempt  one address tried, under `socket connect`
 *      │                  │   ├─ tls_flight       what one side sent and the other waited for, under `TLS handshake`
 *      │                  │   └─ stall            why no connection was free, under `wait_for_connection`
 *      │                  ├─ server_timing  a duration that the server put into its answer; where it lay is inferred
 *      │                  └─ proxy ─┬─ proxy_phase   receive | queue | connect | server | transfer
 *      │                            ├─ proxy_try     one try of several at an upstream server
 *      │                            └─ (spans of services, by OTLP)
 *      │                                   ├─ call ──┬─ (each try)   one call that was tried more than once
 *      │                                   │         └─ backoff     the pause before the next try
 *      │                                   └─ db_server   what the database said it did, under the client's span
 *      │                                        └─ plan_node
 *      └ connection                         one socket of the browser, from its first act to its end; never on the path
 *           └─ host_connection              the same socket as a host's kernel saw it: round trips, retransmits
 * ```
 */
export const SPAN_TYPES = [
  'run',
  'step',
  'action',
  'task',
  'task_part',
  'request',
  'phase',
  'interaction',
  'wait',
  'dns_query',
  'connect_attempt',
  'tls_flight',
  'stall',
  'server_timing',
  'connection',
  'host_connection',
  'proxy',
  'proxy_phase',
  'proxy_try',
  'call',
  'backoff',
  'db_server',
  'plan_node',
] as const;
export type SpanType = (typeof SPAN_TYPES)[number];

const SPAN_TYPE_BY_NAME: ReadonlyMap<unknown, SpanType> = new Map(SPAN_TYPES.map((type) => [type, type]));
/** The value of `headwater.type` as one of ours; undefined when it is none. */
export const spanType = (value: unknown): SpanType | undefined =>
  value === undefined ? undefined : SPAN_TYPE_BY_NAME.get(value);

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

/** Names of the phases of a request that no network was asked for: one, and nothing before or after it. */
export const LOCAL_ANSWERS = {
  memory: 'memory cache',
  disk: 'disk cache',
  'service-worker': 'service worker',
} as const;

/** Time in which the observation itself held a request up, to add `traceparent`. */
export const HEADER_PAUSE = 'header pause';

/** A wait for a free connection of a client-side pool; no convention names it, instrumentations agree on the words. */
const POOL_WAIT = /pool[.\s_-]*(connect|acquire|wait|get)|(acquire|get|borrow|wait)[\s_-]*connection/i;
export const isPoolWait = rememberByName((spanName) => POOL_WAIT.test(spanName));

/** The attributes without those that are not known. */
export const present = (attributes: Readonly<Record<string, AttributeValue | undefined>>): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, AttributeValue] => entry[1] !== undefined),
  );
