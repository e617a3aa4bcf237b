/** One entry of a HAR, which Playwright's trace uses as well: a request of the browser, a redirect's hop by itself. */
import { HEADWATER, LOCAL_ANSWERS, PHASES, present } from '../model/attributes.ts';
import { parseTraceparent } from '../model/ids.ts';
import type { Attributes, SpanLink } from '../model/span.ts';
import { nanosFromMs, type UnixNano } from '../model/time.ts';
import { answeredIn } from './answered-in.ts';
import { type HarTimings, harTimings } from './har-timings.ts';
import { type IsoInstant, isoInstant } from './iso-time.ts';
import { isObject, type Json, number, objects, text } from './json-value.ts';
import type { RecordedPhase, RecordedRequest } from './recording.ts';
import { isSecure, serverOf, shortUrl } from './url-parts.ts';

export interface EntryContext {
  readonly key: string;
  /** Of a tool that is known to count `ssl` within `connect`. */
  readonly isSslWithin: boolean;
  /** When it began, where something finer than `startedDateTime` tells. */
  readonly start?: IsoInstant | undefined;
  /** @param code without the format's name */
  warn(code: string, message: string): void;
}

/** Undefined, after a warning, when nobody can say when it was. */
export function readHarEntry(entry: Json, context: EntryContext): RecordedRequest | undefined {
  const request = isObject(entry.request) ? entry.request : {};
  const response = isObject(entry.response) ? entry.response : {};
  const method = text(request.method).slice(0, MAX_WORD_CHARS) || 'GET';
  const url = shortUrl(text(request.url));
  const start = context.start ?? isoInstant(entry.startedDateTime);
  if (!start) {
    context.warn('no_time', `${method} ${url.slice(0, 200)} was left out: no instant at which it started`);
    return undefined;
  }
  const timings = harTimings(entry, isSecure(url), context.isSslWithin);
  if (timings.faults.length)
    context.warn(
      'bad_phase',
      `${method} ${url.slice(0, 200)}: ${timings.faults.join(', ')} is no length of time`,
    );
  const from = localAnswer(entry, response);
  const laid = layPhases(start.unixNano, timings, from);
  const endUnixNano = laid.at(-1)?.endUnixNano ?? start.unixNano + totalOf(entry, context, method, url);
  const initiator = initiatorOf(entry);
  return {
    key: context.key,
    ...(typeof entry.pageref === 'string' && { stepKey: entry.pageref }),
    method,
    url,
    startUnixNano: start.unixNano,
    endUnixNano,
    phases: laid,
    ...errorOf(entry, response),
    precisionNs: start.precisionNs,
    attributes: {
      ...requestAttributes(entry, request, response, url),
      ...initiator,
      ...present({
        'headwater.from_cache': from,
        [HEADWATER.endUntold]: timings.isHoldUntold || undefined,
        'headwater.traceparent_sent': header(request, 'traceparent') === undefined ? undefined : true,
      }),
    },
    links: linksOf(request, from === undefined ? response : {}),
  };
}

/** Names of methods, priorities and types are words; what is longer is none. */
const MAX_WORD_CHARS = 64;
const MAX_TEXT_CHARS = 1_024;

const word = (value: unknown): string | undefined => text(value).slice(0, MAX_WORD_CHARS) || undefined;

type LocalAnswer = keyof typeof LOCAL_ANSWERS;
const LOCAL_ANSWER: ReadonlyMap<unknown, LocalAnswer> = new Map([
  ['memory', 'memory'],
  ['disk', 'disk'],
]);

function localAnswer(entry: Json, response: Json): LocalAnswer | undefined {
  if (entry._fetchedViaServiceWorker === true || response._fetchedViaServiceWorker === true)
    return 'service-worker';
  return LOCAL_ANSWER.get(entry._fromCache);
}

/** Each begins where the one before ends; rounded at the cuts, so that nothing adds up. A local answer is one phase. */
function layPhases(
  start: UnixNano,
  { lengths, queueingMs }: HarTimings,
  from?: LocalAnswer,
): RecordedPhase[] {
  const phases: RecordedPhase[] = [];
  let cursor = start;
  for (const { name, ns } of lengths) {
    const startUnixNano = cursor;
    cursor += BigInt(ns);
    const attributes =
      name === PHASES.wait && queueingMs !== undefined ? { 'headwater.queueing_ms': queueingMs } : undefined;
    phases.push({ name, startUnixNano, endUnixNano: cursor, ...(attributes && { attributes }) });
  }
  if (from === undefined || phases.length === 0) return phases;
  return [{ name: LOCAL_ANSWERS[from], startUnixNano: start, endUnixNano: cursor }];
}

/** Without any phase the whole is all that is known. */
function totalOf(entry: Json, context: EntryContext, method: string, url: string): bigint {
  const ms = number(entry.time);
  if (!(ms > 0 && ms < MAX_TOTAL_MS)) return 0n;
  context.warn(
    'no_phases',
    `${method} ${url.slice(0, 200)} tells how long it took, and nothing of its phases`,
  );
  return BigInt(nanosFromMs(ms));
}
const MAX_TOTAL_MS = 100 * 86_400_000;

/** `error.type`: the browser's own name of it, else the status. */
function errorOf(entry: Json, response: Json): { error?: string } {
  const said = text(response._error) || text(response._failureText) || text(entry._error);
  if (said) return { error: said.replace(/^net::/, '').slice(0, MAX_TEXT_CHARS) };
  if (entry._wasAborted === true) return { error: 'ERR_ABORTED' };
  const status = number(response.status);
  return status >= 400 && status < 1_000 ? { error: String(status) } : {};
}

function requestAttributes(entry: Json, request: Json, response: Json, url: string): Attributes {
  const status = number(response.status);
  const isAnswered = status >= 100 && status < 1_000;
  const protocol = protocolOf(text(response.httpVersion)) ?? protocolOf(text(request.httpVersion));
  const content = isObject(response.content) ? response.content : {};
  const server = serverOf(url);
  const said = (name: string) => header(response, name)?.slice(0, MAX_TEXT_CHARS);
  const listed = (value: string | undefined) => (value === undefined ? undefined : [value]);
  return present({
    'http.response.status_code': isAnswered ? status : undefined,
    'network.protocol.name': protocol && 'http',
    'network.protocol.version': protocol,
    'server.address': server?.address,
    'server.port': server?.port,
    'network.peer.address':
      text(entry.serverIPAddress)
        .replace(/^\[|\]$/g, '')
        .slice(0, MAX_WORD_CHARS) || undefined,
    'network.peer.port': size(entry._serverPort) || undefined,
    'http.response.size': isAnswered ? transferred(response) : undefined,
    'http.response.body.size': isAnswered ? size(response.bodySize) : undefined,
    'headwater.response.header_bytes': isAnswered ? size(response.headersSize) : undefined,
    'headwater.response.decoded_bytes': isAnswered ? size(content.size) || undefined : undefined,
    'headwater.request.header_bytes': size(request.headersSize),
    'http.request.body.size': size(request.bodySize) || undefined,
    'http.response.header.server': listed(said('server')),
    'http.response.header.server-timing': listed(
      headers(response, 'server-timing')?.slice(0, MAX_TEXT_CHARS),
    ),
    'http.response.header.traceresponse': listed(
      headers(response, 'traceresponse')?.slice(0, MAX_TEXT_CHARS),
    ),
    'headwater.resource_type': resourceType(entry, request, content),
    'headwater.priority': word(entry._priority)
      ?.replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase(),
  });
}

/** −1 is "not known". */
function size(value: unknown): number | undefined {
  const bytes = value === undefined || value === null || value === '' ? Number.NaN : number(value);
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : undefined;
}

function transferred(response: Json): number | undefined {
  const told = size(response._transferSize);
  if (told !== undefined) return told;
  const [headers, body] = [size(response.headersSize), size(response.bodySize)];
  return headers !== undefined && body !== undefined ? headers + body : undefined;
}

/** `1.1`, `2`, `3`; undefined for what is no version of HTTP (`data`, `unknown`). */
function protocolOf(said: string): string | undefined {
  const found = /^(?:http\/|h)([123])(?:\.(\d))?/i.exec(said.trim());
  if (!found) return undefined;
  return found[1] === '1' ? `1.${found[2] ?? '1'}` : found[1];
}

/** Chrome's words, by what the server called the content. */
const TYPE_BY_MIME: readonly (readonly [pattern: RegExp, type: string])[] = [
  [/^text\/html\b|xhtml/i, 'document'],
  [/^text\/css\b/i, 'stylesheet'],
  [/javascript|ecmascript/i, 'script'],
  [/^image\//i, 'image'],
  [/^font\/|font-|-font/i, 'font'],
  [/^text\/event-stream\b/i, 'eventsource'],
];

/** As the browser calls it; where it does not say, a preflight and a page's files are known by what they are. */
function resourceType(entry: Json, request: Json, content: Json): string {
  const said = word(entry._resourceType);
  if (said) return said.toLowerCase();
  if (text(request.method) === 'OPTIONS') return 'preflight';
  const mime = text(content.mimeType).slice(0, MAX_WORD_CHARS);
  return TYPE_BY_MIME.find(([pattern]) => pattern.test(mime))?.[1] ?? 'other';
}

function initiatorOf(entry: Json): Attributes {
  const initiator = isObject(entry._initiator) ? entry._initiator : {};
  const type = word(initiator.type) ?? word(entry._initiator_type);
  const stack = isObject(initiator.stack) ? initiator.stack : {};
  const url = text(initiator.url) || text(objects(stack.callFrames)[0]?.url) || text(entry._initiator);
  return present({
    [HEADWATER.initiator]: type,
    'headwater.initiator_type': type,
    'headwater.initiator_url': url ? shortUrl(url) : undefined,
  });
}

/** The first header of that name, whatever its case. Tools write a list, and some an object. */
export function header(message: Json, name: string): string | undefined {
  for (const pair of objects(message.headers))
    if (text(pair.name).toLowerCase() === name) return text(pair.value);
  return undefined;
}

/** All of that name, as one: each server on the way may have added its own. */
function headers(message: Json, name: string): string | undefined {
  const values = objects(message.headers).flatMap((pair) =>
    text(pair.name).toLowerCase() === name ? [text(pair.value)] : [],
  );
  return values.length > 0 ? values.join(', ') : undefined;
}

/** The traces that the request carried, and that its answer named: in the store, or elsewhere. */
function linksOf(request: Json, response: Json): SpanLink[] {
  const sent = parseTraceparent(header(request, 'traceparent') ?? '');
  const traceresponse = headers(response, 'traceresponse');
  const serverTiming = headers(response, 'server-timing');
  return [
    ...(sent ? [{ traceId: sent.traceId, spanId: sent.spanId }] : []),
    ...answeredIn({ traceresponse, serverTiming }),
  ];
}

/** Where a redirect leads, as a whole address. */
export function redirectOf(entry: Json, url: string): string | undefined {
  const response = isObject(entry.response) ? entry.response : {};
  const status = number(response.status);
  if (!(status >= 300 && status < 400)) return undefined;
  const target = text(response.redirectURL) || header(response, 'location');
  if (!target || !URL.canParse(target, url)) return undefined;
  return shortUrl(new URL(target, url).href);
}
