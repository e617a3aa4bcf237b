/**
 * Envoy's access log, in the `json_format` that the documentation gives: one line a request, written when it ended.
 *
 * Read: any framing around the JSON, lines with `"k":"envoy"` → a proxy span with its phases. Tries that failed are
 * told by Envoy only as a number, so their time is one phase, `retries`. Ignored: nothing; Envoy's default format and
 * its own log become warnings.
 *
 * ```
 *         rx_end  cx_beg  cx_end  tx_beg         urx_beg        dtx_end
 * |----------|-------|-------|-------|--------------|---------------|      µs after `start`
 *   receive    queue  connect             server        transfer
 *              (`retries` when there was more than one attempt)
 * ```
 * An instant that was not reached is `null`; `cx_*` also when a connection stood ready. `hs_end` is the end of TLS to
 * the server. What began and did not end runs to the end of the request.
 *
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
 */
import type { ProxyEnding } from '../model/attributes.ts';
import { isTraceId, parseTraceparent, spanIdOf } from '../model/ids.ts';
import type { ImportResult, ReportedSpan } from '../model/span.ts';
import { NANOS_PER_MS, NANOS_PER_US, nanosFromMs, nanosFromUs, type UnixNano } from '../model/time.ts';
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
  type PhaseName,
  proxyAttributes,
  proxyIdentity,
  proxyName,
  proxyPhase,
  proxyStatus,
  stretchesOf,
} from './proxy-span.ts';

const JSON_MARK = /"k"\s*:\s*"envoy"/;
/** `[2016-04-15T20:17:00.310Z] "POST /api HTTP/2" 204 - 154 0 226 100 "10.0.35.28" …` */
const DEFAULT_FORMAT = /\[\d{4}-\d\d-\d\dT[\d:.]+Z\] "[^"]*" \d+ /;
/** Envoy's own log: `[2026-11-22 19:04:42.025][12079][info][config] …` */
const OWN_LOG = /\[\d{4}-\d\d-\d\d [\d:.]+\]\[\d+\]\[(\w+)\]\[\w+\] (.*)/;

export const isEnvoyLog = (line: string): boolean => JSON_MARK.test(line);
export const isEnvoyPlain = (line: string): boolean => DEFAULT_FORMAT.test(line) || OWN_LOG.test(line);

/** Reads many lines. Never throws. */
export function readEnvoyLog(log: string, options: LogOptions = {}): ImportResult {
  return readLines(log, options.where ?? 'envoy log', (line, warn) => readLine(line, options, warn));
}

function readLine(line: string, options: LogOptions, warn: Warn): ReportedSpan[] {
  const found = logLineOf(line);
  const raw = found && parseLogJson(found.json);
  if (found && raw?.k === 'envoy')
    return spansOf(raw, found.json, logClock('envoy', found.frame, options.host), warn);
  warn(...problemOf(line, found?.json, raw !== undefined));
  return [];
}

function problemOf(line: string, json: string | undefined, isJson: boolean): [code: string, message: string] {
  const said = OWN_LOG.exec(line);
  if (said) return ['envoy.notice', `Envoy says (${said[1]}): ${quote(said[2] ?? '')}`];
  if (DEFAULT_FORMAT.test(line)) {
    return [
      'envoy.default_format',
      `this is Envoy's default format, which names no trace: headwater doctor --config envoy prints the lines that make it speak. ${quote(line)}`,
    ];
  }
  if (json && !isJson)
    return json.endsWith('}')
      ? ['envoy.bad_json', `broken JSON: ${quote(json)}`]
      : ['envoy.truncated', `the line is cut off after ${json.length} characters: ${quote(json)}`];
  return ['envoy.bad_line', `not a line of Envoy's JSON log: ${quote(line)}`];
}

type Raw = Readonly<Record<string, unknown>>;

/** The proxy span and its phases; none when the line names no trace. */
function spansOf(raw: Raw, line: string, clock: string, warn: Warn): ReportedSpan[] {
  const identity = identityOf(raw, line);
  if (!identity) return [];
  const interval = intervalOf(raw);
  if (!interval) {
    warn(
      'envoy.no_time',
      `start "${said(raw.start)}" and dur "${said(raw.dur)}" tell no time: no span could be made of it`,
    );
    return [];
  }
  const proxy: ReportedSpan = {
    ...identity,
    ...interval,
    clock,
    ...PROVENANCE,
    name: proxyName(text(raw.m), text(raw.p), 'envoy'),
    kind: 'server',
    ...outcomeOf(raw),
  };
  return [proxy, ...phasesOf(raw, proxy)];
}

/** A request without trace context begins a trace of its own, named after Envoy's request id (a UUID). */
function identityOf(raw: Raw, line: string): ReturnType<typeof proxyIdentity> {
  const incoming = parseTraceparent(text(raw.tp_in) ?? '');
  if (incoming) return proxyIdentity('envoy', incoming, undefined, line);
  const traceId = (text(raw.rid) ?? '').replaceAll('-', '').toLowerCase();
  return isTraceId(traceId) ? { traceId, spanId: spanIdOf('envoy', line) } : undefined;
}

const PROVENANCE = {
  events: [],
  links: [],
  resource: { 'service.name': 'envoy' },
  source: 'envoy',
  evidence: 'logged',
} as const satisfies Partial<ReportedSpan>;

function intervalOf(
  raw: Raw,
): Pick<ReportedSpan, 'startUnixNano' | 'endUnixNano' | 'precisionNs'> | undefined {
  const start = startOf(raw.start);
  if (start === undefined) return undefined;
  const endUs = lengthUs(raw.dtx_end);
  if (endUs !== undefined)
    return {
      startUnixNano: start,
      endUnixNano: start + BigInt(nanosFromUs(endUs)),
      precisionNs: NANOS_PER_US,
    };
  const lengthMs = count(raw.dur);
  if (lengthMs === undefined || lengthMs > MAX_MS) return undefined;
  return {
    startUnixNano: start,
    endUnixNano: start + BigInt(nanosFromMs(lengthMs)),
    precisionNs: NANOS_PER_MS,
  };
}

/** A day is longer than any proxy waits: what is above is damage. */
const MAX_MS = 86_400_000;

/** `1795374284.568030`, as digits: a double would lose the last of them. */
function startOf(value: unknown): UnixNano | undefined {
  const match = /^(\d{9,11})\.(\d{6})$/.exec(typeof value === 'string' ? value : '');
  return match ? BigInt(`${match[1]}${match[2]}`) * 1_000n : undefined;
}

const lengthUs = (value: unknown): number | undefined => {
  const us = count(value);
  return us === undefined || us > MAX_MS * 1_000 ? undefined : us;
};

/** The first flag that says why; several may stand, separated by commas. */
const FLAGS: readonly (readonly [flag: string, ending: ProxyEnding, words: string])[] = [
  ['DC', 'client_gone', 'the client gave up'],
  ['DPE', 'refused', 'the request was no HTTP'],
  ['UH', 'no_server', 'no server was healthy'],
  ['NC', 'no_server', 'the cluster of servers is not known'],
  ['UO', 'refused', 'the limit of pending requests was reached'],
  ['UT', 'server_timeout', 'the server did not answer in time'],
  ['UF', 'connect_failed', 'the connection to the server failed'],
  ['UC', 'server_failed', 'the server closed the connection'],
  ['UR', 'server_failed', 'the server broke off'],
  ['UPE', 'server_failed', 'the server answered what is no HTTP'],
  ['LR', 'server_failed', 'the connection was reset'],
  ['DT', 'server_timeout', 'the request took longer than it may'],
  ['SI', 'server_timeout', 'nothing was heard for too long'],
  ['NR', 'refused', 'no route fits the request'],
  ['RL', 'refused', 'the rate limit was reached'],
  ['UAEX', 'refused', 'the request was not authorized'],
  ['FI', 'refused', 'a fault was injected'],
  ['OM', 'refused', 'the proxy is overloaded'],
];

function endingOf(raw: Raw): { ending?: ProxyEnding; words?: string } {
  const flags = new Set((text(raw.flags) ?? '').split(','));
  const known = FLAGS.find(([flag]) => flags.has(flag));
  if (!known) return {};
  const [flag, ending, words] = known;
  if (flag === 'UF' && /connection_timeout/.test(text(raw.details) ?? ''))
    return {
      ending: 'connect_timeout',
      words: `${text(raw.flags)}: the server did not take the connection in time`,
    };
  return { ending, words: `${text(raw.flags)}: ${words}` };
}

function outcomeOf(raw: Raw): Pick<ReportedSpan, 'status' | 'attributes'> {
  const { ending, words } = endingOf(raw);
  const client = hostAndPort(text(raw.ci));
  const attributes = proxyAttributes(
    {
      component: text(raw.cluster) ? `envoy ${text(raw.cluster)}` : 'envoy',
      ending,
      tries: count(raw.attempts) || undefined,
      method: text(raw.m),
      target: text(raw.p),
      status: count(raw.st),
      protocolVersion: httpVersion(text(raw.hv)),
      clientAddress: client.address,
      clientPort: client.port,
      server: text(raw.server),
      bytesIn: count(raw.bi),
      bytesOut: count(raw.bo),
      tlsVersion: /^TLSv(.+)/.exec(text(raw.sslv) ?? '')?.[1],
      tlsCipher: text(raw.sslc),
      serverName: text(raw.sni),
    },
    {
      'envoy.host': text(raw.host),
      'envoy.cluster': text(raw.cluster),
      'envoy.response_flags': text(raw.flags),
      'envoy.response_code_details': text(raw.details),
      'envoy.upstream_transport_failure': text(raw.failure),
      'envoy.request_id': text(raw.rid),
    },
  );
  return { status: proxyStatus(count(raw.st), words), attributes };
}

function phasesOf(raw: Raw, proxy: ReportedSpan): ReportedSpan[] {
  return stretchesOf(proxy.startUnixNano, proxy.endUnixNano, boundariesOf(raw, proxy)).map(
    ({ name, ...stretch }) => proxyPhase(proxy, name, { ...stretch, precisionNs: NANOS_PER_US }),
  );
}

type Boundary = readonly [name: PhaseName, endUnixNano: UnixNano | undefined];

function boundariesOf(raw: Raw, proxy: ReportedSpan): Boundary[] {
  const at = (field: string): UnixNano | undefined => {
    const us = lengthUs(raw[field]);
    return us === undefined ? undefined : proxy.startUnixNano + BigInt(nanosFromUs(us));
  };
  const [connecting, sent, answered] = [at('cx_beg'), at('tx_beg'), at('urx_beg')];
  const connected = at('hs_end') ?? at('cx_end');
  const wait = (count(raw.attempts) ?? 1) > 1 ? 'retries' : 'queue';
  const received = earlier(at('rx_end'), connecting ?? sent);
  if (answered !== undefined)
    return [
      ['receive', received],
      [wait, connecting ?? sent],
      ['connect', connected],
      ['server', answered],
      ['transfer', proxy.endUnixNano],
    ];
  // no answer: the first thing that did not come to its end has what is left
  const left =
    wait === 'retries' ? wait : sent !== undefined ? 'server' : connecting !== undefined ? 'connect' : wait;
  const before: Boundary[] =
    sent !== undefined && left === 'server'
      ? [
          [wait, connecting ?? sent],
          ['connect', connected],
        ]
      : [];
  const isAnsweredByItself =
    wait === 'queue' && sent === undefined && connecting === undefined && text(raw.server) === undefined;
  return [
    ['receive', received],
    ...before,
    ...(isAnsweredByItself ? [] : [[left, proxy.endUnixNano] as const]),
  ];
}

const earlier = (a: UnixNano | undefined, b: UnixNano | undefined): UnixNano | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;
