/**
 * A run's requests as HTTP Archive 1.2, for the network panel of developer tools and for HAR viewers.
 *
 * ```
 * step                 page, with the load events that fell into it
 * request              entry
 *  ├ wait_for_…        blocked     and every phase that has no name in HAR
 *  ├ DNS lookup        dns
 *  ├ socket connect    connect  ┐  TLS is counted within connect, too, as HAR has it
 *  ├ TLS handshake     ssl      ┘
 *  ├ request sent      send
 *  ├ waiting           wait
 *  └ content download  receive
 * ```
 * Headers, cookies and bodies are not stored and so not told, except for a few headers. Times are the aligned ones.
 *
 * http://www.softwareishard.com/blog/har-12-spec/
 */
import { HEADWATER, LOCAL_ANSWERS, PHASES } from '../model/attributes.ts';
import type { RunView } from '../model/report.ts';
import { msFromNanos, type Nanos } from '../model/time.ts';
import type { Span } from '../model/trace.ts';

/** What a version of HAR calls "not applicable", and "not known" of sizes. */
const NONE = -1;

interface NameValue {
  readonly name: string;
  readonly value: string;
}

export interface HarEntry {
  readonly pageref?: string;
  readonly startedDateTime: string;
  readonly time: number;
  readonly request: object;
  readonly response: object;
  readonly cache: object;
  readonly timings: Timings;
  readonly serverIPAddress?: string;
  readonly connection?: string;
}

export interface HarFile {
  readonly log: {
    readonly version: '1.2';
    readonly creator: { readonly name: string; readonly version: string };
    readonly pages: readonly object[];
    readonly entries: readonly HarEntry[];
    readonly comment: string;
  };
}

/** @param version of Headwater */
export function harOf(view: RunView, version: string): HarFile {
  const run = new HarRun(view);
  return {
    log: {
      version: '1.2',
      creator: { name: 'Headwater', version },
      pages: run.pages(),
      entries: run.entries(),
      comment: view.report.verdict.sentence,
    },
  };
}

const typeOf = (span: Span): unknown => span.attributes[HEADWATER.type];

/** A request of the browser; of a trace without one, whatever asked an address by HTTP. */
const isRequest = (span: Span): boolean => typeOf(span) === 'request';
const isHttpCall = (span: Span): boolean =>
  span.kind === 'client' &&
  textOf(span, 'url.full') !== undefined &&
  textOf(span, 'http.request.method') !== undefined;

class HarRun {
  readonly #view: RunView;
  readonly #spanById: ReadonlyMap<string, Span>;
  readonly #childrenById = new Map<string, Span[]>();
  /** By the request that made them. */
  readonly #nextById = new Map<unknown, Span>();

  constructor(view: RunView) {
    const { spans } = view.trace;
    this.#view = view;
    this.#spanById = new Map(spans.map((span) => [span.spanId, span]));
    for (const span of spans) {
      const initiator = span.attributes[HEADWATER.initiator];
      if (initiator !== undefined && !this.#nextById.has(initiator)) this.#nextById.set(initiator, span);
      if (span.parentId === null) continue;
      const known = this.#childrenById.get(span.parentId);
      if (known) known.push(span);
      else this.#childrenById.set(span.parentId, [span]);
    }
  }

  pages(): object[] {
    return this.#steps().map((step) => ({
      id: step.spanId,
      title: step.name,
      startedDateTime: this.#date(step.startNs),
      pageTimings: {
        onContentLoad: sinceStart(step, 'domContentLoaded'),
        onLoad: sinceStart(step, 'load'),
      },
    }));
  }

  #steps(): Span[] {
    return this.#view.trace.spans.filter((span) => typeOf(span) === 'step');
  }

  entries(): HarEntry[] {
    const { spans } = this.#view.trace;
    const requests = spans.filter(isRequest);
    const asked = requests.length > 0 ? requests : spans.filter(isHttpCall);
    return [...asked].sort((a, b) => a.startNs - b.startNs).map((span) => this.#entry(span));
  }

  #entry(span: Span): HarEntry {
    const timings = timingsOf(span, this.#childrenById.get(span.spanId) ?? []);
    const { blocked, dns, connect, send, wait, receive } = timings;
    const page = this.#pageOf(span);
    const peer = textOf(span, 'network.peer.address');
    const connection = textOf(span, HEADWATER.connection) ?? span.attributes['headwater.connection_id'];
    return {
      ...(page !== undefined && { pageref: page }),
      startedDateTime: this.#date(span.startNs),
      time: round([blocked, dns, connect, send, wait, receive].reduce((sum, ms) => sum + Math.max(0, ms), 0)),
      request: requestOf(span),
      response: this.#response(span),
      cache: {},
      timings,
      ...(peer !== undefined && { serverIPAddress: peer }),
      ...(connection !== undefined && { connection: String(connection) }),
      ...extensionsOf(span, this.#spanById),
    };
  }

  #pageOf(span: Span): string | undefined {
    for (let at: Span | undefined = span; at; at = this.#spanById.get(at.parentId ?? ''))
      if (typeOf(at) === 'step') return at.spanId;
    return undefined;
  }

  #response(span: Span): object {
    const status = numberOf(span, 'http.response.status_code');
    return {
      status: status ?? 0,
      statusText: '',
      httpVersion: versionOf(span),
      cookies: [],
      headers: HEADERS.flatMap((name) => headerOf(span, name)),
      content: {
        size:
          numberOf(span, 'headwater.response.decoded_bytes') ??
          numberOf(span, 'http.response.body.size') ??
          0,
        mimeType: 'x-unknown',
      },
      redirectURL: this.#redirect(span, status) ?? '',
      headersSize: numberOf(span, 'headwater.response.header_bytes') ?? NONE,
      bodySize: numberOf(span, 'http.response.body.size') ?? NONE,
      _transferSize: numberOf(span, 'http.response.size') ?? NONE,
      ...(status === undefined &&
        textOf(span, 'error.type') !== undefined && { _error: textOf(span, 'error.type') }),
    };
  }

  /** Where the next hop went. */
  #redirect(span: Span, status: number | undefined): string | undefined {
    if (status === undefined || status < 300 || status >= 400) return undefined;
    const next = this.#nextById.get(span.spanId);
    return next && textOf(next, 'url.full');
  }

  /** With microseconds, which a `Date` has not, and every reader of ISO 8601 takes. */
  #date(ns: Nanos): string {
    const unixUs = (BigInt(this.#view.trace.originUnixNano) + BigInt(ns)) / 1_000n;
    const us = String(unixUs % 1_000n).padStart(3, '0');
    return new Date(Number(unixUs / 1_000n)).toISOString().replace('Z', `${us}Z`);
  }
}

function sinceStart(step: Span, name: string): number {
  const event = step.events.find((moment) => moment.name === name);
  return event ? round(msFromNanos(event.timeNs - step.startNs)) : NONE;
}

/** To the nanosecond, so that no sum shows sixteen digits. */
const round = (ms: number): number => Math.round(ms * 1e6) / 1e6;

export interface Timings {
  readonly blocked: number;
  readonly dns: number;
  readonly connect: number;
  readonly ssl: number;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}

type Part = Exclude<keyof Timings, 'ssl'>;

const PART_BY_PHASE: ReadonlyMap<string, Part | 'ssl'> = new Map([
  [PHASES.dns, 'dns'],
  [PHASES.connect, 'connect'],
  [PHASES.tls, 'ssl'],
  [PHASES.send, 'send'],
  [PHASES.waiting, 'wait'],
  [PHASES.download, 'receive'],
  ...Object.values(LOCAL_ANSWERS).map((name) => [name, 'wait'] as const),
]);

/** Absent phases are −1; `send`, `wait` and `receive` may not be, and are 0. Without any phase, all of it was waiting. */
function timingsOf(span: Span, children: readonly Span[]): Timings {
  const phases = children.filter((child) => typeOf(child) === 'phase');
  const ns = new Map<string, Nanos>();
  for (const phase of phases) {
    const part = PART_BY_PHASE.get(phase.name) ?? 'blocked';
    ns.set(part, (ns.get(part) ?? 0) + phase.endNs - phase.startNs);
  }
  if (phases.length === 0) ns.set('wait', span.endNs - span.startNs);
  const msOf = (part: string, otherwise: number): number => {
    const known = ns.get(part);
    return known === undefined ? otherwise : round(msFromNanos(known));
  };
  const ssl = ns.get('ssl');
  if (ssl !== undefined) ns.set('connect', (ns.get('connect') ?? 0) + ssl);
  return {
    blocked: msOf('blocked', NONE),
    dns: msOf('dns', NONE),
    connect: msOf('connect', NONE),
    ssl: msOf('ssl', NONE),
    send: msOf('send', 0),
    wait: msOf('wait', 0),
    receive: msOf('receive', 0),
  };
}

function requestOf(span: Span): object {
  const url = textOf(span, 'url.full') ?? '';
  return {
    method: textOf(span, 'http.request.method') ?? 'GET',
    url,
    httpVersion: versionOf(span),
    cookies: [],
    headers: [],
    queryString: queryOf(url),
    headersSize: numberOf(span, 'headwater.request.header_bytes') ?? NONE,
    bodySize: numberOf(span, 'http.request.body.size') ?? NONE,
  };
}

const queryOf = (url: string): NameValue[] =>
  URL.canParse(url) ? [...new URL(url).searchParams].map(([name, value]) => ({ name, value })) : [];

function versionOf(span: Span): string {
  const version = textOf(span, 'network.protocol.version');
  return version === undefined ? 'unknown' : `HTTP/${version}`;
}

/** The only response headers that are kept. */
const HEADERS = ['server', 'server-timing'] as const;

function headerOf(span: Span, name: string): NameValue[] {
  const value = span.attributes[`http.response.header.${name}`];
  return Array.isArray(value) ? value.map((item) => ({ name, value: String(item) })) : [];
}

/** Fields that Chrome adds, and the span that Headwater knows the request by. */
function extensionsOf(span: Span, spanById: ReadonlyMap<string, Span>): object {
  const initiator = textOf(span, HEADWATER.initiator);
  const before = spanById.get(initiator ?? '');
  const url = before ? textOf(before, 'url.full') : textOf(span, 'headwater.initiator_url');
  const from = textOf(span, 'headwater.from_cache');
  const kind = textOf(span, 'headwater.resource_type');
  const priority = textOf(span, 'headwater.priority');
  return {
    ...(initiator !== undefined && {
      _initiator: { type: before ? 'other' : initiator, ...(url !== undefined && { url }) },
    }),
    ...(priority !== undefined && { _priority: priorityOf(priority) }),
    ...(kind !== undefined && { _resourceType: kind }),
    ...((from === 'memory' || from === 'disk') && { _fromCache: from }),
    ...(from === 'service-worker' && { _fetchedViaServiceWorker: true }),
    _spanId: span.spanId,
  };
}

/** `very high` → `VeryHigh`, as Chrome's protocol calls it. */
const priorityOf = (words: string): string =>
  words.replace(/(?:^|\s)([a-z])/g, (_, letter: string) => letter.toUpperCase());

function textOf({ attributes }: Span, key: string): string | undefined {
  const value = attributes[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOf({ attributes }: Span, key: string): number | undefined {
  const value = attributes[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
