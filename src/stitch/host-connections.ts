/**
 * Hangs what a host's kernel saw of a TCP connection under whoever used that connection: the browser's `connection`,
 * else the request that rode on it, else the proxy whose way to its server it was. The join is the pair of ports, the
 * addresses as far as both sides know them, and time.
 *
 * ```
 * // connection    client.port 45028, peer 192.0.2.7:443     |-------------|
 * // socket, at the client   192.0.2.1:45028 → 192.0.2.7:443    |-------------|     one look later, one look longer
 * // socket, at the server   192.0.2.7:443 → 192.0.2.1:45028    |-------------|
 * ```
 * A host has many connections that are not the run's: what nobody claims is left out. So is a proxy's socket without
 * trouble: there is one a request, and it says nothing that the proxy's own times do not.
 */
import { HEADWATER, type SpanType } from '../model/attributes.ts';
import type { Attributes } from '../model/span.ts';
import type { Nanos } from '../model/time.ts';
import type { Cast } from './cast.ts';
import { toldOffset } from './clock-offset.ts';
import type { Draft } from './draft.ts';
import { ROLE } from './roles.ts';

/** Linux takes a pair of ports again 1 s after its connection has ended, not earlier (tcp_tw_reuse). */
const REUSED_AFTER_NS = 1e9;

/** Who may claim a socket, first choice first. */
const CLAIMANTS: readonly (SpanType | undefined)[] = ['connection', 'connect_attempt', 'request', 'proxy'];

interface Claim {
  readonly draft: Draft;
  readonly rank: number;
  /** Address of the far end, where it is known. */
  readonly peerAddress: string | undefined;
}

export function placeHostConnections(cast: Cast, root: Draft): void {
  const sockets = cast.with(ROLE.socket).filter((draft) => draft !== root);
  if (sockets.length === 0) return;
  const claimsByPorts = claimsOf(cast.all());
  for (const socket of sockets) {
    const { attributes } = socket;
    const ports = portPair(attributes['network.local.port'], attributes['network.peer.port']);
    const claim = bestClaim(socket, claimsByPorts.get(ports ?? '') ?? []);
    const tells = claim && (claim.draft.type !== 'proxy' || sentAgain(attributes));
    socket.parent = tells ? claim.draft : undefined;
    if (tells) socket.note(`the same ports and time as “${claim.draft.name}”`);
  }
}

const sentAgain = (attributes: Attributes): boolean => Number(attributes['headwater.tcp.retransmits']) > 0;

function claimsOf(drafts: readonly Draft[]): Map<string, Claim[]> {
  const claimsByPorts = new Map<string, Claim[]>();
  for (const draft of drafts) {
    const rank = CLAIMANTS.indexOf(draft.type);
    if (rank < 0) continue;
    for (const { ports, peerAddress } of waysOf(draft.attributes)) {
      const claims = claimsByPorts.get(ports);
      const claim = { draft, rank, peerAddress };
      if (claims) claims.push(claim);
      else claimsByPorts.set(ports, [claim]);
    }
  }
  return claimsByPorts;
}

/** A proxy names its way to the server beside the one to its client. */
function waysOf(attributes: Attributes): { ports: string; peerAddress: string | undefined }[] {
  const peerPort = attributes['network.peer.port'] ?? attributes['server.port'];
  const address = attributes['network.peer.address'];
  const peerAddress = typeof address === 'string' ? address : undefined;
  const toClient = portPair(attributes[HEADWATER.clientPort], peerPort);
  const toServer = portPair(attributes['haproxy.backend_port'], attributes['server.port']);
  return [
    ...(toClient ? [{ ports: toClient, peerAddress }] : []),
    ...(toServer ? [{ ports: toServer, peerAddress: undefined }] : []),
  ];
}

function portPair(a: unknown, b: unknown): string | undefined {
  const [x, y] = [Number(a), Number(b)];
  if (!(x > 0 && y > 0)) return undefined;
  return `${Math.min(x, y)} ${Math.max(x, y)}`;
}

/** The first of the first kind: a request that rode later says no more. */
function bestClaim(socket: Draft, claims: readonly Claim[]): Claim | undefined {
  let best: Claim | undefined;
  for (const claim of claims) {
    if (!isOneWay(socket, claim)) continue;
    const order = best && (claim.rank - best.rank || claim.draft.startNs - best.draft.startNs);
    if (order === undefined || order < 0) best = claim;
  }
  return best;
}

function isOneWay(socket: Draft, { draft, peerAddress }: Claim): boolean {
  const { attributes, precisionNs } = socket;
  const ends = [attributes['network.local.address'], attributes['network.peer.address']];
  if (peerAddress !== undefined && !ends.includes(peerAddress)) return false;
  const offsetNs: Nanos = toldOffset(socket) ?? 0;
  const slackNs = precisionNs + draft.precisionNs;
  return (
    socket.startNs + offsetNs <= draft.endNs + slackNs + REUSED_AFTER_NS &&
    socket.endNs + offsetNs >= draft.startNs - slackNs
  );
}
