/**
 * What was seen of each TCP connection of the host during one run: snapshots while it lived, and one last look when
 * the kernel took its socket down.
 *
 * ```
 * // snapshots        *         *         *         *
 * // connection A  -----------------|x                  seen twice, and when it ended
 * // connection B          |--|x                        seen only when it ended
 * ```
 */
import type { Endpoint, TcpSocket } from './ss-line.ts';

export interface Retransmits {
  readonly unixNano: string;
  /** Segments that were sent again since the look before. */
  readonly count: number;
  /** The connection was not there yet: what was sent again is its first packet. */
  readonly whileConnecting: boolean;
}

export interface HostConnection {
  readonly local: Endpoint;
  readonly peer: Endpoint;
  /** Decimal digits. The connection may have been there before, and after. */
  readonly firstSeenUnixNano: string;
  readonly lastSeenUnixNano: string;
  /** It was there before the run began. */
  readonly isOlder: boolean;
  readonly hasEnded: boolean;
  readonly state: string;
  readonly rttMs?: number;
  readonly rttVarianceMs?: number;
  readonly minRttMs?: number;
  readonly congestionWindow?: number;
  readonly deliveryRateBitPerS?: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly bytesRetransmitted: number;
  /** During the run, by the look that found them. */
  readonly retransmits: readonly Retransmits[];
}

interface Watched {
  readonly first: TcpSocket;
  last: TcpSocket;
  readonly firstSeenUnixNano: bigint;
  lastSeenUnixNano: bigint;
  readonly isOlder: boolean;
  hasEnded: boolean;
  readonly retransmits: Retransmits[];
}

/** A busy host's sockets that come and go during a run; beyond this the oldest ended ones are forgotten. */
const MAX_WATCHED = 5_000;
/** What one answer carries, most telling first. */
export const MAX_TOLD = 500;
/** Looks that found retransmits; a connection with more is broken all the time. */
const MAX_RETRANSMIT_LOOKS = 100;

/** What it looked like before it was first seen, when that was after the run began: nothing. */
const NEW: Pick<TcpSocket, 'retransmits' | 'state'> = { retransmits: 0, state: 'SYN-SENT' };

export class ConnectionWatch {
  readonly #watched = new Map<string, Watched>();
  readonly #ended: Watched[] = [];
  /** Since the last list. */
  readonly #endedUnixNano = new Map<string, bigint>();
  #isFirstLook = true;

  /**
   * Every connection there is. The list takes its time, and may still hold one whose end was told meanwhile.
   * @param askedUnixNano when the list was begun
   */
  snapshot(sockets: readonly TcpSocket[], unixNano: bigint, askedUnixNano: bigint): void {
    for (const socket of sockets) {
      const endedUnixNano = this.#endedUnixNano.get(keyOf(socket));
      if (endedUnixNano !== undefined && endedUnixNano >= askedUnixNano) continue;
      this.#see(socket, unixNano, this.#isFirstLook);
    }
    this.#isFirstLook = false;
    this.#endedUnixNano.clear();
  }

  /** A socket is being taken down: its last numbers. */
  ended(socket: TcpSocket, unixNano: bigint): void {
    const watched = this.#see(socket, unixNano, false);
    if (!watched) return;
    watched.hasEnded = true;
    this.#watched.delete(keyOf(socket));
    this.#endedUnixNano.set(keyOf(socket), unixNano);
    this.#ended.push(watched);
    if (this.#ended.length > MAX_WATCHED) this.#ended.shift();
  }

  #see(socket: TcpSocket, unixNano: bigint, isOlder: boolean): Watched | undefined {
    if (!socket.peer || socket.peer.port === 0) return undefined;
    const key = keyOf(socket);
    const watched = this.#watched.get(key);
    if (watched) {
      watched.retransmits.push(...sentAgain(watched.last, socket, unixNano));
      watched.retransmits.splice(MAX_RETRANSMIT_LOOKS);
      watched.last = socket;
      watched.lastSeenUnixNano = unixNano;
      return watched;
    }
    if (this.#watched.size >= MAX_WATCHED) return undefined;
    const seen = {
      first: socket,
      last: socket,
      firstSeenUnixNano: unixNano,
      lastSeenUnixNano: unixNano,
      isOlder,
      hasEnded: false,
      retransmits: isOlder ? [] : sentAgain(NEW, socket, unixNano),
    };
    this.#watched.set(key, seen);
    return seen;
  }

  /** Connections that did something during the run; those with trouble first, then the busiest. */
  told(): HostConnection[] {
    return [...this.#ended, ...this.#watched.values()]
      .filter((watched) => !watched.isOlder || moved(watched) > 0)
      .sort((a, b) => troubles(b) - troubles(a) || moved(b) - moved(a))
      .slice(0, MAX_TOLD)
      .map(tell);
  }
}

const keyOf = ({ local, peer }: TcpSocket): string =>
  `${local.address} ${local.port} ${peer?.address} ${peer?.port}`;

function sentAgain(
  before: Pick<TcpSocket, 'retransmits' | 'state'>,
  now: TcpSocket,
  unixNano: bigint,
): Retransmits[] {
  const count = now.retransmits - before.retransmits;
  if (count <= 0) return [];
  return [{ unixNano: String(unixNano), count, whileConnecting: isFirstPacket(before, now) }];
}

/** Also of a connection that has just been made: what was sent again had no payload, so it was the first packet. */
const isFirstPacket = (before: Pick<TcpSocket, 'state'>, now: TcpSocket): boolean =>
  now.state === 'SYN-SENT' ||
  (before.state === 'SYN-SENT' && now.state === 'ESTAB' && now.bytesRetransmitted === 0);

const troubles = ({ retransmits }: Watched): number => retransmits.reduce((sum, { count }) => sum + count, 0);

function moved({ first, last, isOlder }: Watched): number {
  const bytes = (socket: TcpSocket) => socket.bytesSent + socket.bytesReceived;
  return bytes(last) - (isOlder ? bytes(first) : 0);
}

function tell(watched: Watched): HostConnection {
  const { last } = watched;
  const { local, peer, state, rttMs, rttVarianceMs, minRttMs, congestionWindow } = last;
  return {
    local,
    peer: peer!,
    firstSeenUnixNano: String(watched.firstSeenUnixNano),
    lastSeenUnixNano: String(watched.lastSeenUnixNano),
    isOlder: watched.isOlder,
    hasEnded: watched.hasEnded,
    state: watched.hasEnded ? 'CLOSED' : state,
    rttMs,
    rttVarianceMs,
    minRttMs,
    congestionWindow,
    deliveryRateBitPerS: last.deliveryRateBitPerS,
    bytesSent: last.bytesSent,
    bytesReceived: last.bytesReceived,
    bytesRetransmitted: last.bytesRetransmitted,
    retransmits: watched.retransmits,
  };
}
