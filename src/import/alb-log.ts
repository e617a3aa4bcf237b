/**
 * AWS Application Load Balancer access logs: files that the balancer puts into S3 some minutes later, one line a
 * request, fields separated by spaces, texts in quotes. Read afterwards: `headwater import FILE` (gunzipped).
 *
 * Read: the fields up to the list of targets' status codes → a proxy span with its phases. Ignored: what follows
 * (classification, connection trace id, transforms), the certificate, the rule. Connection and health-check logs are
 * other formats.
 *
 * ```
 * request_creation_time                                                          time
 *    |- request_processing_time -|- target_processing_time -|- response_processing_time -|
 *              receive                      server                     transfer            ms each; −1: not reached
 * ```
 * The balancer hands `traceparent` on and does not log it. What it logs is `X-Amzn-Trace-Id`, whose Root is a trace id
 * in Amazon's spelling (`1-` 8 digits `-` 24 digits): equal to the W3C id when the client sent one made of it, and a
 * trace of its own otherwise; then only client port, path and time can join it to a request.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
 */
import type { ProxyEnding } from '../model/attributes.ts';
import { isSpanId, isTraceId, spanIdOf } from '../model/ids.ts';
import type { ImportResult, ReportedSpan } from '../model/span.ts';
import { NANOS_PER_MS, nanosFromMs, type UnixNano } from '../model/time.ts';
import { count, text } from './haproxy-fields.ts';
import { type LogOptions, quote, readLines, type Warn } from './log-line.ts';
import { ENDING_WORDS } from './nginx-tries.ts';
import {
  hostAndPort,
  httpVersion,
  proxyAttributes,
  proxyName,
  proxyPhase,
  proxyStatus,
  stretchesOf,
} from './proxy-span.ts';

/** `https 2018-07-02T22:23:00.186641Z app/NAME/ID client:port …` */
const BEGINNING = /^(?:https?|h2|grpcs|wss?) \d{4}-\d\d-\d\dT[\d:.]+Z \S+\/\S+ /;
/** The names of the fields, in their order; what AWS adds, it adds at the end. */
const FIELDS = (
  'type time elb client target request_s target_s response_s elb_status target_status bytes_in bytes_out request ' +
  'user_agent cipher tls target_group trace_id domain certificate rule created actions redirect error targets target_statuses'
).split(' ');
/** The last field that a span cannot do without. */
const NEEDED_FIELDS = FIELDS.indexOf('trace_id') + 1;
/** URLs are at most 8 KB here, headers are cut: a longer line is damage. */
const MAX_LINE_CHARS = 64 * 1024;

export const isAlbLog = (head: string): boolean => BEGINNING.test(head);

/** Reads many lines. Never throws. */
export function readAlbLog(log: string, options: LogOptions = {}): ImportResult {
  return readLines(log, options.where ?? 'alb log', (line, warn) => readLine(line, warn));
}

type Raw = ReadonlyMap<string, string>;

function readLine(line: string, warn: Warn): ReportedSpan[] {
  if (!isAlbLog(line)) {
    warn('alb.bad_line', `not a line of an ALB access log: ${quote(line)}`);
    return [];
  }
  const values = line.length > MAX_LINE_CHARS ? [] : fieldsOf(line);
  if (values.length < NEEDED_FIELDS) {
    warn('alb.truncated', `the line has ${values.length} of ${FIELDS.length} fields: ${quote(line)}`);
    return [];
  }
  return spansOf(new Map(values.map((value, i) => [FIELDS[i] ?? '', value])), line, warn);
}

/** Quotes inside a text are escaped by a backslash. */
const fieldsOf = (line: string): string[] =>
  [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)]
    .slice(0, FIELDS.length)
    .map(([, quoted, bare]) => quoted?.replace(/\\(["\\])/g, '$1') ?? bare ?? '');

function spansOf(raw: Raw, line: string, warn: Warn): ReportedSpan[] {
  const identity = identityOf(raw, line);
  if (!identity) return [];
  const end = unixNanoIn(raw.get('time'));
  if (end === undefined) {
    warn('alb.no_time', `time "${raw.get('time')}" is none: no span could be made of it`);
    return [];
  }
  const created = unixNanoIn(raw.get('created'));
  const summed =
    end - BigInt(nanosFromMs(PHASES.reduce((sum, [, field]) => sum + (phaseMs(raw, field) ?? 0), 0)));
  const { method, target, protocol } = requestOf(raw.get('request') ?? '');
  const proxy: ReportedSpan = {
    ...identity,
    ...PROVENANCE,
    clock: `alb ${raw.get('elb')}`,
    name: proxyName(method, target, 'alb'),
    kind: 'server',
    startUnixNano: created !== undefined && created <= end ? created : summed,
    endUnixNano: end,
    ...outcomeOf(raw, { method, target, protocol }),
  };
  return [proxy, ...phasesOf(raw, proxy)];
}

const PROVENANCE = {
  events: [],
  links: [],
  resource: { 'service.name': 'alb' },
  source: 'alb',
  evidence: 'logged',
  precisionNs: NANOS_PER_MS,
} as const satisfies Partial<ReportedSpan>;

/** `Self=1-…;Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8` */
function identityOf(
  raw: Raw,
  line: string,
): Pick<ReportedSpan, 'traceId' | 'spanId' | 'parentSpanId'> | undefined {
  const header = raw.get('trace_id') ?? '';
  const root = /Root=1-([0-9a-f]{8})-([0-9a-f]{24})/i.exec(header);
  const traceId = `${root?.[1] ?? ''}${root?.[2] ?? ''}`.toLowerCase();
  if (!isTraceId(traceId)) return undefined;
  const parent = /Parent=([0-9a-f]{16})/i.exec(header)?.[1]?.toLowerCase();
  return {
    traceId,
    spanId: spanIdOf('alb', line),
    ...(isSpanId(parent) ? { parentSpanId: parent } : undefined),
  };
}

/** ISO 8601 with microseconds. */
function unixNanoIn(value: string | undefined): UnixNano | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{1,6})Z$/.exec(value ?? '');
  const unixMs = Date.parse(`${match?.[1]}Z`);
  return match && Number.isFinite(unixMs)
    ? BigInt(unixMs) * 1_000_000n + BigInt((match[2] ?? '').padEnd(6, '0')) * 1_000n
    : undefined;
}

/** `GET https://www.example.com:443/cart?x=1 HTTP/2.0`; a malformed request is told as `- http://…:80- -`. */
function requestOf(request: string): { method?: string | undefined; target?: string; protocol?: string } {
  const match = /^([A-Z]{1,20}) (?:[a-z]+:\/\/[^/?# ]*)?(\S*) (HTTP\/\S+)$/.exec(request);
  return match ? { method: match[1], target: match[2] || '/', protocol: match[3] ?? '' } : {};
}

const PHASES = [
  ['receive', 'request_s'],
  ['server', 'target_s'],
  ['transfer', 'response_s'],
] as const;

/** A day is longer than any request: what is above is damage. */
const MAX_SECONDS = 86_400;

function phaseMs(raw: Raw, field: string): number | undefined {
  const seconds = count(raw.get(field));
  return seconds === undefined || seconds > MAX_SECONDS ? undefined : seconds * 1_000;
}

function phasesOf(raw: Raw, proxy: ReportedSpan): ReportedSpan[] {
  let at = proxy.startUnixNano;
  const ends = PHASES.map(([name, field]) => {
    const ms = phaseMs(raw, field);
    if (ms === undefined) return [name, undefined] as const;
    at += BigInt(nanosFromMs(ms));
    return [name, at] as const;
  });
  return stretchesOf(proxy.startUnixNano, proxy.endUnixNano, ends).map(({ name, ...stretch }) =>
    proxyPhase(proxy, name, { ...stretch, precisionNs: NANOS_PER_MS }),
  );
}

/** The balancer's own status codes, where no target answered. */
const ENDINGS: Readonly<Record<string, ProxyEnding>> = {
  460: 'client_gone',
  502: 'server_failed',
  503: 'no_server',
  504: 'server_timeout',
};

function endingOf(raw: Raw): ProxyEnding | undefined {
  if (text(raw.get('target_status')) !== undefined) return undefined;
  const ending = ENDINGS[raw.get('elb_status') ?? ''];
  return ending ?? (Number(raw.get('elb_status')) >= 400 ? 'refused' : undefined);
}

function outcomeOf(
  raw: Raw,
  { method, target, protocol }: ReturnType<typeof requestOf>,
): Pick<ReportedSpan, 'status' | 'attributes'> {
  const client = hostAndPort(text(raw.get('client')));
  const status = count(raw.get('elb_status'));
  const ending = endingOf(raw);
  const attributes = proxyAttributes(
    {
      component: `alb ${raw.get('elb')?.split('/')[1] ?? ''}`.trim(),
      ending,
      method,
      target,
      status,
      protocolVersion: httpVersion(protocol),
      clientAddress: client.address,
      clientPort: client.port,
      server: text(raw.get('target')),
      bytesIn: count(raw.get('bytes_in')),
      bytesOut: count(raw.get('bytes_out')),
      tlsVersion: /^TLSv(.+)/.exec(raw.get('tls') ?? '')?.[1],
      tlsCipher: text(raw.get('cipher')),
      serverName: text(raw.get('domain')),
    },
    {
      'alb.target_group': text(raw.get('target_group')),
      'alb.target_status': text(raw.get('target_status')),
      'alb.actions': text(raw.get('actions')),
      'alb.error': text(raw.get('error')),
      'alb.trace_id': text(raw.get('trace_id')),
    },
  );
  return { status: proxyStatus(status, ending && ENDING_WORDS[ending]), attributes };
}
