/**
 * Could this server's report be the answer to that caller's request, though no id says so?
 *
 * ```
 * // caller     |----------------|      GET /stock, from port 50488
 * // stranger     |---------|          GET /stock, client port 50488, inside the caller's time, in another trace
 * ```
 * Where both ends name the port of the socket, it must be the same. A browser's request needs it: a page's address is
 * asked for by anybody. Services seldom know their own port; of their calls method, path and time must do. Behind a NAT
 * or a CDN the port is another one, and nothing is found.
 */
import { HEADWATER } from '../model/attributes.ts';
import type { Attributes, ReportedSpan } from '../model/span.ts';
import { NANOS_PER_MS } from '../model/time.ts';
import { databaseSystem, typeOf } from './classify.ts';
import { LATE_END_NS } from './clock-limits.ts';
import { requestLine } from './recognise-proxies.ts';

/** Clocks of one machine, or kept by PTP: the finer look, that tells two requests for one address apart. */
export const TIGHT_NS = 2n * BigInt(NANOS_PER_MS);
/** Machines that keep time by NTP agree within a few milliseconds; a port is not used again within this. */
export const LOOSE_NS = 250n * BigInt(NANOS_PER_MS);

/** Who asks others by HTTP: the browser, a load balancer, a service's client. */
export const isCaller = ({ kind, attributes }: Pick<ReportedSpan, 'kind' | 'attributes'>): boolean => {
  const type = typeOf(attributes);
  if (type === 'request' || type === 'proxy') return true;
  return kind === 'client' && type === undefined && databaseSystem(attributes) === undefined;
};

export function callersByRequestLine(callers: readonly ReportedSpan[]): Map<string, ReportedSpan[]> {
  const groups = new Map<string, ReportedSpan[]>();
  for (const caller of callers) {
    const line = requestLine(caller.attributes);
    if (line === undefined) continue;
    const group = groups.get(line);
    if (group) group.push(caller);
    else groups.set(line, [caller]);
  }
  return groups;
}

/** Same method and path, and no port that says otherwise. */
export function candidates(
  stranger: ReportedSpan,
  callersByLine: ReadonlyMap<string, readonly ReportedSpan[]>,
): ReportedSpan[] {
  const callers = callersByLine.get(requestLine(stranger.attributes) ?? '') ?? [];
  return callers.filter(
    (caller) =>
      caller.spanId !== stranger.spanId &&
      (portsAgree(caller, stranger) ?? typeOf(caller.attributes) !== 'request'),
  );
}

/** Undefined where one end does not name the port. */
export function portsAgree(caller: ReportedSpan, stranger: ReportedSpan): boolean | undefined {
  const [own, seen] = [ownPort(caller.attributes), seenPort(stranger)];
  return own === undefined || seen === undefined ? undefined : own === seen;
}

/** The caller's end of the socket to the server. */
function ownPort(attributes: Attributes): number | undefined {
  const type = typeOf(attributes);
  if (type === 'request') return portIn(attributes[HEADWATER.clientPort]);
  return portIn(type === 'proxy' ? attributes['haproxy.backend_port'] : attributes['network.local.port']);
}

/** The client's port as the server saw it: in a load balancer's log, or by OpenTelemetry, today and before. */
function seenPort({ attributes, kind }: ReportedSpan): number | undefined {
  if (typeOf(attributes) === 'proxy') {
    const logged = portIn(attributes[HEADWATER.clientPort]);
    if (logged !== undefined) return logged;
  }
  if (kind !== 'server') return undefined;
  return portIn(
    attributes['network.peer.port'] ??
      attributes['net.sock.peer.port'] ??
      attributes['net.peer.port'] ??
      attributes[HEADWATER.clientPort],
  );
}

const portIn = (value: unknown): number | undefined =>
  typeof value === 'number' && value > 0 ? value : undefined;

/** It began while the caller waited, and took no longer, as far as ends are noted in time. */
export function holds(caller: ReportedSpan, stranger: ReportedSpan, slack: bigint): boolean {
  if (
    stranger.startUnixNano < caller.startUnixNano - slack ||
    stranger.startUnixNano > caller.endUnixNano + slack
  )
    return false;
  if (portsAgree(caller, stranger)) return true;
  const longer = stranger.endUnixNano - stranger.startUnixNano - (caller.endUnixNano - caller.startUnixNano);
  return longer <= TIGHT_NS + BigInt(LATE_END_NS);
}
