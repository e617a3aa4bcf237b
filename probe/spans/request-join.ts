/**
 * Joins what three observers saw of one request: the header injector (which span id was sent), CDP (fine times) and
 * NetLog (which connection, and the structure below it). By traceparent where one was sent, else by address and time.
 */
import type { Exchange, NetLog } from '../../src/import/netlog.ts';
import { parseTraceparent } from '../../src/model/ids.ts';
import type { CdpRequest } from '../cdp/network-recorder.ts';
import { type InjectedRequest, originOf } from '../cdp/trace-header.ts';
import type { BrowserClock } from './browser-clock.ts';
import { newSpanId } from './span-draft.ts';

export interface SeenRequest {
  readonly spanId: string;
  /** Set when the span id went out in a `traceparent`. */
  readonly injected?: InjectedRequest;
  readonly cdp?: CdpRequest;
  readonly exchange?: Exchange;
}

/** The same address asked for again sooner than this is told apart by order only. */
const MAX_DISTANCE_MS = 1_000;

export function joinRequests(
  requests: readonly CdpRequest[],
  injected: readonly InjectedRequest[],
  netLog: NetLog,
  clock: BrowserClock | undefined,
): SeenRequest[] {
  const injectionOf = claimInjections(requests, injected);
  const exchangeBySpanId = new Map<string, Exchange>();
  for (const exchange of netLog.exchanges) {
    const sent = exchange.traceparent && parseTraceparent(exchange.traceparent);
    if (sent) exchangeBySpanId.set(sent.spanId, exchange);
  }
  const claimed = new Set<Exchange>();
  const seen = requests.map((cdp): SeenRequest => {
    const injection = injectionOf.get(cdp);
    const sent = injection?.spanId;
    const unixMs = clock?.unixMs(cdp.timing?.requestTime ?? cdp.issuedS) ?? 0;
    const exchange = cdp.fromCache === 'memory' ? undefined : find(cdp, sent, unixMs);
    if (exchange) claimed.add(exchange);
    return { spanId: sent ?? newSpanId(), injected: injection, cdp, exchange };
  });
  return [...seen, ...onlyInNetLog(netLog.exchanges, seen, claimed, injected)];

  function find(cdp: CdpRequest, sent: string | undefined, unixMs: number): Exchange | undefined {
    const bySpanId = sent && exchangeBySpanId.get(sent);
    if (bySpanId) return bySpanId;
    return nearest(
      netLog.exchanges.filter((e) => !claimed.has(e) && e.method === cdp.method && sameUrl(e.url, cdp.url)),
      unixMs,
    );
  }
}

/** The n-th pause of a request id is its n-th hop. */
function claimInjections(
  requests: readonly CdpRequest[],
  injected: readonly InjectedRequest[],
): Map<CdpRequest, InjectedRequest> {
  const injectionByRequest = new Map<CdpRequest, InjectedRequest>();
  const open = [...injected];
  for (const request of requests) {
    const isSame = (i: InjectedRequest) =>
      i.networkId === request.requestId && i.method === request.method && sameUrl(i.url, request.url);
    const at = open.findIndex(isSame);
    const [found] = at < 0 ? [] : open.splice(at, 1);
    if (found) injectionByRequest.set(request, found);
  }
  return injectionByRequest;
}

/**
 * A worker or a new window may send before CDP can be told to watch it: NetLog has seen it all the same. The browser's
 * own services ask for other origins than the journey's.
 */
function onlyInNetLog(
  exchanges: readonly Exchange[],
  seen: readonly SeenRequest[],
  claimed: ReadonlySet<Exchange>,
  injected: readonly InjectedRequest[],
): SeenRequest[] {
  const injectionBySpanId = new Map(injected.map((request) => [request.spanId, request]));
  const origins = new Set(seen.map(({ cdp }) => originOf(cdp?.url ?? '')));
  const unmatched = seen.filter(({ exchange }) => !exchange).flatMap(({ cdp }) => cdp ?? []);
  const isTold = (e: Exchange) => unmatched.some((r) => r.method === e.method && sameUrl(r.url, e.url));
  return exchanges.flatMap((exchange): SeenRequest[] => {
    if (claimed.has(exchange)) return [];
    const sent = exchange.traceparent && parseTraceparent(exchange.traceparent);
    const injection = sent ? injectionBySpanId.get(sent.spanId) : undefined;
    if (injection) return [{ spanId: injection.spanId, injected: injection, exchange }];
    const isOurs = exchange.sendStartUnixMs !== undefined && origins.has(originOf(exchange.url));
    return isOurs && !isTold(exchange) ? [{ spanId: newSpanId(), exchange }] : [];
  });
}

function nearest(candidates: readonly Exchange[], unixMs: number): Exchange | undefined {
  let best: Exchange | undefined;
  for (const candidate of candidates) {
    if (!best || distance(candidate) < distance(best)) best = candidate;
  }
  return best && distance(best) <= MAX_DISTANCE_MS ? best : undefined;

  function distance(exchange: Exchange): number {
    return Math.abs(exchange.startUnixMs - unixMs);
  }
}

const sameUrl = (a: string, b: string): boolean => a.split('#')[0] === b.split('#')[0];
