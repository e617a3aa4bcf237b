/**
 * Gives each allow-listed request its own `traceparent` on the wire, through raw `Fetch.requestPaused` →
 * `continueRequest`. Playwright's `route()` would switch the HTTP cache off, and `setExtraHTTPHeaders` would force a
 * CORS preflight; here the header is added after the CORS check. Preflights never carry it, third parties never see it.
 */
import type { Fields } from '../../src/import/netlog/events.ts';
import { isFields, textOf } from '../../src/import/netlog/events.ts';
import { formatTraceparent } from '../../src/model/ids.ts';
import type { UnixNano } from '../../src/model/time.ts';
import { newSpanId } from '../spans/span-draft.ts';
import type { UnixClock } from '../unix-clock.ts';
import type { CdpSession } from './cdp-session.ts';

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
  /** Resource types to pause; each pause costs about 1.5 ms of that request. */
  readonly resourceTypes: readonly string[];
  readonly clock: UnixClock;
}

export class TraceHeaders {
  readonly injected: InjectedRequest[] = [];
  /** Requests that could not be given the header, with the reason. */
  readonly failures: string[] = [];
  private readonly options: TraceHeaderOptions;

  constructor(options: TraceHeaderOptions) {
    this.options = options;
  }

  async enable(session: CdpSession): Promise<void> {
    session.on('Fetch.requestPaused', (event) => this.paused(session, event));
    const patterns = [...this.options.allowOrigins].flatMap((origin) =>
      this.options.resourceTypes.map((resourceType) => ({
        urlPattern: `${escapePattern(origin)}/*`,
        resourceType,
      })),
    );
    if (patterns.length > 0) await session.send('Fetch.enable', { patterns });
  }

  private paused(session: CdpSession, event: Fields): void {
    const requestId = event.requestId;
    const injection = this.injectionOf(event);
    session
      .send('Fetch.continueRequest', injection ? { requestId, headers: injection.headers } : { requestId })
      .then(() => {
        if (injection) injection.injected.continuedUnixNano = this.options.clock.now();
      })
      // Without the header if need be, but the request must go on; when it is gone already, this fails as well.
      .catch((error: Error) =>
        session.send('Fetch.continueRequest', { requestId }).then(() => this.failures.push(error.message)),
      )
      .catch(() => undefined);
  }

  /** The request's own headers and the new one; undefined when it must not carry it. */
  private injectionOf(event: Fields): Injection | undefined {
    const pausedUnixNano = this.options.clock.now();
    const request = isFields(event.request) ? event.request : {};
    const url = textOf(request.url) ?? '';
    const method = textOf(request.method) ?? 'GET';
    if (method === 'OPTIONS' || !this.options.allowOrigins.has(originOf(url))) return undefined;
    const spanId = newSpanId();
    const networkId = textOf(event.networkId) ?? '';
    const injected: InjectedRequest = { spanId, networkId, url, method, pausedUnixNano };
    this.injected.push(injected);
    const own = Object.entries(isFields(request.headers) ? request.headers : {})
      .filter(([name]) => name.toLowerCase() !== 'traceparent')
      .map(([name, value]) => ({ name, value: String(value) }));
    const traceparent = { name: 'traceparent', value: formatTraceparent(this.options.traceId, spanId) };
    return { injected, headers: [...own, traceparent] };
  }
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
