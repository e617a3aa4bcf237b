/**
 * TLS: what setting up a secure connection cost beyond what distance alone costs.
 *
 * Each wait for the other side (`tls_flight`) is judged by itself. A server's first answer needs one round trip over
 * the wire, which TCP's connect, or a HelloRetryRequest, has shown; only what is above that is its own:
 * ```
 * // socket connect   |--|                            a round trip takes this long
 * // TLS handshake       |----------------------|
 * // flights             |--:·····|---|···|-----|     ·: above the round trip, blamed on the server
 * //                      answer   ↑   certificate
 * //                               HelloRetryRequest: all of it is a round trip that need not be
 * ```
 * RFC 8446 (TLS 1.3), RFC 5246 (TLS 1.2).
 */
import { PHASES } from '../../model/attributes.ts';
import { formatDuration, type Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { numberAt, spansOfType, type Tree, textAt, typeOf } from '../tree.ts';
import { lengthOf, longest, middleOf } from './amounts.ts';
import type { Blame, Family, Telling } from './rule.ts';

/** A handshake is under 5 ms of CPU. Quiet runs on a machine with far more work than cores stayed below 30 ms. */
export const SLOW_ANSWER_NS = 40e6;
/** Where only the whole handshake is known, its round trips may be most of it: above this it is more than distance. */
export const SLOW_HANDSHAKE_NS = 150e6;
/** Of a slow handshake, the flights that made it slow; NetLog's whole milliseconds and one turn of a CPU stay out. */
const NOTABLE_NS = 5e6;
/** … and whatever is short beside the longest of them. */
const NOTABLE_SHARE = 0.25;
/** A round trip inside a data centre is under 2 ms: only where it costs more is a second one worth a word. */
export const EXTRA_ROUND_TRIP_NS = 10e6;
/** A resumed handshake saves the certificate and its signature, 1–3 ms; busy machines need ten times as long for either. */
export const REPEATED_HANDSHAKE_NS = 20e6;
/** A connect that took this long waited for a first packet that was sent again (RFC 6298 §2): no measure of distance. */
const NO_ROUND_TRIP_NS = 990e6;
/** RFC 6928: a server may send ten segments before it must wait for an acknowledgement. */
const FIRST_WINDOW_BYTES = 14_600;
const isFat = (chainBytes: number): boolean => chainBytes > FIRST_WINDOW_BYTES;

function blame({ span }: Segment, tree: Tree): Blame | undefined {
  if (span.layer !== 'tls') return undefined;
  const phase = handshakeOf(span, tree);
  const cause = failureOf(phase) ?? costOf(span, phase, tree);
  const isOwn = cause === 'tls.slow_handshake' && isClients(span);
  const component = isOwn ? span.component : phase.component;
  const usualNs = usualOf(cause, span, phase, tree);
  return {
    cause,
    component,
    ...(usualNs > 0 && { usual: { cause: 'tls.handshake', component, ns: usualNs } }),
  };
}

/** Of a flight that is blamed: the way there and back, and as long as the same took in other handshakes with the host. */
function usualOf(cause: string, flight: Span, phase: Span, tree: Tree): Nanos {
  const isAvoidable = cause === 'tls.no_resumption';
  if (typeOf(flight) !== 'tls_flight' || (!isAvoidable && cause !== 'tls.slow_handshake')) return 0;
  const wayNs = lengthOf(flight) - ownTime(flight, roundTripOf(phase, tree), isAvoidable);
  return isAvoidable ? wayNs : Math.max(wayNs, elsewhereNs(flight, phase, tree));
}

/** More than these are a crowd: the first say enough. */
const MOST_COMPARED = 50;

/** What other handshakes with the same host took for a flight, as long as they were not slow themselves; 0 without any. */
function elsewhereNs(flight: Span, phase: Span, tree: Tree): Nanos {
  const all = handshakesByHost(tree).get(hostOf(phase, tree) ?? '')?.phases ?? [];
  const others = all.slice(0, MOST_COMPARED).filter((other) => other !== phase);
  const same = others.flatMap((other) => flightsOf(other, tree).filter(({ name }) => name === flight.name));
  return middleOf(same.map(lengthOf).filter((ns) => ns < SLOW_ANSWER_NS));
}

/** The handshake that a flight is part of, or the span itself. */
function handshakeOf(span: Span, tree: Tree): Span {
  const parent = tree.parentOf(span);
  return parent && typeOf(parent) === 'phase' ? parent : span;
}

/** By Chromium's names, and the words of OpenSSL, Go, Java and .NET for the same. */
const CERTIFICATE_ERROR =
  /^ERR_CERT|certificate (has |is )?(expired|not yet valid|verify failed|unknown|signed by unknown)|x509: |PKIX path|CertificateException|RemoteCertificate/i;
const HANDSHAKE_ERROR =
  /^ERR_(SSL|ECH|BAD_SSL|CERT)|\b(tls|ssl)\b.*(alert|handshake)|handshake[_ ]fail|SSLHandshakeException/i;

function failureOf({ status }: Span): string | undefined {
  if (status.code !== 'error') return undefined;
  if (CERTIFICATE_ERROR.test(status.message ?? '')) return 'tls.certificate_invalid';
  return HANDSHAKE_ERROR.test(status.message ?? '') ? 'tls.handshake_failed' : undefined;
}

function costOf(span: Span, phase: Span, tree: Tree): string {
  if (isRetry(span)) return lengthOf(span) >= EXTRA_ROUND_TRIP_NS ? 'tls.extra_round_trip' : 'tls.handshake';
  if (isNeedlesslyFull(phase, tree) && isSlow(span, phase, tree, REPEATED_HANDSHAKE_NS, true))
    return 'tls.no_resumption';
  return isSlow(span, phase, tree, SLOW_ANSWER_NS, false) ? 'tls.slow_handshake' : 'tls.handshake';
}

/** The way to a HelloRetryRequest, which a first ClientHello to the server's liking would have saved. */
const isRetry = (span: Span): boolean => span.name.endsWith('→ HelloRetryRequest');
const isClients = (flight: Span): boolean => textAt(flight.attributes, 'headwater.tls.turn') === 'client';

/** @param isAvoidable a resumed handshake would have had neither the certificate nor TLS 1.2's second round trip */
function isSlow(span: Span, phase: Span, tree: Tree, limitNs: Nanos, isAvoidable: boolean): boolean {
  const flights = flightsOf(phase, tree);
  const roundTripNs = roundTripOf(phase, tree);
  if (flights.length === 0) {
    const trips = numberAt(phase.attributes, 'headwater.tls.round_trips') ?? 1;
    return lengthOf(phase) - trips * roundTripNs >= SLOW_HANDSHAKE_NS;
  }
  const own = (flight: Span): Nanos => ownTime(flight, roundTripNs, isAvoidable);
  const sum = (some: readonly Span[]) => some.reduce((total, flight) => total + own(flight), 0);
  const isServerSlow = sum(flights.filter((flight) => !isClients(flight))) >= limitNs;
  const isAllSlow = sum(flights) >= SLOW_HANDSHAKE_NS;
  const longestNs = isAvoidable ? 0 : Math.max(0, ...flights.map(own));
  const isNotable = own(span) >= Math.max(NOTABLE_NS, NOTABLE_SHARE * longestNs);
  return isNotable && (isAllSlow || (isServerSlow && !isClients(span)));
}

const flightsOf = (phase: Span, tree: Tree): Span[] =>
  tree.childrenOf(phase).filter((child) => typeOf(child) === 'tls_flight' && !isRetry(child));

/** What a flight took beside the way there and back, where it holds one. */
function ownTime(flight: Span, roundTripNs: Nanos, isAvoidable: boolean): Nanos {
  const isAnswer = isAvoidable
    ? flight.name.startsWith('ClientHello →')
    : /^(ClientHello|client Finished) →/.test(flight.name) && !isClients(flight);
  return Math.max(0, lengthOf(flight) - (isAnswer ? roundTripNs : 0));
}

/** As long as the way there and back is known to take at least, from what came just before on the same connection. */
function roundTripOf(phase: Span, tree: Tree): Nanos {
  const retries = tree.childrenOf(phase).filter(isRetry);
  const request = tree.parentOf(phase);
  const connects = request ? tree.childrenOf(request).flatMap((sibling) => winnersOf(sibling, tree)) : [];
  const known = [...retries, ...connects].map(lengthOf).filter((ns) => ns < NO_ROUND_TRIP_NS);
  return Math.max(0, ...known);
}

function winnersOf(phase: Span, tree: Tree): readonly Span[] {
  if (typeOf(phase) !== 'phase' || phase.name !== PHASES.connect) return [];
  const attempts = tree.childrenOf(phase).filter((child) => typeOf(child) === 'connect_attempt');
  if (attempts.length === 0) return [phase];
  return attempts.filter(({ attributes }) => textAt(attributes, 'headwater.tcp.outcome') === 'connected');
}

/**
 * A full handshake with a host that had been spoken with before, so that a session could have been taken up. Tickets
 * come after the handshake: only an exchange that was over before this one began is sure to have brought one.
 */
function isNeedlesslyFull(phase: Span, tree: Tree): boolean {
  if (phase.attributes['tls.resumed'] !== false) return false;
  const host = hostOf(phase, tree);
  return host !== undefined && (handshakesByHost(tree).get(host)?.firstAnswerNs ?? Infinity) <= phase.startNs;
}

/** Those with one host that came about. */
interface Handshakes {
  readonly phases: Span[];
  /** When the first exchange was over that had opened a connection to it. */
  firstAnswerNs: Nanos;
}

const handshakesByTree = new WeakMap<Tree, ReadonlyMap<string, Handshakes>>();

function handshakesByHost(tree: Tree): ReadonlyMap<string, Handshakes> {
  const known = handshakesByTree.get(tree);
  if (known) return known;
  const byHost = new Map<string, Handshakes>();
  for (const span of spansOfType(tree, 'phase')) {
    if (span.name !== PHASES.tls || span.status.code === 'error') continue;
    const host = hostOf(span, tree);
    if (host === undefined) continue;
    const handshakes: Handshakes = byHost.get(host) ?? { phases: [], firstAnswerNs: Infinity };
    byHost.set(host, handshakes);
    handshakes.phases.push(span);
    handshakes.firstAnswerNs = Math.min(handshakes.firstAnswerNs, tree.parentOf(span)?.endNs ?? Infinity);
  }
  handshakesByTree.set(tree, byHost);
  return byHost;
}

/** `shop.example:443` of the request that a handshake was made for. */
function hostOf(phase: Span, tree: Tree): string | undefined {
  const request = tree.parentOf(phase);
  const name = request && textAt(request.attributes, 'server.address');
  return name && `${name}:${textAt(request.attributes, 'server.port') ?? ''}`;
}

/** Whom a person would look for: the host's name with its address, else the address alone. */
function nameOf(component: string, spans: readonly Span[], tree: Tree): string {
  const host = spans[0] && hostOf(handshakeOf(spans[0], tree), tree)?.replace(/:$/, '');
  return host && host !== component ? `${host} (${component})` : component;
}

const sumOf = (spans: readonly Span[]): string =>
  formatDuration(spans.reduce((total, span) => total + lengthOf(span), 0));

const handshakesOf = (spans: readonly Span[], tree: Tree): Span[] => [
  ...new Set(spans.map((span) => handshakeOf(span, tree))),
];
const factOf = (key: string, spans: readonly Span[], tree: Tree): string | undefined =>
  handshakesOf(spans, tree)
    .map((phase) => textAt(phase.attributes, key))
    .find((value) => value !== undefined);

const messageOf = (spans: readonly Span[], tree: Tree): string =>
  handshakesOf(spans, tree).find(({ status }) => status.code === 'error')?.status.message ?? 'an error';

const kilobytes = (bytes: number): string => `${Math.round(bytes / 100) / 10} kB`;

/** The flights in which the server's certificate came in. */
const isCertificates = (flight: Span): boolean => /^ServerHello →/.test(flight.name);

function chainBytes(spans: readonly Span[], tree: Tree): number {
  return Number(factOf('headwater.tls.chain_bytes', spans, tree) ?? 0);
}

function slowProof(spans: readonly Span[], tree: Tree): string {
  const [first] = handshakesOf(spans, tree);
  const whole = first ? ` of a handshake of ${formatDuration(lengthOf(first))}` : '';
  const [slowest] = [...spans].sort((a, b) => lengthOf(b) - lengthOf(a));
  const where = slowest && typeOf(slowest) === 'tls_flight' ? ` (${slowest.name})` : '';
  const wire = first ? roundTripOf(first, tree) : 0;
  const way = wire > 0 ? ` The way there and back takes ${formatDuration(wire)}.` : '';
  return `The longest wait${whole} was ${longest(spans)}${where}.${way}${chainProof(spans, tree)}`;
}

function chainProof(spans: readonly Span[], tree: Tree): string {
  const bytes = chainBytes(spans, tree);
  if (bytes === 0) return '';
  const count = Number(factOf('headwater.tls.certificates', spans, tree) ?? 0);
  const of = count > 0 ? ` of ${count} certificate${count === 1 ? '' : 's'}` : '';
  const fat = isFat(bytes)
    ? ', more than a server may send before the browser must confirm it (14.6 kB)'
    : '';
  return ` Its chain${of} has ${kilobytes(bytes)}${fat}.`;
}

/** Time of the browser itself: it checked the certificate, or had no processor. */
const isBrowsers = (spans: readonly Span[]): boolean => spans.length > 0 && spans.every(isClients);

const slow: Telling = {
  what: (component, spans, tree) =>
    isBrowsers(spans)
      ? `${component} itself took long over its part of the TLS handshake`
      : `${nameOf(component, spans, tree)} took long over the TLS handshake${spans.some(isCertificates) && isFat(chainBytes(spans, tree)) ? ', most of it to send its certificates' : ''}`,
  proof: slowProof,
  next: (component, spans, tree) =>
    isBrowsers(spans)
      ? 'Look at the CPU where the browser runs, and at what it asks to check a certificate (OCSP, AIA).'
      : isFat(chainBytes(spans, tree))
        ? `Cut the certificate chain of ${component}: its own certificate and the intermediates are enough, the root need not be sent.`
        : `Check the CPU of ${component} and where its private key is kept: the signature is the costly part.`,
};

const notResumed: Telling = {
  what: (component, spans, tree) =>
    `${nameOf(component, spans, tree)} and the browser went through the whole TLS handshake again though they had spoken before`,
  proof(spans, tree) {
    const handshakes = handshakesOf(spans, tree);
    const again = handshakes.length;
    return `${again === 1 ? 'One more connection' : `${again} more connections`} to it began with a full handshake: ${sumOf(spans)} for certificate and signature, which a session ticket would have saved.${chainProof(spans, tree)}`;
  },
  next: (component) =>
    `Let ${component} keep connections open longer, and give out session tickets, with one ticket key for all servers behind the name. (A browser also keeps sessions apart when a request must not carry cookies.)`,
};

const invalid: Telling = {
  what: (component, spans, tree) =>
    `the browser did not accept the certificate of ${nameOf(component, spans, tree)}`,
  proof(spans, tree) {
    const expiry = spans[0] && expiryOf(spans[0], tree);
    return `The handshake ended with ${messageOf(spans, tree)}.${expiry ? ` The certificate ${expiry}.` : ''}`;
  },
  next: (component) => `Look at the certificate of ${component}: expiry, names, chain.`,
};

/** `expired on 2026-11-20, 3 days before`; undefined where the certificate was not seen, or is within its time. */
export function expiryOf(span: Span, tree: Tree): string | undefined {
  const { attributes } = handshakeOf(span, tree);
  const days = numberAt(attributes, 'headwater.tls.expires_in_days');
  const until = textAt(attributes, 'tls.server.not_after');
  if (days === undefined || days >= 0 || !until) return undefined;
  const ago = Math.abs(days + 1);
  return `expired on ${until.slice(0, 10)}, ${ago === 0 ? 'less than a day' : `${ago} day${ago === 1 ? '' : 's'}`} before`;
}

export const tls: Family = {
  blame,
  problems: {
    'tls.slow_handshake': slow,
    'tls.extra_round_trip': {
      what: (component, spans, tree) =>
        `${nameOf(component, spans, tree)} asked the browser to begin the TLS handshake again`,
      proof: (spans, tree) =>
        `It answered with a HelloRetryRequest after ${longest(spans)}, since it wanted ${factOf('tls.curve', spans, tree) ?? 'the group it chose'} and the browser had not sent a key for that.`,
      next: (component) => `Allow X25519 in the TLS groups (curves) of ${component}.`,
    },
    'tls.no_resumption': notResumed,
    'tls.certificate_invalid': invalid,
    'tls.handshake_failed': {
      what: (component, spans, tree) => `no TLS handshake with ${nameOf(component, spans, tree)} came about`,
      proof: (spans, tree) => `It ended with ${messageOf(spans, tree)}.`,
      next: (component) => `Compare TLS versions and ciphers: openssl s_client -connect ${component}`,
    },
  },
};
