/**
 * nginx's access log, in the JSON `log_format` that the documentation gives: one line a request, written when it ended.
 *
 * Read: any framing around the JSON (syslog with or without a host name, a file, stdout), lines with `"k":"nginx"` →
 * a proxy span with its phases, and one `proxy_try` span a try where a request needed several. Ignored: nothing;
 * nginx's default formats and its error log become warnings.
 *
 * nginx counts whole milliseconds everywhere, and `msec` is when it wrote the line: a span's start is computed.
 *
 * https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format, …/ngx_http_upstream_module.html#variables
 */
import { HEADWATER } from '../model/attributes.ts';
import { parseTraceparent, type TraceParent } from '../model/ids.ts';
import type { ImportResult, ReportedSpan } from '../model/span.ts';
import { NANOS_PER_MS, nanosFromMs, type UnixNano, unixNanoFromMs } from '../model/time.ts';
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
  ENDING_WORDS,
  endingOf,
  isAnswered,
  msOf,
  type NginxLists,
  type NginxTry,
  nginxTries,
} from './nginx-tries.ts';
import {
  hostAndPort,
  httpVersion,
  proxyAttributes,
  proxyIdentity,
  proxyName,
  proxyPhase,
  proxyStatus,
  proxyTry,
  stretchesOf,
} from './proxy-span.ts';

const JSON_MARK = /"k"\s*:\s*"nginx"/;
/** `combined`: `127.0.0.1 - - [22/Nov/2026:07:09:54 +0000] "GET / HTTP/1.1" 200 12 "-" "curl"` */
const DEFAULT_FORMAT = /\S - \S{1,256} \[\d\d\/\w{3}\/\d{4}:[\d:]+ [+-]\d{4}\] "/;
/** The error log: `2026/11/22 19:10:57 [error] 18496#18496: …` */
const ERROR_LOG = /\d{4}\/\d\d\/\d\d [\d:]{8} \[(\w+)\] \d+#\d+: (.*)/;

export const isNginxLog = (line: string): boolean => JSON_MARK.test(line);
export const isNginxPlain = (line: string): boolean => DEFAULT_FORMAT.test(line) || ERROR_LOG.test(line);

/** Reads one datagram or many lines. Never throws. */
export function readNginxLog(log: string, options: LogOptions = {}): ImportResult {
  return readLines(log, options.where ?? 'nginx log', (line, warn) => readLine(line, options, warn));
}

function readLine(line: string, options: LogOptions, warn: Warn): ReportedSpan[] {
  const found = logLineOf(line);
  const raw = found && parseLogJson(found.json);
  if (found && raw?.k === 'nginx')
    return spansOf(raw, found.json, logClock('nginx', found.frame, options.host), warn);
  warn(...problemOf(line, found?.json, raw !== undefined));
  return [];
}

function problemOf(line: string, json: string | undefined, isJson: boolean): [code: string, message: string] {
  const said = ERROR_LOG.exec(line);
  if (said) return ['nginx.notice', `nginx says (${said[1]}): ${quote(said[2] ?? '')}`];
  if (DEFAULT_FORMAT.test(line)) {
    return [
      'nginx.default_format',
      `this is nginx's default format, which names no trace: headwater doctor --config nginx prints the lines that make it speak. ${quote(line)}`,
    ];
  }
  if (json && !isJson)
    return json.endsWith('}')
      ? [
          'nginx.bad_json',
          `broken JSON; the log_format needs escape=json and every variable in quotes: ${quote(json)}`,
        ]
      : [
          'nginx.truncated',
          `the line is cut off after ${json.length} characters; nginx sends at most 2048 bytes by syslog, a file takes longer lines: ${quote(json)}`,
        ];
  return ['nginx.bad_line', `not a line of nginx's JSON log: ${quote(line)}`];
}

interface Exchange {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly startUnixNano: UnixNano;
  /** When the request went to the first server; undefined when nginx answered by itself. */
  readonly sentUnixNano: UnixNano | undefined;
  readonly endUnixNano: UnixNano;
  readonly tries: readonly NginxTry[];
}

/** The proxy span, its phases and tries; none when the line names no trace. */
function spansOf(
  raw: Readonly<Record<string, unknown>>,
  line: string,
  clock: string,
  warn: Warn,
): ReportedSpan[] {
  const incoming = traceparentIn(raw.tp_in);
  const identity = proxyIdentity('nginx', incoming, traceparentIn(raw.tp_out), line);
  if (!identity) return [];
  const exchange = exchangeOf(raw, warn);
  if (!exchange) return [];
  const proxy: ReportedSpan = {
    ...identity,
    clock,
    ...PROVENANCE,
    name: proxyName(text(raw.m), text(raw.p), 'nginx'),
    kind: 'server',
    startUnixNano: exchange.startUnixNano,
    endUnixNano: exchange.endUnixNano,
    ...outcomeOf(exchange),
  };
  return [proxy, ...partsOf(exchange, proxy)];
}

const traceparentIn = (value: unknown): TraceParent | undefined => parseTraceparent(text(value) ?? '');

const PROVENANCE = {
  events: [],
  links: [],
  resource: { 'service.name': 'nginx' },
  source: 'nginx',
  evidence: 'logged',
  precisionNs: NANOS_PER_MS,
} as const satisfies Partial<ReportedSpan>;

function exchangeOf(raw: Readonly<Record<string, unknown>>, warn: Warn): Exchange | undefined {
  const endMs = unixMsIn(raw.msec);
  const lengthMs = msOf(raw.rt);
  if (endMs === undefined || lengthMs === undefined) {
    warn(
      'nginx.no_time',
      `msec "${said(raw.msec)}" and rt "${said(raw.rt)}" tell no time: no span could be made of it`,
    );
    return undefined;
  }
  const { tries, isUneven } = nginxTries(raw as unknown as NginxLists);
  if (isUneven)
    warn(
      'nginx.uneven_lists',
      `the lists tell of different numbers of tries: "${said(raw.ua)}", "${said(raw.us)}", "${said(raw.urt)}"`,
    );
  const startMs = endMs - lengthMs;
  const sentMs = unixMsIn(raw.sent);
  const isSent = sentMs !== undefined && sentMs >= startMs && sentMs <= endMs;
  return {
    raw,
    tries,
    startUnixNano: unixNanoFromMs(startMs),
    endUnixNano: unixNanoFromMs(endMs),
    sentUnixNano: tries.length && isSent ? unixNanoFromMs(sentMs) : undefined,
  };
}

/** `1795374657.645` → ms; nginx prints three digits. */
const unixMsIn = (value: unknown): number | undefined =>
  typeof value === 'string' && /^\d{9,11}\.\d{3}$/.test(value)
    ? Math.round(Number(value) * 1_000)
    : undefined;

/** 499 is nginx's own: the client closed the connection before there was an answer. */
const CLIENT_CLOSED = 499;

function outcomeOf({ raw, tries }: Exchange): Pick<ReportedSpan, 'status' | 'attributes'> {
  const last = tries.at(-1);
  const status = count(raw.st);
  const isUnanswered = last !== undefined && !isAnswered(last);
  const ending = status === CLIENT_CLOSED ? 'client_gone' : isUnanswered ? endingOf(last) : undefined;
  const attributes = proxyAttributes(
    {
      component: componentOf(raw),
      ending,
      tries: tries.length || undefined,
      method: text(raw.m),
      target: text(raw.p),
      status,
      protocolVersion: httpVersion(text(raw.hv)),
      clientAddress: text(raw.ci),
      clientPort: count(raw.cp),
      server: last?.server,
      bytesIn: count(raw.bi),
      bytesOut: count(raw.bo),
      tlsVersion: /^TLSv(.+)/.exec(text(raw.sslv) ?? '')?.[1],
      tlsCipher: text(raw.sslc),
      tlsResumed: text(raw.sslv) ? raw.sslr === 'r' : undefined,
      alpn: text(raw.alpn),
      serverName: text(raw.sni),
    },
    {
      'nginx.host': text(raw.host),
      'nginx.upstream': text(raw.up),
      'nginx.upstream_status': text(raw.us),
      'nginx.connection': count(raw.conn),
      'nginx.connection_requests': count(raw.creq),
      'nginx.request_completed': typeof raw.done === 'string' ? raw.done === 'OK' : undefined,
      'nginx.client_rtt_us': count(raw.rtt),
      'nginx.request_id': text(raw.rid),
    },
  );
  return { status: proxyStatus(status, ending && ENDING_WORDS[ending]), attributes };
}

function componentOf(raw: Readonly<Record<string, unknown>>): string {
  const server = text(raw.srv);
  return server && server !== '_' ? `nginx ${server}` : 'nginx';
}

/** Phases around one answered try; before it, or alone, the tries that failed. */
function partsOf({ tries, startUnixNano, sentUnixNano, endUnixNano }: Exchange, proxy: ReportedSpan) {
  const firstUnixNano = sentUnixNano ?? startUnixNano;
  const parts: ReportedSpan[] = [];
  const basis = { precisionNs: NANOS_PER_MS };
  for (const received of stretchesOf(startUnixNano, endUnixNano, [['receive', sentUnixNano]] as const))
    parts.push(proxyPhase(proxy, 'receive', { ...basis, ...received }));
  let at = firstUnixNano;
  tries.forEach((attempt, i) => {
    const begin = at < endUnixNano ? at : endUnixNano;
    at = begin + BigInt(nanosFromMs(attempt.responseMs));
    const end = at < endUnixNano ? at : endUnixNano;
    const isInferred = i > 0 || sentUnixNano === undefined;
    if (tries.length > 1 || !isAnswered(attempt))
      parts.push(trySpan(proxy, attempt, i + 1, { begin, end, isInferred }));
    if (isAnswered(attempt)) parts.push(...answeredPhases(proxy, attempt, begin, isInferred));
  });
  return parts;
}

interface TryInterval {
  readonly begin: UnixNano;
  readonly end: UnixNano;
  readonly isInferred: boolean;
}

function trySpan(
  proxy: ReportedSpan,
  attempt: NginxTry,
  ordinal: number,
  { begin, end, isInferred }: TryInterval,
) {
  const ending = isAnswered(attempt) ? undefined : endingOf(attempt);
  const { address, port } = hostAndPort(attempt.server);
  return proxyTry(proxy, ordinal, `try ${ordinal}: ${attempt.server}`, {
    startUnixNano: begin,
    endUnixNano: end,
    precisionNs: NANOS_PER_MS,
    isInferred,
    status: ending ? { code: 'error', message: ENDING_WORDS[ending] } : { code: 'unset' },
    attributes: {
      ...(address === undefined ? undefined : { 'server.address': address }),
      ...(port === undefined ? undefined : { 'server.port': port }),
      ...(attempt.status === undefined ? undefined : { 'http.response.status_code': attempt.status }),
      ...(ending ? { [HEADWATER.proxyEnding]: ending } : undefined),
    },
  });
}

/** What follows the headers until the line was written is transfer, to the client too. */
function answeredPhases(proxy: ReportedSpan, attempt: NginxTry, begin: UnixNano, isInferred: boolean) {
  const after = (ms: number | undefined) => (ms === undefined ? undefined : begin + BigInt(nanosFromMs(ms)));
  const phases = stretchesOf(begin, proxy.endUnixNano, [
    ['connect', after(attempt.connectMs)],
    ['server', after(attempt.headerMs)],
    ['transfer', proxy.endUnixNano],
  ] as const);
  return phases.map(({ name, ...stretch }) =>
    proxyPhase(proxy, name, { ...stretch, precisionNs: NANOS_PER_MS, isInferred }),
  );
}
