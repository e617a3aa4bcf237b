/**
 * What only a host's kernel knows: connections that nobody accepted, packets that were lost. Asked before the other
 * families, because it says why where they say what.
 */
import { HOST_LANES } from '../../model/host-lanes.ts';
import type { Span } from '../../model/trace.ts';
import { lanesNamed, riseOf } from '../lane-window.ts';
import type { Segment } from '../segment.ts';
import { sentAgain, socketsOf } from '../sockets.ts';
import { type Tree, typeOf } from '../tree.ts';
import { longest } from './amounts.ts';
import { lostFirstPacket } from './connection.ts';
import type { Blame, Family } from './rule.ts';

/** Linux waits at least this long before it sends a packet again (TCP_RTO_MIN): less lost time has another reason. */
export const RETRANSMIT_TIMEOUT_NS = 200e6;

function blame(segment: Segment, tree: Tree): Blame | undefined {
  const { span } = segment;
  if (span.layer === 'tcp') return nobodyAccepted(segment, tree) ? { cause: 'tcp.accept_queue' } : undefined;
  if (span.layer !== 'network' || !isWait(span)) return undefined;
  if (segment.endNs - segment.startNs < RETRANSMIT_TIMEOUT_NS) return undefined;
  const isLossy = socketsOf(span, tree).some((socket) => sentAgain(socket, segment) > 0);
  return isLossy ? { cause: 'network.loss' } : undefined;
}

const isWait = (span: Span): boolean => typeOf(span) === 'phase' || span.source === 'stitch';

const nobodyAccepted = (segment: Segment, tree: Tree): boolean =>
  lostFirstPacket(segment, tree) &&
  lanesNamed(tree, HOST_LANES.listenOverflows).some((lane) => riseOf(lane, [segment.span]) > 0);

/** `on web-1` for each host whose counter rose. */
function overflowsIn(spans: readonly Span[], tree: Tree): string {
  const told = lanesNamed(tree, HOST_LANES.listenOverflows).flatMap((lane) => {
    const times = riseOf(lane, spans);
    return times > 0 ? [`${times} on ${lane.host}`] : [];
  });
  return told.join(', ');
}

function lossIn(spans: readonly Span[], tree: Tree): string {
  const sockets = new Set(spans.flatMap((span) => socketsOf(span, tree)));
  return [...sockets]
    .map((socket) => ({ socket, count: spans.reduce((sum, span) => sum + sentAgain(socket, span), 0) }))
    .filter(({ count }) => count > 0)
    .map(({ socket, count }) => `${count} on ${socket.component} (${socket.name})`)
    .join(', ');
}

export const host: Family = {
  blame,
  problems: {
    'tcp.accept_queue': {
      what: (component) =>
        `connections to ${component} were not accepted fast enough, and the first packet of one was turned away`,
      proof: (spans, tree) =>
        `Connecting took ${longest(spans)} while listen queues overflowed: ${overflowsIn(spans, tree)}.`,
      next: () =>
        'Find the full queue (its lane, or ss -ltn: Recv-Q above Send-Q); the program behind it is stuck, or its backlog too short.',
    },
    'network.loss': {
      what: (component) => `packets of ${component} were lost and had to be sent again`,
      proof: (spans, tree) => `Packets sent again meanwhile: ${lossIn(spans, tree)}.`,
      next: () =>
        'Compare the retransmits of both ends: who sends again is before the loss, who does not is behind it.',
    },
  },
};
