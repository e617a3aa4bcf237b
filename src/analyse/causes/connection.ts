/**
 * TCP and TLS: what setting up a connection cost, and what kept a request from having one.
 *
 * A whole phase is judged, not the part of it that the path went through:
 * ```
 * // TLS handshake  |---------------------------|   slow, or not
 * // flights        |---retry---|--------|------|   the first is a round trip that need not be
 * ```
 */
import { formatDuration, type Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { type Tree, textAt, typeOf } from '../tree.ts';
import type { Blame, Family } from './rule.ts';

/** Linux and the others send the first SYN again after 1 s (RFC 6298 §2): only a lost SYN makes a connect this long. */
export const SYN_RETRANSMIT_NS = 990e6;
/** A TLS 1.3 handshake is one round trip and under 5 ms of CPU; above this something beside distance is slow. */
export const SLOW_HANDSHAKE_NS = 150e6;
/** A round trip inside a data centre is under 2 ms: only where it costs more is a second one worth a word. */
export const EXTRA_ROUND_TRIP_NS = 10e6;
/** A refusal is one round trip; the next address is tried at once. Below this nobody felt the detour. */
export const REFUSED_DETOUR_NS = 10e6;
/** Browsers give an address 250–300 ms before they try the next beside it (RFC 8305 §5); timers are a little early. */
export const FALLBACK_DELAY_NS = 200e6;
/** Below this a queue is the normal life of a page with many parts; above it a person could notice. */
export const LONG_STALL_NS = 50e6;

function blame(segment: Segment, tree: Tree): Blame | undefined {
  const { span } = segment;
  if (typeOf(span) === 'stall') return stallBlame(span);
  if (span.layer === 'tcp') return connectBlame(segment, phaseOf(span, tree), tree);
  if (span.layer === 'tls') return handshakeBlame(span, phaseOf(span, tree));
  return undefined;
}

/** The phase that a flight or an attempt is part of, or the span itself. */
function phaseOf(span: Span, tree: Tree): Span {
  const parent = tree.parentOf(span);
  return parent && typeOf(parent) === 'phase' ? parent : span;
}

const lengthOf = (span: Span): Nanos => span.endNs - span.startNs;

/**
 * ```
 * // socket connect   |-------------------------|
 * // [2001:db8::1]    |------------------------->    silent: the path goes through the phase itself until the other began
 * // 192.0.2.1                          |--------|
 * ```
 */
function connectBlame({ span, startNs, endNs }: Segment, phase: Span, tree: Tree): Blame {
  const attempts = tree.childrenOf(phase).filter((child) => typeOf(child) === 'connect_attempt');
  const gaveWay = attempts.filter((attempt) => outcomeOf(attempt) !== 'connected');
  const hasWinner = gaveWay.length < attempts.length;
  if (hasWinner && span === phase && gaveWay.length > 0 && endNs - startNs >= FALLBACK_DELAY_NS)
    return { cause: 'tcp.happy_eyeballs_fallback', component: gaveWay[0]?.component };
  if (outcomeOf(span) === 'failed' && (!hasWinner || lengthOf(span) >= REFUSED_DETOUR_NS) && isRefused(span))
    return { cause: 'tcp.refused' };
  if (attempts.length === 0 && isRefused(phase)) return { cause: 'tcp.refused' };
  return { cause: lengthOf(span) >= SYN_RETRANSMIT_NS ? 'tcp.syn_retransmit' : 'tcp.connect' };
}

const outcomeOf = (span: Span): string | undefined => textAt(span.attributes, 'headwater.tcp.outcome');
const isRefused = ({ status }: Span): boolean =>
  status.code === 'error' && /CONN(ECTION_)?REFUSED|UNREACH/.test(status.message ?? '');

function handshakeBlame(span: Span, phase: Span): Blame {
  const component = phase.component;
  if (phase.status.code === 'error' && /^ERR_(CERT|SSL|ECH)/.test(phase.status.message ?? ''))
    return {
      cause: isCertificateError(phase) ? 'tls.certificate_invalid' : 'tls.handshake_failed',
      component,
    };
  if (isRetryFlight(span) && lengthOf(span) >= EXTRA_ROUND_TRIP_NS)
    return { cause: 'tls.extra_round_trip', component };
  return { cause: lengthOf(phase) >= SLOW_HANDSHAKE_NS ? 'tls.slow_handshake' : 'tls.handshake', component };
}

const isCertificateError = ({ status }: Span): boolean => /^ERR_CERT/.test(status.message ?? '');
/** The way to a HelloRetryRequest, which a first ClientHello to the server's liking would have saved. */
const isRetryFlight = (span: Span): boolean => span.name.endsWith('→ HelloRetryRequest');

/** By the NetLog event that told of it: what was waited for. */
const CAUSE_OF_STALL: Readonly<Record<string, string>> = {
  SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP: 'browser.six_per_host',
  SOCKET_POOL_STALLED_MAX_SOCKETS: 'browser.socket_pool_full',
  HTTP2_SESSION_STALLED_MAX_STREAMS: 'browser.stream_limit',
};

function stallBlame(stall: Span): Blame {
  // An upload whose window is full waits for the server to read, not for the browser.
  if (stall.layer === 'network') return { cause: 'network.flow_control' };
  const cause = CAUSE_OF_STALL[textAt(stall.attributes, 'headwater.stall') ?? ''];
  const isLong = lengthOf(stall) >= LONG_STALL_NS;
  return { cause: cause && isLong ? cause : 'browser.queue', layer: 'browser' };
}

const longest = (spans: readonly Span[]): string => formatDuration(Math.max(...spans.map(lengthOf)));

/** The phase of the first proof, for what is told of the whole handshake. */
const wholeOf = (spans: readonly Span[], tree: Tree): readonly Span[] =>
  spans.map((span) => phaseOf(span, tree));

/** The host whose connections were all busy: the request that waited names it. */
function hostOf(spans: readonly Span[], tree: Tree): string {
  for (let at = spans[0]; at; at = tree.parentOf(at)) if (typeOf(at) === 'request') return at.component;
  return 'the host';
}

const groupsOf = (spans: readonly Span[], tree: Tree): string =>
  textAt(wholeOf(spans, tree)[0]?.attributes ?? {}, 'tls.curve') ?? 'the group it chose';

const stallProof = (spans: readonly Span[]): string =>
  `${spans.length === 1 ? 'One request' : `${spans.length} requests`} on the critical path waited, the longest ${longest(spans)}.`;

export const connection: Family = {
  blame,
  problems: {
    'tcp.syn_retransmit': {
      what: (component) => `${component} seems to have answered only when the first packet was sent again`,
      proof: (spans) =>
        `Connecting took ${longest(spans)}; a first packet that is lost is repeated after 1 s.`,
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
    'tls.slow_handshake': {
      what: (component) => `${component} took long over the TLS handshake`,
      proof: (spans, tree) => `The handshake took ${longest(wholeOf(spans, tree))}.`,
      next: (component) => `Check the CPU of ${component}, its certificate chain and session resumption.`,
    },
    'tls.extra_round_trip': {
      what: (component) => `${component} asked the browser to begin the TLS handshake again`,
      proof: (spans, tree) =>
        `It answered with a HelloRetryRequest after ${longest(spans)}, since it wanted ${groupsOf(spans, tree)} and the browser had not sent a key for that.`,
      next: (component) => `Allow X25519 in the TLS groups (curves) of ${component}.`,
    },
    'tls.certificate_invalid': {
      what: (component) => `the browser did not accept the certificate of ${component}`,
      proof: (spans, tree) => `The handshake ended with ${wholeOf(spans, tree)[0]?.status.message}.`,
      next: (component) => `Look at the certificate of ${component}: expiry, names, chain.`,
    },
    'tls.handshake_failed': {
      what: (component) => `no TLS handshake with ${component} came about`,
      proof: (spans, tree) => `It ended with ${wholeOf(spans, tree)[0]?.status.message}.`,
      next: (component) => `Compare TLS versions and ciphers: openssl s_client -connect ${component}`,
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
