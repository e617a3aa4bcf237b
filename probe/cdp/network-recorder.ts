/**
 * Keeps what the Network domain says of each request, hop by hop: redirects and preflights are requests of their own.
 * Observes only; no headers but Server, Server-Timing and traceresponse, no cookies, no bodies are kept. Times are CDP's monotonic seconds.
 */
import { type Fields, isFields, numberOf, textOf } from '../../src/import/netlog/events.ts';
import type { CdpSession } from './cdp-session.ts';

/** Milliseconds after `requestTime`; −1 means not applicable (Network.ResourceTiming). */
export interface ResourceTiming {
  readonly requestTime: number;
  readonly dnsStart: number;
  readonly dnsEnd: number;
  readonly connectStart: number;
  readonly connectEnd: number;
  readonly sslStart: number;
  readonly sslEnd: number;
  readonly sendStart: number;
  readonly sendEnd: number;
  readonly receiveHeadersStart: number;
  readonly receiveHeadersEnd: number;
}

/** Milliseconds after `requestTime`. */
export interface ServiceWorkerTiming {
  readonly startMs: number;
  readonly readyMs: number;
  readonly answeredMs: number;
  /** `cache-storage`, `network`, `fallback-code`, … */
  readonly answeredFrom?: string;
}

export interface CdpRequest {
  readonly requestId: string;
  /** 0 for the first of a redirect chain. */
  readonly hop: number;
  readonly url: string;
  readonly method: string;
  readonly resourceType: string;
  /** `parser`, `script`, `preflight`, `user`, … */
  readonly initiatorType: string;
  /** Request that this one serves or follows, by request id: a preflight's, a redirect's. */
  readonly initiatorRequestId?: string;
  /** The document or script that asked for it. */
  readonly initiatorUrl?: string;
  readonly frameId?: string;
  /** When the page asked, monotonic seconds. */
  readonly issuedS: number;
  /** The same instant, Unix seconds. */
  readonly issuedUnixS: number;
  timing?: ResourceTiming;
  statusCode?: number;
  protocol?: string;
  remoteAddress?: string;
  remotePort?: number;
  connectionReused?: boolean;
  mimeType?: string;
  serverTiming?: string;
  /** The trace that the server answered in, as it says. */
  traceresponse?: string;
  /** What the answering server calls itself: `nginx/1.22.1`. */
  serverName?: string;
  fromCache?: 'memory' | 'disk' | 'service-worker';
  /** The page had it fetched before it was needed. */
  fromPrefetch?: boolean;
  /** What the server said; the page is told 200 where a cached copy was still good (304). */
  wireStatusCode?: number;
  serviceWorker?: ServiceWorkerTiming;
  /** Bytes on the wire, headers included. */
  transferBytes?: number;
  /** Bytes of the answer's status line and headers on the wire. */
  responseHeaderBytes?: number;
  /** Bytes of the request's header fields as HTTP/1.1 writes them; later versions compress them. */
  requestHeaderBytes?: number;
  requestBodyBytes?: number;
  /** `VeryHigh`, … `VeryLow`: the browser's own, when it began. */
  readonly priority?: string;
  /** `Blocking`, `InBodyParserBlocking`, `NonBlocking`, … */
  readonly renderBlocking?: string;
  /** Who called it off, when somebody did. */
  isCanceled?: boolean;
  blockedReason?: string;
  corsError?: string;
  decodedBytes: number;
  finishedS?: number;
  failure?: string;
}

export class NetworkRecorder {
  readonly requests: CdpRequest[] = [];
  private readonly latestById = new Map<string, CdpRequest>();
  private readonly headersById = new Map<string, RequestHeaders[]>();
  private readonly wireStatusById = new Map<string, number[]>();

  async enable(session: CdpSession): Promise<void> {
    session.on('Network.requestWillBeSent', (event) => this.willBeSent(event));
    session.on('Network.requestServedFromCache', (event) => {
      const request = this.find(event);
      if (request) request.fromCache = 'memory';
    });
    session.on('Network.responseReceived', (event) => this.responded(this.find(event), event.response));
    session.on('Network.dataReceived', (event) => {
      const request = this.find(event);
      if (request) request.decodedBytes += numberOf(event.dataLength) ?? 0;
    });
    session.on('Network.requestWillBeSentExtraInfo', (event) => this.headersSent(event));
    session.on('Network.responseReceivedExtraInfo', (event) => this.headersReceived(event));
    session.on('Network.loadingFinished', (event) => this.finished(event));
    session.on('Network.loadingFailed', (event) => this.failed(event));
    await session.send('Network.enable');
  }

  private find(event: Fields): CdpRequest | undefined {
    return this.latestById.get(textOf(event.requestId) ?? '');
  }

  private willBeSent(event: Fields): void {
    const before = this.find(event);
    const issuedS = numberOf(event.timestamp);
    const issuedUnixS = numberOf(event.wallTime);
    const request = isFields(event.request) ? event.request : {};
    const url = textOf(request.url) ?? '';
    // A worker's request may be told by its own session and by its page's.
    if (before && !isFields(event.redirectResponse)) return;
    if (issuedS === undefined || issuedUnixS === undefined || !/^(https?|wss?):/.test(url)) return;
    if (before && isFields(event.redirectResponse)) {
      this.responded(before, event.redirectResponse);
      before.finishedS ??= issuedS;
    }
    this.add({
      requestId: textOf(event.requestId) ?? '',
      hop: before ? before.hop + 1 : 0,
      url,
      method: textOf(request.method) ?? 'GET',
      resourceType: textOf(event.type) ?? 'Other',
      ...initiatorOf(event.initiator),
      frameId: textOf(event.frameId),
      issuedS,
      issuedUnixS,
      decodedBytes: 0,
      priority: textOf(request.initialPriority),
      renderBlocking: textOf(event.renderBlockingBehavior),
    });
  }

  /** Told apart from the request itself, before or after it, once a hop. Values are measured, not kept. */
  private headersSent(event: Fields): void {
    push(this.headersById, textOf(event.requestId) ?? '', measureHeaders(event.headers));
  }

  private headersReceived(event: Fields): void {
    push(this.wireStatusById, textOf(event.requestId) ?? '', numberOf(event.statusCode) ?? 0);
  }

  /** The n-th headers of a request id are its n-th hop's; requests that never left the browser have none. */
  addWireFacts(): void {
    for (const request of this.requests) {
      const headers = this.headersById.get(request.requestId)?.[request.hop];
      request.requestHeaderBytes = headers?.bytes;
      request.requestBodyBytes = headers?.bodyBytes;
      request.wireStatusCode = this.wireStatusById.get(request.requestId)?.[request.hop];
    }
  }

  private add(request: CdpRequest): void {
    this.requests.push(request);
    this.latestById.set(request.requestId, request);
  }

  private responded(request: CdpRequest | undefined, response: unknown): void {
    if (!request || !isFields(response)) return;
    request.statusCode = numberOf(response.status);
    request.protocol = textOf(response.protocol);
    request.remoteAddress = textOf(response.remoteIPAddress)?.replace(/^\[|\]$/g, '');
    request.remotePort = numberOf(response.remotePort);
    request.connectionReused = response.connectionReused === true;
    request.mimeType = textOf(response.mimeType);
    request.serverTiming = headerOf(response.headers, 'server-timing');
    request.traceresponse = headerOf(response.headers, 'traceresponse');
    request.serverName = headerOf(response.headers, 'server');
    if (response.fromDiskCache === true) request.fromCache ??= 'disk';
    if (response.fromServiceWorker === true) request.fromCache ??= 'service-worker';
    request.transferBytes = numberOf(response.encodedDataLength);
    request.responseHeaderBytes = request.transferBytes;
    if (response.fromPrefetchCache === true) request.fromPrefetch = true;
    if (request.fromCache === 'service-worker') request.serviceWorker = serviceWorkerOf(response);
    // A hit in the memory cache repeats the timing of the request that filled it.
    if (request.fromCache !== 'memory') request.timing = timingOf(response.timing);
  }

  private finished(event: Fields): void {
    const request = this.find(event);
    if (!request) return;
    request.finishedS = numberOf(event.timestamp);
    request.transferBytes = numberOf(event.encodedDataLength) ?? request.transferBytes;
  }

  private failed(event: Fields): void {
    const request = this.find(event);
    if (!request) return;
    request.finishedS = numberOf(event.timestamp);
    request.isCanceled = event.canceled === true;
    request.blockedReason = textOf(event.blockedReason) || undefined;
    request.corsError = isFields(event.corsErrorStatus) ? textOf(event.corsErrorStatus.corsError) : undefined;
    request.failure =
      [textOf(event.errorText), request.blockedReason, request.corsError].filter(Boolean).join(' ') ||
      'failed';
  }
}

function initiatorOf(
  raw: unknown,
): Pick<CdpRequest, 'initiatorType' | 'initiatorRequestId' | 'initiatorUrl'> {
  if (!isFields(raw)) return { initiatorType: 'other' };
  const stack = isFields(raw.stack) && Array.isArray(raw.stack.callFrames) ? raw.stack.callFrames : [];
  const frame = stack.find((f) => isFields(f) && textOf(f.url));
  return {
    initiatorType: textOf(raw.type) ?? 'other',
    initiatorRequestId: textOf(raw.requestId),
    initiatorUrl: textOf(raw.url) ?? (isFields(frame) ? textOf(frame.url) : undefined),
  };
}

function timingOf(raw: unknown): ResourceTiming | undefined {
  if (!isFields(raw) || !numberOf(raw.requestTime)) return undefined;
  const ms = (name: string) => numberOf(raw[name]) ?? -1;
  const headersEnd = ms('receiveHeadersEnd');
  return {
    requestTime: numberOf(raw.requestTime) ?? 0,
    dnsStart: ms('dnsStart'),
    dnsEnd: ms('dnsEnd'),
    connectStart: ms('connectStart'),
    connectEnd: ms('connectEnd'),
    sslStart: ms('sslStart'),
    sslEnd: ms('sslEnd'),
    sendStart: ms('sendStart'),
    sendEnd: ms('sendEnd'),
    receiveHeadersStart: ms('receiveHeadersStart') > 0 ? ms('receiveHeadersStart') : headersEnd,
    receiveHeadersEnd: headersEnd,
  };
}

function serviceWorkerOf(response: Fields): ServiceWorkerTiming | undefined {
  if (!isFields(response.timing)) return undefined;
  const { workerStart, workerReady, workerRespondWithSettled } = response.timing;
  const startMs = numberOf(workerStart) ?? -1;
  const readyMs = numberOf(workerReady) ?? -1;
  const answeredMs = numberOf(workerRespondWithSettled) ?? -1;
  if (startMs < 0 || readyMs < startMs || answeredMs < readyMs) return undefined;
  return { startMs, readyMs, answeredMs, answeredFrom: textOf(response.serviceWorkerResponseSource) };
}

interface RequestHeaders {
  /** As HTTP/1.1 writes them: `name: value\r\n`. */
  readonly bytes: number;
  readonly bodyBytes?: number;
}

function measureHeaders(raw: unknown): RequestHeaders {
  if (!isFields(raw)) return { bytes: 0 };
  const entries = Object.entries(raw).filter(([name]) => !name.startsWith(':'));
  const bytes = entries.reduce((sum, [name, value]) => sum + name.length + String(value).length + 4, 0);
  const bodyBytes = Number(headerOf(raw, 'content-length') ?? Number.NaN);
  return Number.isSafeInteger(bodyBytes) && bodyBytes >= 0 ? { bytes, bodyBytes } : { bytes };
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

function headerOf(headers: unknown, name: string): string | undefined {
  if (!isFields(headers)) return undefined;
  return textOf(Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]);
}
