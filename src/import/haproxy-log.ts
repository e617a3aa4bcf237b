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
import { HEADWATER } from '../model/attributes.ts';
import { parseTraceparent, spanIdOf, type TraceParent } from '../model/ids.ts';
import type { Attributes, ImportResult, ReportedSpan, Warning } from '../model/span.ts';
import { NANOS_PER_MS } from '../model/time.ts';
import { haproxyAttributes, haproxyComponent, haproxyStatus } from './haproxy-attributes.ts';
import { type HaproxyFields, haproxyFields, text } from './haproxy-fields.ts';
import { type HaproxyPhase, haproxyPhases } from './haproxy-phases.ts';
import { timingOf, type Warn } from './haproxy-timing.ts';

export interface HaproxyLogOptions {
  /** Machine that HAProxy runs on, when the log's way here tells; names its clock. */
  readonly host?: string;
  /** Where the text came from, for warnings: a file, a sender. */
  readonly where?: string;
}

const JSON_MARK = /"k"\s*:\s*"haproxy(-err)?"/;
/** The default HTTP and TCP formats: `client:port [date] frontend backend/server timers…` */
const DEFAULT_FORMAT = /:\d+ \[\d\d\/\w{3}\/\d{4}:[\d:.]+\] \S+ \S+ -?\d+\/-?\d+\//;
const NOTICE = /\bhaproxy\[\d+\]|\b(Server|Proxy|Backend|backend) \S+ (is|has|started|stopped)/;
/** After a line that says where it came from, how much of a bad line a warning quotes. */
const QUOTED_CHARS = 160;

export const isHaproxyLog = (line: string): boolean => JSON_MARK.test(line);

/** Reads one datagram or many lines. Never throws. */
export function readHaproxyLog(log: string, options: HaproxyLogOptions = {}): ImportResult {
  const spans: ReportedSpan[] = [];
  const warnings: Warning[] = [];
  const where = options.where ?? 'haproxy log';
  log.split('\n').forEach((line, index) => {
    if (line.trim()) readLine(line, { ...options, where: `${where}, line ${index + 1}` }, spans, warnings);
  });
  return { spans, warnings };
}

type LineOptions = HaproxyLogOptions & { readonly where: string };

function readLine(line: string, options: LineOptions, spans: ReportedSpan[], warnings: Warning[]): void {
  const warn = (code: string, message: string) => warnings.push({ code, where: options.where, message });
  const jsonAt = line.search(/\{\s*"/);
  if (jsonAt < 0) return void warn(...plainLineWarning(line));
  const json = line.slice(jsonAt).trimEnd();
  const raw = parse(json);
  if (!raw) return void warn(...brokenLineWarning(json));
  if (raw.k === 'haproxy-err') return void warn('haproxy.connection_error', connectionError(raw));
  if (raw.k !== 'haproxy') return void warn('haproxy.bad_line', `JSON that is not HAProxy's: ${quote(json)}`);
  const made = spansOf(haproxyFields(raw), json, clockOf(line.slice(0, jsonAt), options.host), warn);
  spans.push(...made);
}

function parse(json: string): Record<string, unknown> | undefined {
  for (const candidate of [json, json.replace(/:\s*-(?=\s*[,}])/g, ':null')]) {
    try {
      const value: unknown = JSON.parse(candidate);
      return value && typeof value === 'object' && !Array.isArray(value) ? { ...value } : undefined;
    } catch {}
  }
  return undefined;
}

const quote = (line: string): string =>
  line.length > QUOTED_CHARS ? `${line.slice(0, QUOTED_CHARS)}…` : line;

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

/** `<134>Nov 22 07:09:54 web-1 haproxy[15498]: ` and `<134>1 2026-11-22T07:09:54.745131+00:00 web-1 haproxy …` */
const FRAME_HOST = /^(?:\d+ )?<\d+>(?:1 \S+ (\S+) \S+ |\w{3} [ \d]\d [\d:]+ (?:(\S+) )?\S+\[\d+\]:)/;

function clockOf(frame: string, host: string | undefined): string {
  const match = FRAME_HOST.exec(frame);
  const name = host ?? text(match?.[1] ?? match?.[2]);
  return name ? `haproxy@${name}` : 'haproxy';
}

/** The proxy span and its phases; none when the line names no trace. */
function spansOf(fields: HaproxyFields, line: string, clock: string, warn: Warn): ReportedSpan[] {
  const incoming = parseTraceparent(text(fields.raw.tp_in) ?? '');
  const outgoing = parseTraceparent(text(fields.raw.tp_out) ?? '');
  const traceId = (incoming ?? outgoing)?.traceId;
  if (!traceId) return [];
  const timing = timingOf(fields, warn);
  if (!timing) return [];
  const base = { traceId, clock, ...PROVENANCE, precisionNs: timing.precisionNs };
  const spanId = proxySpanId(incoming, outgoing, line);
  const proxy: ReportedSpan = {
    ...base,
    spanId,
    ...(incoming ? { parentSpanId: incoming.spanId } : undefined),
    name: nameOf(fields),
    kind: 'server',
    startUnixNano: timing.interval.startUnixNano,
    endUnixNano: timing.interval.endUnixNano,
    status: haproxyStatus(fields),
    attributes: haproxyAttributes(fields),
  };
  const component = haproxyComponent(fields);
  return [
    proxy,
    ...haproxyPhases(fields, timing.interval).map((phase) => phaseSpan(phase, proxy, component)),
  ];
}

const PROVENANCE = {
  events: [],
  links: [],
  resource: { 'service.name': 'haproxy' },
  source: 'haproxy',
  evidence: 'logged',
} as const satisfies Partial<ReportedSpan>;

/** A proxy that forwards the header unchanged has no span id of its own: the line gives it one. */
function proxySpanId(
  incoming: TraceParent | undefined,
  outgoing: TraceParent | undefined,
  line: string,
): string {
  const isOwn = outgoing && outgoing.spanId !== incoming?.spanId;
  const isSameTrace = !incoming || outgoing?.traceId === incoming.traceId;
  return isOwn && isSameTrace ? outgoing.spanId : spanIdOf('haproxy', line);
}

const nameOf = ({ raw }: HaproxyFields): string =>
  [text(raw.m), (text(raw.p) ?? '').split('?')[0]].filter(Boolean).join(' ') || 'haproxy';

function phaseSpan(phase: HaproxyPhase, proxy: ReportedSpan, component: string): ReportedSpan {
  const attributes: Attributes = {
    [HEADWATER.type]: 'proxy_phase',
    [HEADWATER.layer]: 'lb',
    [HEADWATER.component]: component,
    ...(phase.isAborted ? { 'haproxy.aborted': true } : undefined),
  };
  return {
    ...proxy,
    spanId: spanIdOf(proxy.spanId, phase.name),
    parentSpanId: proxy.spanId,
    name: phase.name,
    kind: 'internal',
    startUnixNano: phase.startUnixNano,
    endUnixNano: phase.endUnixNano,
    status: { code: 'unset' },
    attributes,
    precisionNs: phase.isSplit ? NANOS_PER_MS : proxy.precisionNs,
  };
}
