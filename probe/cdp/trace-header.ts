/**
 * Gives each allow-listed request its own `traceparent` on the wire, through raw `Fetch.requestPaused` →
 * `continueRequest`. Playwright's `route()` would switch the HTTP cache off, and `setExtraHTTPHeaders` would force a
 * CORS preflight; here the header is added after the CORS check. Preflights never carry it, third parties never see it.
 */
import type { Fields } from '../../src/import/netlog/events.ts';
import { isFields, textOf } from '../../src/import/netlog/events.ts';
import { formatTraceparent } from '../../src/model/ids.ts';
import type { Warning } from '../../src/model/span.ts';
import type { UnixNano } from '../../src/model/time.ts';
import { newSpanId } from '../spans/span-draft.ts';
import type { UnixClock } from '../unix-clock.ts';
import type { CdpSession } from './cdp-session.ts';
import type { RequestChange, RequestRules } from './request-rules.ts';

export interface InjectedRequest {
  readonly spanId: string;
  /** The id that Network events know the request by; redirect hops share it. */
  readonly networkId: string;
  readonly url: string;
  readonly method: string;
  /** When the probe heard that the request is held, and when the browser had let it go. */
  readonly pausedUnixNano: UnixNano;
  continuedUnixNano?: UnixNano;
}

interface Injection {
  readonly injected: InjectedRequest;
  readonly headers: readonly { name: string; value: string }[];
}

export interface TraceHeaderOptions {
  readonly traceId: string;
  /** Origins, without a path: `https://example.com`. */
  readonly allowOrigins: ReadonlySet<string>;
  /** Where no origin is named: that of the first document which is opened becomes the only one. */
  readonly firstDocumentNamesSite?: boolean;
  /** Resource types to pause; each pause costs about 1.5 ms of that request. */
  readonly resourceTypes: readonly string[];
  readonly clock: UnixClock;
  /** Changes requests on their way out, besides. */
  readonly rules?: RequestRules;
}

export class TraceHeaders {
  readonly injected: InjectedRequest[] = [];
  /** Requests that could not be given the header, with the reason. */
  readonly failures: string[] = [];
  /** Method of requests that were sent with another one than the page asked with, by the id that Network events know. */
  readonly methodByNetworkId = new Map<string, string>();
  private readonly options: TraceHeaderOptions;
  private readonly sessions: CdpSession[] = [];
  private allowed: ReadonlySet<string>;

  constructor(options: TraceHeaderOptions) {
    this.options = options;
    this.allowed = options.allowOrigins;
  }

  async enable(session: CdpSession): Promise<void> {
    session.on('Fetch.requestPaused', (event) => this.paused(session, event));
    this.sessions.push(session);
    await this.pause(session);
  }

  warnings(): Warning[] {
    return [...new Set(this.failures)].map((message) => ({
      code: 'probe.no_traceparent',
      where: 'browser',
      message: `A request went without traceparent: ${message}`,
    }));
  }

  private async pause(session: CdpSession): Promise<void> {
    const patterns = [...this.allowed].flatMap((origin) =>
      this.options.resourceTypes.map((resourceType) => ({
        urlPattern: `${escapePattern(origin)}/*`,
        resourceType,
      })),
    );
    const isUnnamed = patterns.length === 0 && this.options.firstDocumentNamesSite;
    const all = [
      ...patterns,
      ...(isUnnamed ? [{ urlPattern: 'http*', resourceType: 'Document' }] : []),
      ...(this.options.rules?.patterns ?? []),
    ];
    if (all.length > 0) await session.send('Fetch.enable', { patterns: all });
  }

  /** The new patterns are on their way before the document is let go, so that they hold for what it asks for. */
  private nameSite(url: string): void {
    if (this.allowed.size > 0 || !this.options.firstDocumentNamesSite || originOf(url) === '') return;
    this.allowed = new Set([originOf(url)]);
    for (const session of this.sessions) this.pause(session).catch(() => undefined);
  }

  private paused(session: CdpSession, event: Fields): void {
    const requestId = event.requestId;
    const change = this.options.rules?.changeOf(event);
    if (change?.isRefused) {
      const refusal = { requestId, errorReason: 'BlockedByClient' };
      session.send('Fetch.failRequest', refusal).catch(() => undefined);
      return;
    }
    if (change?.sent?.method) this.methodByNetworkId.set(textOf(event.networkId) ?? '', change.sent.method);
    const injection = this.injectionOf(event, change);
    const headers = injection?.headers ?? (change?.headers && ownHeaders(event, change));
    session
      .send('Fetch.continueRequest', { requestId, ...(headers && { headers }), ...change?.sent })
      .then(() => {
        if (injection) injection.injected.continuedUnixNano = this.options.clock.now();
      })
      // Without the header if need be, but the request must go on; when it is gone already, this fails as well.
      .catch((error: Error) =>
        session
          .send('Fetch.continueRequest', { requestId, ...change?.sent })
          .then(() => this.failures.push(error.message)),
      )
      .catch(() => undefined);
  }

  /** The request's own headers and the new one; undefined when it must not carry it. */
  private injectionOf(event: Fields, change: RequestChange | undefined): Injection | undefined {
    const pausedUnixNano = this.options.clock.now();
    const request = isFields(event.request) ? event.request : {};
    const url = textOf(request.url) ?? '';
    const method = change?.sent?.method ?? textOf(request.method) ?? 'GET';
    this.nameSite(url);
    if (method === 'OPTIONS' || !this.allowed.has(originOf(url))) return undefined;
    const spanId = newSpanId();
    const networkId = textOf(event.networkId) ?? '';
    const injected: InjectedRequest = { spanId, networkId, url, method, pausedUnixNano };
    this.injected.push(injected);
    const own = ownHeaders(event, change).filter(({ name }) => name.toLowerCase() !== 'traceparent');
    const traceparent = { name: 'traceparent', value: formatTraceparent(this.options.traceId, spanId) };
    return { injected, headers: [...own, traceparent] };
  }
}

/** The request's own headers, those that a rule sets in the place of its own. */
function ownHeaders(event: Fields, change: RequestChange | undefined): { name: string; value: string }[] {
  const request = isFields(event.request) ? event.request : {};
  const set = Object.entries(change?.headers ?? {}).map(([name, value]) => ({ name, value }));
  const isSet = new Set(set.map(({ name }) => name.toLowerCase()));
  const own = Object.entries(isFields(request.headers) ? request.headers : {})
    .filter(([name]) => !isSet.has(name.toLowerCase()))
    .map(([name, value]) => ({ name, value: String(value) }));
  return [...own, ...set];
}

export function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return '';
  }
}

/** `*`, `?` and `\` have a meaning in CDP's patterns. */
const escapePattern = (text: string): string => text.replace(/[*?\\]/g, '\\$&');
