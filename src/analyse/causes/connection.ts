/**
 * TCP: what opening a connection cost, and what kept a request from having one. TLS has a family of its own.
 */
import type { Span } from '../../model/trace.ts';
import { heldBy } from '../holders.ts';
import type { Segment } from '../segment.ts';
import { type Tree, textAt, typeOf } from '../tree.ts';
import { lengthOf, longest } from './amounts.ts';
import type { Blame, Family } from './rule.ts';

/** Linux and the others send the first SYN again after 1 s (RFC 6298 §2): only a lost SYN makes a connect this long. */
export const SYN_RETRANSMIT_NS = 990e6;
/** A refusal is one round trip; the next address is tried at once. Below this nobody felt the detour. */
export const REFUSED_DETOUR_NS = 10e6;
/** Browsers give an address 250–300 ms before they try the next beside it (RFC 8305 §5); timers are a little early. */
export const FALLBACK_DELAY_NS = 200e6;
/** Below this a queue is the normal life of a page with many parts; above it a person could notice. */
export const LONG_STALL_NS = 30e6;

function blame(segment: Segment, tree: Tree): Blame | undefined {
  const { span } = segment;
  if (typeOf(span) === 'stall') return stallBlame(span, tree);
  if (span.layer === 'tcp') return connectBlame(segment, phaseOf(span, tree), tree);
  return undefined;
}

/** The phase that an attempt is part of, or the span itself. */
function phaseOf(span: Span, tree: Tree): Span {
  const parent = tree.parentOf(span);
  return parent && typeOf(parent) === 'phase' ? parent : span;
}

/** A connection that did not come about, until the browser made another one. */
interface Silence {
  readonly attempt: Span;
  /** The one that was made is to the same address: it does answer, only the first packet was lost. */
  readonly isSameAddress: boolean;
}

/**
 * ```
 * // socket connect   |-------------------------|
 * // [2001:db8::1]    |------------------------->    silent: until the other was begun, the path goes through it,
 * // 192.0.2.1                          |--------|   or through the phase itself
 * ```
 */
function silenceOf({ span, startNs, endNs }: Segment, tree: Tree): Silence | undefined {
  if (endNs - startNs < FALLBACK_DELAY_NS) return undefined;
  const phase = phaseOf(span, tree);
  const attempts = tree.childrenOf(phase).filter((child) => typeOf(child) === 'connect_attempt');
  const winner = attempts.find((attempt) => outcomeOf(attempt) === 'connected');
  const silent = attempts.filter((attempt) => outcomeOf(attempt) !== 'connected' && !isRefused(attempt));
  const attempt = span === phase ? silent[0] : silent.find((one) => one === span);
  return winner && attempt && { attempt, isSameAddress: attempt.component === winner.component };
}

/** The first packet of a connection got no answer: it was repeated, or a second connection was made beside it. */
export const lostFirstPacket = (segment: Segment, tree: Tree): boolean =>
  lengthOf(segment.span) >= SYN_RETRANSMIT_NS || silenceOf(segment, tree)?.isSameAddress === true;

function connectBlame(segment: Segment, phase: Span, tree: Tree): Blame {
  const { span } = segment;
  const attempts = tree.childrenOf(phase).filter((child) => typeOf(child) === 'connect_attempt');
  const hasWinner = attempts.some((attempt) => outcomeOf(attempt) === 'connected');
  const silence = silenceOf(segment, tree);
  if (silence && !silence.isSameAddress)
    return { cause: 'tcp.happy_eyeballs_fallback', component: silence.attempt.component };
  if (outcomeOf(span) === 'failed' && (!hasWinner || lengthOf(span) >= REFUSED_DETOUR_NS) && isRefused(span))
    return { cause: 'tcp.refused' };
  if (attempts.length === 0 && isRefused(phase)) return { cause: 'tcp.refused' };
  const component = peerOf(span);
  return {
    cause: lostFirstPacket(segment, tree) ? 'tcp.syn_retransmit' : 'tcp.connect',
    ...(component && { component }),
  };
}

/** A service's own span has the service as its component: whom it called is in the attributes. */
function peerOf(span: Span): string | undefined {
  if (typeOf(span) !== undefined) return undefined;
  const { attributes } = span;
  const address = textAt(attributes, 'network.peer.address') ?? textAt(attributes, 'server.address');
  const port = textAt(attributes, 'network.peer.port') ?? textAt(attributes, 'server.port');
  return address && (port ? `${address}:${port}` : address);
}

const outcomeOf = (span: Span): string | undefined => textAt(span.attributes, 'headwater.tcp.outcome');
const isRefused = ({ status }: Span): boolean =>
  status.code === 'error' && /CONN(ECTION_)?REFUSED|UNREACH/.test(status.message ?? '');

/** By the NetLog event that told of it: what was waited for. */
const CAUSE_OF_STALL: Readonly<Record<string, string>> = {
  SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP: 'browser.six_per_host',
  SOCKET_POOL_STALLED_MAX_SOCKETS: 'browser.socket_pool_full',
  HTTP2_SESSION_STALLED_MAX_STREAMS: 'browser.stream_limit',
};

function stallBlame(stall: Span, tree: Tree): Blame {
  // An upload whose window is full waits for the server to read, not for the browser.
  if (stall.layer === 'network') return { cause: 'network.flow_control' };
  const cause = CAUSE_OF_STALL[textAt(stall.attributes, 'headwater.stall') ?? ''];
  const isLong = lengthOf(stall) >= LONG_STALL_NS;
  if (!cause || !isLong) return { cause: 'browser.queue', layer: 'browser' };
  return { cause, layer: 'browser', component: hostOf([stall], tree) };
}

const isRepeated = (span: Span): boolean => lengthOf(span) >= SYN_RETRANSMIT_NS;

/** The phase of the first proof, for what is told of the whole handshake. */
const wholeOf = (spans: readonly Span[], tree: Tree): readonly Span[] =>
  spans.map((span) => phaseOf(span, tree));

/** The host whose connections were all busy: the request that waited names it. */
function hostOf(spans: readonly Span[], tree: Tree): string {
  for (let at = spans[0]; at; at = tree.parentOf(at)) if (typeOf(at) === 'request') return at.component;
  return 'the host';
}

function stallProof(spans: readonly Span[], tree: Tree): string {
  const who = spans.length === 1 ? 'One request' : `${spans.length} requests`;
  const held = heldBy(spans, tree);
  return `${who} on the critical path waited, the longest ${longest(spans)}${held ? `; a connection was ${held}` : ''}.`;
}

export const connection: Family = {
  blame,
  problems: {
    'tcp.syn_retransmit': {
      what: (component, spans) =>
        spans.some(isRepeated)
          ? `${component} seems to have answered only when the first packet was sent again`
          : `the first packet to ${component} seems to have been lost, and a second connection was made`,
      proof: (spans) =>
        spans.some(isRepeated)
          ? `Connecting took ${longest(spans)}; a first packet that is lost is repeated after 1 s.`
          : `The first connection was not there after ${longest(spans)}; then a second one to the same address was.`,
      next: (component) =>
        `Look for packet loss or a full accept queue in front of ${component} (ss -ltn, ListenOverflows).`,
    },
    'tcp.refused': {
      what: (component) => `${component} refused the connection`,
      proof: (spans) => `The refusal came after ${longest(spans)}.`,
      next: (component) =>
        `Is anything listening on ${component}? If not, take the address out of the name's records.`,
    },
    'tcp.happy_eyeballs_fallback': {
      what: (component) => `${component} did not answer, and the browser fell back to another address`,
      proof: (spans, tree) =>
        `Connecting took ${longest(wholeOf(spans, tree))}; the next address was tried only when the first had been silent for a while.`,
      next: (component) =>
        `Is ${component} reachable from here? Repair its route, or take it out of the name's records.`,
    },
    'browser.six_per_host': {
      what: (_, spans, tree) =>
        `all six connections that a browser opens to ${hostOf(spans, tree)} were busy`,
      proof: stallProof,
      next: (_, spans, tree) =>
        `Let ${hostOf(spans, tree)} speak HTTP/2, or let the page ask for less at once.`,
    },
    'browser.socket_pool_full': {
      what: () => 'the browser had as many sockets open as it allows itself',
      proof: stallProof,
      next: () => 'Look for connections that never end, and for a page that talks to very many hosts.',
    },
    'browser.stream_limit': {
      what: (_, spans, tree) =>
        `the HTTP/2 connection to ${hostOf(spans, tree)} had as many streams open as its server allows`,
      proof: stallProof,
      next: (_, spans, tree) =>
        `Raise SETTINGS_MAX_CONCURRENT_STREAMS of ${hostOf(spans, tree)} (100 is usual), or ask for less at once.`,
    },
    'network.flow_control': {
      what: (_, spans, tree) => `an upload waited for ${hostOf(spans, tree)} to read what was sent`,
      proof: (spans) => `The HTTP/2 window was full for ${longest(spans)}.`,
      next: (_, spans, tree) =>
        `Raise SETTINGS_INITIAL_WINDOW_SIZE of ${hostOf(spans, tree)}, or find out why it reads so slowly.`,
    },
  },
};
