/**
 * Distances, in ms, between what spans say and what another witness of the same moment says. Each list is one kind of
 * moment; how far apart they may be is the test's to say.
 */
import { PHASES } from '../../src/model/attributes.ts';
import type { Packet } from './capture.ts';
import { type CdpStamps, endMsOf, type PlainSpan, startMsOf } from './spans.ts';

export interface Distances {
  /** Upstream DNS over UDP: question sent, answer noticed. */
  dnsSent: number[];
  dnsAnswered: number[];
  /** What the resolver itself said of how late it may have noticed each answer. */
  dnsPrecision: number[];
  /** `socket connect` against SYN and the answer to it; `TLS handshake` against ClientHello and the client's Finished. */
  connectLength: number[];
  connectStart: number[];
  tlsLength: number[];
  tlsStart: number[];
  /** From the packet that accepts the connection to the start of the handshake. */
  tlsAfterAccept: number[];
  /** The flight that ends with ServerHello, against the packet that brought it. */
  serverHello: number[];
  /** Request phases against CDP's own numbers. */
  cdpSendStart: number[];
  cdpSendEnd: number[];
  cdpHeaders: number[];
  /** Request phases against HAProxy's µs stamps: the request parsed, the answer's headers written. */
  proxyRequest: number[];
  proxyResponse: number[];
  /** How far HAProxy's stamps lie outside what the browser waited for; 0 inside. */
  proxyOutside: number[];
}
export type HaproxyLine = Readonly<Record<string, string | number>>;
export interface JourneyCapture {
  readonly runs: readonly { spans: PlainSpan[]; cdp: CdpStamps[] }[];
  readonly packets: readonly Packet[];
  readonly haproxy: readonly HaproxyLine[];
  readonly tls: number;
}

const attribute = (span: PlainSpan, key: string): unknown => span.attributes[key];
const typeOf = (span: PlainSpan): unknown => attribute(span, 'headwater.type');

export function compare({ runs, packets, haproxy, tls }: JourneyCapture): Distances {
  const found: Distances = {
    dnsSent: [],
    dnsAnswered: [],
    dnsPrecision: [],
    connectLength: [],
    connectStart: [],
    tlsLength: [],
    tlsStart: [],
    tlsAfterAccept: [],
    serverHello: [],
    cdpSendStart: [],
    cdpSendEnd: [],
    cdpHeaders: [],
    proxyRequest: [],
    proxyResponse: [],
    proxyOutside: [],
  };
  for (const { spans, cdp } of runs) {
    compareDns(spans, packets, found);
    compareConnections(spans, packets, tls, found);
    compareCdp(spans, cdp, found);
    compareProxy(spans, haproxy, found);
  }
  return found;
}

/** A query's socket has a port of its own, so its packets are found by it. */
function compareDns(spans: readonly PlainSpan[], packets: readonly Packet[], found: Distances): void {
  for (const span of spans) {
    if (typeOf(span) !== 'dns_query' || attribute(span, 'network.transport') !== 'udp') continue;
    const port = attribute(span, 'network.local.port');
    const ofQuery = packets.filter((p) => p.protocol === 'udp' && isNear(p, span));
    const sent = ofQuery.find((p) => p.fromPort === port);
    const answered = ofQuery.find((p) => p.toPort === port);
    if (!sent || !answered) continue;
    found.dnsSent.push(startMsOf(span) - sent.unixMs);
    found.dnsAnswered.push(endMsOf(span) - answered.unixMs);
    found.dnsPrecision.push(span.precisionNs / 1e6);
  }
}

/** Ports are used again; a packet that is this far off belongs to somebody else. */
const REACH_MS = 2_000;
const isNear = ({ unixMs }: Packet, span: PlainSpan): boolean =>
  unixMs > startMsOf(span) - REACH_MS && unixMs < endMsOf(span) + REACH_MS;

function compareConnections(
  spans: readonly PlainSpan[],
  packets: readonly Packet[],
  tls: number,
  found: Distances,
): void {
  for (const request of spans.filter((span) => typeOf(span) === 'request')) {
    const phase = (name: string) => spans.find((s) => s.parentSpanId === request.spanId && s.name === name);
    const port = attribute(request, 'client.port');
    const connect = phase(PHASES.connect);
    const ofSocket = packets.filter((p) => p.protocol === 'tcp' && isNear(p, request));
    const sent = ofSocket.filter((p) => p.fromPort === port && p.toPort === tls);
    const received = ofSocket.filter((p) => p.toPort === port && p.fromPort === tls);
    const syn = sent.find((p) => p.isSyn);
    const accepted = received.find((p) => p.isSyn && p.isAck);
    if (!connect || !syn || !accepted) continue;
    found.connectStart.push(startMsOf(connect) - syn.unixMs);
    found.connectLength.push(endMsOf(connect) - startMsOf(connect) - (accepted.unixMs - syn.unixMs));
    const handshake = phase(PHASES.tls);
    const hello = sent.find((p) => p.tlsHandshake.includes(1));
    // The client's next TLS packet after the server's is its Finished, unreadable from outside.
    const answer = received.find((p) => p.tlsHandshake.includes(2));
    const finished = answer && sent.find((p) => p.hasTls && p.unixMs > answer.unixMs);
    if (!handshake || !hello || !finished) continue;
    const flight = spans.find(
      (s) =>
        s.parentSpanId === handshake.spanId && typeOf(s) === 'tls_flight' && /→ ServerHello$/.test(s.name),
    );
    if (flight && answer) found.serverHello.push(endMsOf(flight) - answer.unixMs);
    found.tlsStart.push(startMsOf(handshake) - hello.unixMs);
    found.tlsAfterAccept.push(startMsOf(handshake) - accepted.unixMs);
    found.tlsLength.push(endMsOf(handshake) - startMsOf(handshake) - (finished.unixMs - hello.unixMs));
  }
}

function compareCdp(spans: readonly PlainSpan[], cdp: readonly CdpStamps[], found: Distances): void {
  for (const { request, send, waiting } of exchangesIn(spans)) {
    const url = attribute(request, 'url.full');
    const same = cdp.filter((stamps) => stamps.url === url);
    const stamps = same.sort((a, b) => distance(a, send) - distance(b, send))[0];
    if (!stamps || distance(stamps, send) > REACH_MS) continue;
    found.cdpSendStart.push(startMsOf(send) - stamps.sendStartMs);
    found.cdpSendEnd.push(endMsOf(send) - stamps.sendEndMs);
    found.cdpHeaders.push(endMsOf(waiting) - stamps.headersMs);
  }
}

const distance = (stamps: CdpStamps, send: PlainSpan): number =>
  Math.abs(stamps.sendStartMs - startMsOf(send));

function exchangesIn(spans: readonly PlainSpan[]) {
  return spans.flatMap((request) => {
    if (typeOf(request) !== 'request') return [];
    const phase = (name: string) => spans.find((s) => s.parentSpanId === request.spanId && s.name === name);
    const send = phase(PHASES.send);
    const waiting = phase(PHASES.waiting);
    return send && waiting ? [{ request, send, waiting }] : [];
  });
}

/** A request that carried trace context is named in HAProxy's line. */
function compareProxy(spans: readonly PlainSpan[], lines: readonly HaproxyLine[], found: Distances): void {
  for (const { request, send, waiting } of exchangesIn(spans)) {
    const line = lines.find((one) => String(one.tp_in).includes(`${request.traceId}-${request.spanId}`));
    if (!line) continue;
    found.proxyRequest.push(endMsOf(send) - Number(line.req_us) / 1_000);
    found.proxyResponse.push(endMsOf(waiting) - Number(line.rsp_us) / 1_000);
    const early = startMsOf(send) - Number(line.req_us) / 1_000;
    const late = Number(line.rsp_us) / 1_000 - endMsOf(waiting);
    found.proxyOutside.push(Math.max(0, early, late));
  }
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
/** Which part of the values lies within `limit` of zero. */
export const shareWithin = (values: readonly number[], limit: number): number =>
  values.filter((value) => Math.abs(value) <= limit).length / values.length;

/** Most of the pairs: on a loaded machine the browser or HAProxy may be late for a few of them, and both then say so. */
const MOST = 0.9;
/** For CDP: one offset for the whole run against one for each request (browser-clock.ts) differ where the load is high. */
const MANY = 0.8;
const MIN_PAIRS = { dns: 12, connection: 3, request: 20 };

interface Rule {
  readonly kind: keyof Distances;
  readonly minPairs: number;
  /** Of the median, ms. */
  readonly medianMs?: number;
  /** Of that part of the pairs, ms. */
  readonly share?: { readonly part: number; readonly withinMs: number };
  /** No pair may be earlier or shorter than the packets by more, ms. */
  readonly neverUnderMs?: number;
  /** No pair may be later or longer than the packets by more, ms. */
  readonly neverOverMs?: number;
}

const RULES: readonly Rule[] = [
  { kind: 'dnsSent', minPairs: MIN_PAIRS.dns, medianMs: 1, share: { part: MOST, withinMs: 1 } },
  // How late answers were noticed is the machine's load; that the span says so is checked below.
  { kind: 'dnsAnswered', minPairs: MIN_PAIRS.dns, neverUnderMs: 0.5 },
  // NetLog counts whole milliseconds, and notices on a thread that may have to wait for its turn.
  // A browser that has to wait for its turn sends later than it begins; it never sends before.
  { kind: 'connectStart', minPairs: MIN_PAIRS.connection, medianMs: 2, neverOverMs: 2 },
  { kind: 'connectLength', minPairs: MIN_PAIRS.connection, medianMs: 2, neverUnderMs: 2 },
  { kind: 'tlsStart', minPairs: MIN_PAIRS.connection, medianMs: 2, neverOverMs: 2 },
  { kind: 'tlsAfterAccept', minPairs: MIN_PAIRS.connection, neverUnderMs: 2 },
  { kind: 'tlsLength', minPairs: MIN_PAIRS.connection, medianMs: 2, neverUnderMs: 2 },
  { kind: 'serverHello', minPairs: MIN_PAIRS.connection, medianMs: 2, neverUnderMs: 3 },
  { kind: 'cdpSendStart', minPairs: MIN_PAIRS.request, medianMs: 0.2, share: { part: MANY, withinMs: 0.2 } },
  { kind: 'cdpSendEnd', minPairs: MIN_PAIRS.request, medianMs: 0.2, share: { part: MANY, withinMs: 0.2 } },
  { kind: 'cdpHeaders', minPairs: MIN_PAIRS.request, medianMs: 0.2, share: { part: MANY, withinMs: 0.2 } },
  { kind: 'proxyRequest', minPairs: MIN_PAIRS.request, medianMs: 1 },
  { kind: 'proxyResponse', minPairs: MIN_PAIRS.request, medianMs: 1 },
  { kind: 'proxyOutside', minPairs: MIN_PAIRS.request, medianMs: 1, share: { part: MOST, withinMs: 1 } },
];

/** Where the spans disagree with the other witnesses, one sentence each. */
export function disagreements(found: Distances): string[] {
  const late = found.dnsAnswered.filter((ms, i) => ms > Math.max(1, (found.dnsPrecision[i] ?? 0) + 0.2));
  const isLater = late.length > (1 - MOST) * found.dnsAnswered.length;
  const middle = median(found.dnsAnswered);
  const isLaterThanSaid = middle > Math.max(1, median(found.dnsPrecision));
  return [
    ...RULES.flatMap((rule) => broken(rule, found[rule.kind])),
    ...(isLaterThanSaid ? [`dnsAnswered: median ${middle.toFixed(3)} ms, more than the spans say`] : []),
    ...(isLater ? [`${late.length} DNS answers came earlier than the span and its precision say`] : []),
  ];
}

function broken(
  { kind, minPairs, medianMs, share, neverUnderMs, neverOverMs }: Rule,
  values: readonly number[],
): string[] {
  if (values.length < minPairs) return [`${kind}: only ${values.length} pairs`];
  const least = Math.min(...values);
  const most = Math.max(...values);
  const middle = median(values);
  return [
    ...(medianMs !== undefined && Math.abs(middle) > medianMs
      ? [`${kind}: median ${middle.toFixed(3)} ms`]
      : []),
    ...(share && shareWithin(values, share.withinMs) < share.part
      ? [`${kind}: ${(100 * shareWithin(values, share.withinMs)).toFixed(0)} % within ${share.withinMs} ms`]
      : []),
    ...(neverUnderMs !== undefined && least < -neverUnderMs
      ? [`${kind}: down to ${least.toFixed(3)} ms`]
      : []),
    ...(neverOverMs !== undefined && most > neverOverMs ? [`${kind}: up to ${most.toFixed(3)} ms`] : []),
  ];
}
