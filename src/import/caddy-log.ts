/**
 * Caddy's JSON log: access log and the reverse proxy's own, as Caddy writes them. For builds without the `tracing`
 * directive (Debian leaves it out); with it, Caddy speaks OTLP and this log is not needed.
 *
 * Read: `http.log.access` ("handled request") → a proxy span; `http.handlers.reverse_proxy` at level DEBUG ("upstream
 * roundtrip") → phase `server` when the server answered, else one `proxy_try` that failed. They are lines of their own,
 * joined by the client's `traceparent`, which Caddy hands on as it came. Ignored: "selected upstream", and every other
 * logger below WARN; what Caddy warns of becomes a warning here too.
 *
 * ```
 * proxy   |----------------------------------------|   [ts − duration, ts] of "handled request"
 * try       |--| failed                                [ts − duration, ts] of "upstream roundtrip"
 * server              |-------------|                  up to the server's headers, connecting included
 *               pause                  transfer        what is left between them
 * ```
 * Stamps are seconds with a fraction, good to a µs; durations to a ns.
 *
 * https://caddyserver.com/docs/caddyfile/directives/log, https://caddyserver.com/docs/logging
 */
import { HEADWATER, type ProxyEnding } from '../model/attributes.ts';
import { parseTraceparent, spanIdOf, type TraceParent } from '../model/ids.ts';
import type { ImportResult, ReportedSpan } from '../model/span.ts';
import { NANOS_PER_US, type UnixNano, unixNanoFromSeconds } from '../model/time.ts';
import { count, text } from './haproxy-fields.ts';
import { text as said } from './json-value.ts';
import {
  type LogOptions,
  logClock,
  logLineOf,
  parseLogJson,
  quote,
  readLines,
  type Warn,
} from './log-line.ts';
import {
  hostAndPort,
  httpVersion,
  proxyAttributes,
  proxyName,
  proxyPhase,
  proxyStatus,
  proxyTry,
  withoutUndefined,
} from './proxy-span.ts';

const JSON_MARK = /"logger"\s*:\s*"(?:http\.log\.|http\.handlers\.|admin|tls|http")/;

export const isCaddyLog = (line: string): boolean => JSON_MARK.test(line);

/** Reads one datagram or many lines. Never throws. */
export function readCaddyLog(log: string, options: LogOptions = {}): ImportResult {
  return readLines(log, options.where ?? 'caddy log', (line, warn) => readLine(line, options, warn));
}

type Raw = Readonly<Record<string, unknown>>;

function readLine(line: string, options: LogOptions, warn: Warn): ReportedSpan[] {
  const found = logLineOf(line);
  const raw = found && parseLogJson(found.json);
  if (!found || !raw) {
    const isCut = found && !found.json.endsWith('}');
    warn(
      isCut ? 'caddy.truncated' : 'caddy.bad_line',
      `not a whole line of Caddy's JSON log: ${quote(line)}`,
    );
    return [];
  }
  const clock = logClock('caddy', found.frame, options.host);
  if (raw.msg === 'upstream roundtrip') return roundtripOf(raw, clock);
  if (typeof raw.logger === 'string' && raw.logger.startsWith('http.log.access'))
    return accessOf(raw, found.json, clock, warn);
  if (raw.level === 'warn' || raw.level === 'error')
    warn(
      'caddy.notice',
      `Caddy says: ${quote(`${said(raw.msg)}${raw.error === undefined ? '' : `: ${said(raw.error)}`}`)}`,
    );
  return [];
}

const PROVENANCE = {
  events: [],
  links: [],
  resource: { 'service.name': 'caddy' },
  source: 'caddy',
  evidence: 'logged',
  precisionNs: NANOS_PER_US,
} as const satisfies Partial<ReportedSpan>;

/** Every line of one request must find the same span: its id comes of the client's. */
const proxyId = ({ traceId, spanId }: TraceParent): string => spanIdOf('caddy', traceId, spanId);

/** A request without trace context begins a trace of its own; its tries cannot be told from others' then. */
function identityOf(request: Raw, line: string): Pick<ReportedSpan, 'traceId' | 'spanId' | 'parentSpanId'> {
  const incoming = traceparentOf(request);
  if (incoming)
    return { traceId: incoming.traceId, spanId: proxyId(incoming), parentSpanId: incoming.spanId };
  const spanId = spanIdOf('caddy', line);
  return { traceId: `${spanIdOf(spanId, line)}${spanId}`, spanId };
}

function accessOf(raw: Raw, line: string, clock: string, warn: Warn): ReportedSpan[] {
  const request = objectIn(raw.request);
  const interval = intervalOf(raw);
  if (!interval) {
    warn(
      'caddy.no_time',
      `ts "${said(raw.ts)}" and duration "${said(raw.duration)}" tell no time: no span could be made of it`,
    );
    return [];
  }
  return [
    {
      ...identityOf(request, line),
      ...interval,
      clock,
      ...PROVENANCE,
      name: proxyName(text(request.method), text(request.uri), 'caddy'),
      kind: 'server',
      ...outcomeOf(raw, request),
    },
  ];
}

/** Why there was no answer is told by the tries; a status of 0 says only that Caddy sent none. */
function outcomeOf(raw: Raw, request: Raw): Pick<ReportedSpan, 'status' | 'attributes'> {
  const tls = objectIn(request.tls);
  const status = count(raw.status);
  const attributes = proxyAttributes(
    {
      component: 'caddy',
      ending: undefined,
      method: text(request.method),
      target: text(request.uri),
      status,
      protocolVersion: httpVersion(text(request.proto)),
      clientAddress: text(request.remote_ip),
      clientPort: count(request.remote_port),
      server: undefined,
      bytesIn: count(raw.bytes_read),
      bytesOut: count(raw.size),
      tlsVersion: TLS_VERSION[said(tls.version)],
      tlsResumed: typeof tls.resumed === 'boolean' ? tls.resumed : undefined,
      alpn: text(tls.proto),
      serverName: text(tls.server_name),
    },
    { 'caddy.host': text(request.host), 'caddy.logger': text(raw.logger) },
  );
  return { status: proxyStatus(status, undefined), attributes };
}

/** As on the wire: RFC 8446 §4.2.1. */
const TLS_VERSION: Readonly<Record<string, string>> = { 771: '1.2', 772: '1.3' };

function roundtripOf(raw: Raw, clock: string): ReportedSpan[] {
  const request = objectIn(raw.request);
  const incoming = traceparentOf(request);
  const interval = intervalOf(raw);
  if (!incoming || !interval) return [];
  const { address, port } = hostAndPort(text(raw.upstream));
  const error = text(raw.error);
  const server = withoutUndefined({ 'server.address': address, 'server.port': port });
  const proxy: ReportedSpan = {
    traceId: incoming.traceId,
    spanId: proxyId(incoming),
    ...interval,
    clock,
    ...PROVENANCE,
    name: '',
    kind: 'server',
    status: { code: 'unset' },
    attributes: { [HEADWATER.component]: 'caddy' },
  };
  const stretch = { ...interval, precisionNs: NANOS_PER_US };
  if (error === undefined) {
    const status = count(raw.status);
    const attributes = { ...server, ...(status ? { 'http.response.status_code': status } : undefined) };
    return [proxyPhase(proxy, 'server', { ...stretch, attributes })];
  }
  // no count of tries is told: the instant tells them apart
  const attempt = proxyTry(
    proxy,
    Number(interval.startUnixNano / 1_000n),
    `try: ${text(raw.upstream) ?? 'server'}`,
    {
      ...stretch,
      status: { code: 'error', message: error },
      attributes: { ...server, [HEADWATER.proxyEnding]: endingOf(error) },
    },
  );
  return [attempt];
}

/** In Go's words. */
const ERRORS: readonly (readonly [words: RegExp, ending: ProxyEnding])[] = [
  [/context canceled/, 'client_gone'],
  [/^dial .*(i\/o timeout|deadline exceeded)/, 'connect_timeout'],
  [/^dial |connection refused|no route to host|no such host/, 'connect_failed'],
  [/timeout|deadline exceeded/, 'server_timeout'],
];

const endingOf = (error: string): ProxyEnding =>
  ERRORS.find(([words]) => words.test(error))?.[1] ?? 'server_failed';

/** A day is longer than any proxy waits: what is above is damage. */
const MAX_SECONDS = 86_400;
/** Outside of these years it is no time that Caddy stamped. */
const [EARLIEST_S, LATEST_S] = [1e9, 1e11];

function intervalOf(raw: Raw): { startUnixNano: UnixNano; endUnixNano: UnixNano } | undefined {
  const { ts, duration } = raw;
  if (typeof ts !== 'number' || !(ts > EARLIEST_S && ts < LATEST_S)) return undefined;
  if (typeof duration !== 'number' || !(duration >= 0 && duration < MAX_SECONDS)) return undefined;
  const endUnixNano = unixNanoFromSeconds(ts);
  return { startUnixNano: endUnixNano - BigInt(Math.round(duration * 1e9)), endUnixNano };
}

const objectIn = (value: unknown): Raw =>
  value && typeof value === 'object' && !Array.isArray(value) ? (value as Raw) : {};

function traceparentOf(request: Raw): TraceParent | undefined {
  const [value] = [objectIn(request.headers).Traceparent].flat();
  return typeof value === 'string' ? parseTraceparent(value) : undefined;
}
