/**
 * What is changed of requests on their way out, besides `traceparent`: an exchange that is sent with a method, headers
 * and a body of its own; headers that the caller adds; requests that change something at a server, held back.
 */
import { type Fields, isFields, textOf } from '../../src/import/netlog/events.ts';
import type { JourneyRequest } from '../journey.ts';

export interface RequestChange {
  /** The request is not sent. */
  readonly isRefused?: boolean;
  /** Set in the place of the request's own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** As `Fetch.continueRequest` takes it; the body in base64. */
  readonly sent?: { readonly method?: string; readonly postData?: string };
}

export interface RuleOptions {
  /** Origins whose requests get the headers. */
  readonly origins: ReadonlySet<string>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The journey sends exchanges of its own: documents of every origin are looked at. */
  readonly exchanges?: boolean;
  /** Hold back whatever is not safe to send again (RFC 9110, 9.2.1). */
  readonly holdUnsafe?: boolean;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
/** What a page sends by itself with a method of its own; a ping is a beacon. */
const SENDS_UNSAFE = ['Document', 'XHR', 'Fetch', 'Ping'];

export class RequestRules {
  /** `POST https://shop.example/orders`, without the query: what was held back. */
  readonly held: string[] = [];
  private readonly options: RuleOptions;
  private next: JourneyRequest | undefined;

  constructor(options: RuleOptions) {
    this.options = options;
  }

  /** The document that is asked for next is this exchange. */
  expect(exchange: JourneyRequest | undefined): void {
    this.next = exchange;
  }

  get patterns(): Fields[] {
    if (this.options.holdUnsafe)
      return SENDS_UNSAFE.map((resourceType) => ({ urlPattern: '*', resourceType }));
    return this.options.exchanges ? [{ urlPattern: '*', resourceType: 'Document' }] : [];
  }

  changeOf(event: Fields): RequestChange | undefined {
    const request = isFields(event.request) ? event.request : {};
    const url = textOf(request.url) ?? '';
    const exchange = event.resourceType === 'Document' ? this.taken(url) : undefined;
    const method = (exchange?.method ?? textOf(request.method) ?? 'GET').toUpperCase();
    if (this.options.holdUnsafe && !SAFE.has(method)) {
      this.held.push(`${method} ${url.split(/[?#]/)[0]}`);
      return { isRefused: true };
    }
    const isOwn = URL.canParse(url) && this.options.origins.has(new URL(url).origin);
    const headers = { ...(isOwn && method !== 'OPTIONS' ? this.options.headers : {}), ...exchange?.headers };
    if (Object.keys(headers).length === 0 && !exchange) return undefined;
    return { headers, ...(exchange && { sent: sentOf(exchange) }) };
  }

  private taken(url: string): JourneyRequest | undefined {
    const { next } = this;
    if (!next || !URL.canParse(next.url) || withoutHash(new URL(next.url).href) !== withoutHash(url))
      return undefined;
    this.next = undefined;
    return next;
  }
}

const withoutHash = (url: string): string => url.split('#')[0] ?? '';

const sentOf = ({ method, body }: JourneyRequest): RequestChange['sent'] => ({
  ...(method && { method: method.toUpperCase() }),
  ...(body !== undefined && { postData: Buffer.from(body).toString('base64') }),
});
