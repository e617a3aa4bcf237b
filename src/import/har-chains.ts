/**
 * What ties a HAR's entries together: hops of a redirect chain, preflights and what they ask leave for, who asked, sockets.
 *
 * ```
 * GET /old   |-----|                 redirectURL: /new
 * GET /new         |-------|         the first that asks for /new from then on: initiated by the hop before
 * ```
 * Some tools let a hop last until after the next one began: when it began is what counts.
 */
import { PHASES, present } from '../model/attributes.ts';
import { redirectOf } from './har-entry.ts';
import type { Json } from './json-value.ts';
import { isObject, text } from './json-value.ts';
import { addTo, type RecordedConnection, type RecordedRequest } from './recording.ts';
import { hostOf, serverOf } from './url-parts.ts';

type ReadEntries = ReadonlyMap<Json, RecordedRequest>;

/** All requests in the order of the file, with what led to them and the socket that carried them. */
export function redirectsOf(entries: readonly Json[], read: ReadEntries): RecordedRequest[] {
  const hopsByTarget = new Map<string, RecordedRequest[]>();
  for (const [entry, request] of read) {
    const target = redirectOf(entry, request.url);
    if (target !== undefined) addTo(hopsByTarget, target, request);
  }
  const socketOf = socketFinder(read);
  const preflighted = preflightsOf(read.values());
  const askerOf = askerFinder(read.values());
  return entries.flatMap((entry) => {
    const request = read.get(entry);
    if (!request) return [];
    const hops = hopsByTarget.get(request.url) ?? [];
    const at = hops.findIndex((hop) => hop !== request && hop.startUnixNano <= request.startUnixNano);
    const [hop] = at < 0 ? [] : hops.splice(at, 1);
    const initiatorKey = (hop ?? preflighted.get(request) ?? askerOf(request))?.key;
    const connectionKey = socketOf(entry);
    return {
      ...request,
      ...(initiatorKey !== undefined && { initiatorKey }),
      ...(connectionKey !== undefined && { connectionKey }),
    };
  });
}

/**
 * The page or script that asked, where the file names its address and it was there by then. One that was still coming in is
 * not named: which part of its time the new request waited for, nobody knows.
 */
function askerFinder(requests: Iterable<RecordedRequest>) {
  const byUrl = new Map<string, RecordedRequest[]>();
  for (const request of requests) addTo(byUrl, request.url, request);
  for (const asked of byUrl.values()) asked.sort((a, b) => Number(a.endUnixNano - b.endUnixNano));
  return (request: RecordedRequest): RecordedRequest | undefined => {
    const url = request.attributes['headwater.initiator_url'];
    const asked = typeof url === 'string' ? byUrl.get(url) : undefined;
    const found = asked && lastEndedBy(asked, request.startUnixNano);
    return found === request ? undefined : found;
  };
}

/** Of a list by end. */
function lastEndedBy(requests: readonly RecordedRequest[], at: bigint): RecordedRequest | undefined {
  let low = 0;
  let high = requests.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (requests[middle]!.endUnixNano <= at) low = middle + 1;
    else high = middle;
  }
  return requests[low - 1];
}

/** The next request to the same address, by the preflight that asked leave for it. */
export function preflightsOf(requests: Iterable<RecordedRequest>): Map<RecordedRequest, RecordedRequest> {
  const served = new Map<RecordedRequest, RecordedRequest>();
  const open = new Map<string, RecordedRequest[]>();
  const byStart = [...requests].sort((a, b) => Number(a.startUnixNano - b.startUnixNano));
  // A browser lists the request before the preflight that it had to wait for, or after it.
  for (const request of byStart) {
    if (request.attributes['headwater.resource_type'] === 'preflight') addTo(open, request.url, request);
  }
  for (const request of byStart) {
    const waiting = open.get(request.url);
    if (!waiting?.length || request.method === 'OPTIONS') continue;
    const at = waiting.findIndex((preflight) => preflight.startUnixNano <= request.endUnixNano);
    const [preflight] = at < 0 ? [] : waiting.splice(at, 1);
    if (preflight) served.set(preflight, request);
  }
  return served;
}

const connectionOf = (entry: Json): string =>
  text(isObject(entry) ? entry.connection : undefined).slice(0, 64);

/** Requests by what their entries call the socket: the host belongs to it, as some tools count per host. */
function bySocket(read: ReadEntries): Map<string, RecordedRequest[]> {
  const requestsBySocket = new Map<string, RecordedRequest[]>();
  for (const [entry, request] of read) {
    const id = connectionOf(entry);
    if (!id || id === '0') continue;
    addTo(requestsBySocket, socketKey(id, entry), request);
  }
  return requestsBySocket;
}

const socketKey = (id: string, entry: Json): string =>
  `socket ${id} ${text(entry.serverIPAddress).slice(0, 64)}`;

const paid = ({ phases }: RecordedRequest): boolean =>
  phases.some(({ name }) => name === PHASES.connect || name === PHASES.tls);

/** A socket is connected once. What two requests connected is a port (Firefox writes `443`), and no socket's name. */
const isSocket = (requests: readonly RecordedRequest[]): boolean => requests.filter(paid).length === 1;

function socketFinder(read: ReadEntries): (entry: Json) => string | undefined {
  const named = new Set([...bySocket(read)].flatMap(([key, requests]) => (isSocket(requests) ? key : [])));
  return (entry) => {
    const id = connectionOf(entry);
    const key = socketKey(id, entry);
    return id && named.has(key) ? key : undefined;
  };
}

/** Those of which the file tells who made them. When they were closed, it does not tell: they end with their last use. */
export function connectionsOf(read: ReadEntries): RecordedConnection[] {
  return [...bySocket(read)].flatMap(([key, requests]) => {
    const payer = requests.find(paid);
    const first = payer?.phases.find(({ name }) => name === PHASES.connect || name === PHASES.tls);
    if (!payer || !first || !isSocket(requests)) return [];
    const server = serverOf(payer.url);
    return {
      key,
      host: hostOf(payer.url),
      component: String(payer.attributes['network.peer.address'] ?? hostOf(payer.url)),
      startUnixNano: first.startUnixNano,
      endUnixNano: requests.reduce(
        (end, r) => (r.endUnixNano > end ? r.endUnixNano : end),
        first.endUnixNano,
      ),
      paidBy: payer.key,
      attributes: present({
        'server.address': server?.address,
        'server.port': server?.port,
        'network.peer.address': payer.attributes['network.peer.address'],
        'network.protocol.name': payer.attributes['network.protocol.name'],
        'network.protocol.version': payer.attributes['network.protocol.version'],
        'headwater.connection.use': 'used',
        'headwater.connection.ended': 'not told: drawn to its last use',
      }),
    };
  });
}
