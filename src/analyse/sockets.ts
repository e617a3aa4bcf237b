/** What hosts' kernels saw of the connections that a span used. */
import { HEADWATER } from '../model/attributes.ts';
import type { Span } from '../model/trace.ts';
import type { Stretch } from './lane-window.ts';
import { numberAt, type Tree, textAt, typeOf } from './tree.ts';

/** Sockets under this span or what is above it up to its request, and under the connection that the request rode on. */
export function socketsOf(span: Span, tree: Tree): Span[] {
  const sockets: Span[] = [];
  for (let at: Span | undefined = span; at; at = tree.parentOf(at)) {
    sockets.push(...socketsUnder(at, tree));
    const connection = tree.spanNamed(textAt(at.attributes, HEADWATER.connection));
    if (connection) sockets.push(...socketsUnder(connection, tree));
    if (typeOf(at) === 'request') break;
  }
  return sockets;
}

const socketsUnder = (span: Span, tree: Tree): Span[] =>
  tree.childrenOf(span).filter((child) => typeOf(child) === 'host_connection');

/** Packets that a socket sent again within a stretch, as far as the looks at it can tell. */
export const sentAgain = (socket: Span, { startNs, endNs }: Stretch): number =>
  socket.events
    .filter(({ timeNs }) => timeNs >= startNs && timeNs - socket.precisionNs <= endNs)
    .reduce((sum, { attributes }) => sum + (numberAt(attributes, 'headwater.tcp.retransmits') ?? 0), 0);
