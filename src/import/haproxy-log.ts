/**
 * HAProxy's log, in the JSON `log-format` that the documentation gives: one line a request, written when it ended.
 *
 * Read: any framing around the JSON (raw datagram, `format rfc3164`, `rfc5424`, `timed`, `iso`, octet count), lines of
 * `log-format` (`"k":"haproxy"`) → a proxy span with its phases, lines of `error-log-format` (`"k":"haproxy-err"`)
 * → a warning, because a connection that failed before its request has no trace. Ignored: nothing; HAProxy's
 * default format and its notices (`Server app/s1 is DOWN`) become warnings.
 *
 * The format has to be written by hand in the config (HAProxy 2.6 ignores `%{+json}o`), with every `%[fetch]` in
 * quotes, because an unknown one prints a bare `-`. Bare ones are put right here where nothing else is broken.
 *
 * https://docs.haproxy.org/2.6/configuration.html#8.2.4 (fields), #8.4 (timers), #8.5 (termination states)
 */
import { parseTraceparent } from '../model/ids.ts';
import type { ImportResult, ReportedSpan } from '../model/span.ts';
import { NANOS_PER_MS } from '../model/time.ts';
import { haproxyAttributes, haproxyStatus } from './haproxy-attributes.ts';
import { type HaproxyFields, haproxyFields, text } from './haproxy-fields.ts';
import { haproxyPhases } from './haproxy-phases.ts';
import { timingOf } from './haproxy-timing.ts';
import {
  type LogOptions,
  logClock,
  logLineOf,
  parseLogJson,
  quote,
  readLines,
  type Warn,
} from './log-line.ts';
import { proxyIdentity, proxyName, proxyPhase } from './proxy-span.ts';

const JSON_MARK = /"k"\s*:\s*"haproxy(-err)?"/;
/** The default HTTP and TCP formats: `client:port [date] frontend backend/server timers…` */
const DEFAULT_FORMAT = /:\d+ \[\d\d\/\w{3}\/\d{4}:[\d:.]+\] \S+ \S+ -?\d+\/-?\d+\//;
const NOTICE = /\bhaproxy\[\d+\]|\b(Server|Proxy|Backend|backend) \S+ (is|has|started|stopped)/;

export const isHaproxyLog = (line: string): boolean => JSON_MARK.test(line);

/** Reads one datagram or many lines. Never throws. */
export function readHaproxyLog(log: string, options: LogOptions = {}): ImportResult {
  return readLines(log, options.where ?? 'haproxy log', (line, warn) => readLine(line, options, warn));
}

function readLine(line: string, options: LogOptions, warn: Warn): ReportedSpan[] {
  const found = logLineOf(line);
  const raw = found && parseLogJson(found.json);
  if (found && raw?.k === 'haproxy')
    return spansOf(haproxyFields(raw), found.json, logClock('haproxy', found.frame, options.host), warn);
  warn(...problemOf(line, found?.json, raw));
  return [];
}

function problemOf(
  line: string,
  json: string | undefined,
  raw: Record<string, unknown> | undefined,
): [code: string, message: string] {
  if (json === undefined) return plainLineWarning(line);
  if (!raw) return brokenLineWarning(json);
  if (raw.k === 'haproxy-err') return ['haproxy.connection_error', connectionError(raw)];
  return ['haproxy.bad_line', `JSON that is not HAProxy's: ${quote(json)}`];
}

function plainLineWarning(line: string): [code: string, message: string] {
  if (DEFAULT_FORMAT.test(line)) {
    return [
      'haproxy.default_format',
      `HAProxy logs in its default format, which names no trace: set the JSON log-format. ${quote(line)}`,
    ];
  }
  if (NOTICE.test(line)) return ['haproxy.notice', `HAProxy says: ${quote(line)}`];
  return ['haproxy.bad_line', `not a line of HAProxy's JSON log: ${quote(line)}`];
}

function brokenLineWarning(json: string): [code: string, message: string] {
  return json.endsWith('}')
    ? ['haproxy.bad_json', `broken JSON; put every %[fetch] of the log-format in quotes: ${quote(json)}`]
    : [
        'haproxy.truncated',
        `the line is cut off after ${json.length} characters; set "len 8192" on HAProxy's log line: ${quote(json)}`,
      ];
}

function connectionError(raw: Record<string, unknown>): string {
  const reason =
    [text(raw.fcerr), text(raw.sslerr)].filter(Boolean).join(', ') || `ended ${text(raw.ts) ?? 'early'}`;
  return `a connection from ${text(raw.ci) ?? 'somewhere'}:${text(raw.cp) ?? '?'} brought no request: ${reason}`;
}

/** The proxy span and its phases; none when the line names no trace. */
function spansOf(fields: HaproxyFields, line: string, clock: string, warn: Warn): ReportedSpan[] {
  const incoming = parseTraceparent(text(fields.raw.tp_in) ?? '');
  const outgoing = parseTraceparent(text(fields.raw.tp_out) ?? '');
  const identity = proxyIdentity('haproxy', incoming, outgoing, line);
  if (!identity) return [];
  const timing = timingOf(fields, warn);
  if (!timing) return [];
  const proxy: ReportedSpan = {
    ...identity,
    clock,
    ...PROVENANCE,
    precisionNs: timing.precisionNs,
    name: proxyName(text(fields.raw.m), text(fields.raw.p), 'haproxy'),
    kind: 'server',
    startUnixNano: timing.interval.startUnixNano,
    endUnixNano: timing.interval.endUnixNano,
    status: haproxyStatus(fields),
    attributes: haproxyAttributes(fields),
  };
  return [proxy, ...phasesOf(fields, timing.interval, proxy)];
}

const PROVENANCE = {
  events: [],
  links: [],
  resource: { 'service.name': 'haproxy' },
  source: 'haproxy',
  evidence: 'logged',
} as const satisfies Partial<ReportedSpan>;

function phasesOf(
  fields: HaproxyFields,
  interval: Parameters<typeof haproxyPhases>[1],
  proxy: ReportedSpan,
): ReportedSpan[] {
  return haproxyPhases(fields, interval).map(({ name, isAborted, isSplit, startUnixNano, endUnixNano }) =>
    proxyPhase(proxy, name, {
      startUnixNano,
      endUnixNano,
      precisionNs: isSplit ? NANOS_PER_MS : proxy.precisionNs,
      ...(isAborted ? { attributes: { 'haproxy.aborted': true } } : undefined),
    }),
  );
}
