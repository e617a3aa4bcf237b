/**
 * What lies below the phases that get a request its connection.
 *
 * ```
 * wait_for_connection |-----------------|
 *   stall               |---------------|      all six connections were busy
 * socket connect      |-----------------|
 *   connect_attempt   |----------------->      [2001:db8::1]:443  given up
 *   connect_attempt              |------|      192.0.2.1:443      the one that was used
 * TLS handshake       |-----------------|
 *   tls_flight        |---------|-|-----|      end to end: whoever's turn it was, had it
 * ```
 * NetLog's whole milliseconds are shifted as the request's were, and held inside the phase, which may know better.
 */
import { HANDSHAKE, type Stall, type StallKind, type TlsHandshake } from '../../src/import/netlog.ts';
import { PHASES, present } from '../../src/model/attributes.ts';
import { unixNanoFromMs } from '../../src/model/time.ts';
import { endpointOf } from './endpoint.ts';
import { netErrorName } from './net-error.ts';
import type { Phase, TriedAddress } from './phases.ts';
import { newSpanId, type SpanDraft } from './span-draft.ts';
import { handshakeName } from './tls-names.ts';

/** The spans below one phase; `phaseSpan` is the span that the phase became. */
export function setupSpans(phase: Phase, phaseSpan: SpanDraft): SpanDraft[] {
  const shiftMs = phase.setup?.shiftMs ?? 0;
  return [
    ...(phase.setup?.attempts ?? []).map((attempt) => attemptSpan(attempt, phase, phaseSpan, shiftMs)),
    ...(phase.setup?.tls ? flightSpans(phase.setup.tls, phase, phaseSpan, shiftMs) : []),
  ];
}

const clampTo = ({ startMs, endMs }: Phase, unixMs: number): number =>
  Math.min(Math.max(unixMs, startMs), endMs);

/** RFC 6298 §2: the first packet is sent again after 1 s, then after 2 s more, 4 s more, … */
const FIRST_RETRANSMIT_MS = 1_000;
/** Timers fire on a kernel tick, and NetLog floors both ends. */
const RETRANSMIT_SLACK_MS = 10;

/**
 * How often the first packet (SYN) must have been sent again for connecting to have taken so long: a suspicion, since
 * nothing on the client's side says so, and newer kernels repeat the first few at even distances.
 */
export function suspectedRetransmits(lengthMs: number): number {
  return Math.floor(Math.log2((lengthMs + RETRANSMIT_SLACK_MS) / FIRST_RETRANSMIT_MS + 1));
}

function attemptSpan(attempt: TriedAddress, phase: Phase, parent: SpanDraft, shiftMs: number): SpanDraft {
  const remote = endpointOf(attempt.address);
  const local = endpointOf(attempt.localAddress);
  const startMs = clampTo(phase, attempt.startUnixMs + shiftMs);
  const endMs = attempt.endUnixMs === undefined ? phase.endMs : clampTo(phase, attempt.endUnixMs + shiftMs);
  const error = attempt.netError === undefined ? undefined : netErrorName(attempt.netError);
  const outcome = error ? 'failed' : attempt.endUnixMs === undefined ? 'abandoned' : 'connected';
  return {
    ...below(parent, startMs, Math.max(startMs, endMs)),
    type: 'connect_attempt',
    name: `connect ${attempt.address}`,
    component: attempt.address || parent.component,
    error,
    attributes: present({
      'network.transport': 'tcp',
      'network.type': remote?.family,
      'network.peer.address': remote?.address,
      'network.peer.port': remote?.port,
      'network.local.address': local?.address,
      'network.local.port': local?.port,
      'error.type': error,
      'headwater.tcp.outcome': outcome,
      'headwater.tcp.suspected_syn_retransmits': suspectedRetransmits(endMs - startMs) || undefined,
      'headwater.raw_start_unix_ms': attempt.startUnixMs,
    }),
  };
}

interface Milestone {
  readonly name: string;
  readonly unixMs: number;
  /** Who had to act until then. */
  readonly turn: 'client' | 'server';
  readonly messages: readonly string[];
}

function flightSpans(tls: TlsHandshake, phase: Phase, parent: SpanDraft, shiftMs: number): SpanDraft[] {
  const milestones = milestonesOf(tls);
  const flights: SpanDraft[] = [];
  let startMs = phase.startMs;
  let from: Milestone | undefined;
  milestones.forEach((milestone, i) => {
    const isLast = i === milestones.length - 1;
    const endMs = isLast ? phase.endMs : Math.max(startMs, clampTo(phase, milestone.unixMs + shiftMs));
    flights.push({
      ...below(parent, startMs, endMs),
      type: 'tls_flight',
      name: from ? `${from.name} → ${milestone.name}` : milestone.name,
      component: milestone.turn === 'client' ? 'chromium' : parent.component,
      error: isLast ? parent.error : undefined,
      attributes: present({
        'headwater.tls.turn': milestone.turn,
        'headwater.tls.flight_messages': milestone.messages.length > 0 ? milestone.messages : undefined,
        'headwater.raw_end_unix_ms': milestone.unixMs,
      }),
    });
    startMs = endMs;
    from = milestone;
  });
  return flights;
}

/** The server's messages at which a reader wants to stop and look. */
const STOPS: ReadonlySet<number> = new Set([
  HANDSHAKE.serverHello,
  HANDSHAKE.certificateVerify,
  HANDSHAKE.serverHelloDone,
  HANDSHAKE.finished,
]);

/**
 * The instants at which the turn goes over to the other side, or the server's part is done.
 *
 * ```
 * TLS 1.3   ClientHello ─► ServerHello ─► CertificateVerify ─► (certificate check) ─► server Finished ─► client Finished
 * retried   ClientHello ─► HelloRetryRequest ─► ClientHello ─► ServerHello …
 * TLS 1.2   ClientHello ─► ServerHello ─► ServerHelloDone ─► client Finished [─► server Finished]
 * ```
 */
function milestonesOf(tls: TlsHandshake): Milestone[] {
  const milestones: Milestone[] = [];
  let messages: string[] = [];
  tls.messages.forEach((message, i) => {
    const isReceived = message.direction === 'received';
    const said = message.isRetryRequest ? 'HelloRetryRequest' : handshakeName(message.type);
    const name = message.type === HANDSHAKE.finished ? `${isReceived ? 'server' : 'client'} ${said}` : said;
    messages.push(said);
    const next = tls.messages[i + 1];
    const isStop = isReceived && STOPS.has(message.type);
    if (!isStop && next?.direction === message.direction) return;
    const turn = isReceived ? 'server' : 'client';
    milestones.push({ name, unixMs: message.unixMs, turn, messages });
    messages = [];
  });
  return [...withVerification(milestones, tls), ...lastOf(milestones, tls)];
}

/** The check may begin before the server's last message was read; it ends before the next milestone. */
function withVerification(milestones: readonly Milestone[], { verification }: TlsHandshake): Milestone[] {
  const endUnixMs = verification?.endUnixMs;
  if (endUnixMs === undefined) return [...milestones];
  const after = milestones.findIndex((m) => m.unixMs >= endUnixMs && m.name === 'server Finished');
  const at = after < 0 ? milestones.length : after;
  const check: Milestone = { name: 'certificate checked', unixMs: endUnixMs, turn: 'client', messages: [] };
  return [...milestones.slice(0, at), check, ...milestones.slice(at)];
}

/** From the last message to the end of the handshake: the client's own work, or an end that never came. */
function lastOf(milestones: readonly Milestone[], tls: TlsHandshake): Milestone[] {
  const endUnixMs = tls.endUnixMs;
  const lastUnixMs = milestones.at(-1)?.unixMs ?? tls.startUnixMs;
  const isSilent = endUnixMs === undefined;
  const waitedFor = milestones.at(-1)?.turn === 'client' ? 'server' : 'client';
  if (isSilent) return [{ name: 'no answer', unixMs: lastUnixMs, turn: waitedFor, messages: [] }];
  const name = tls.netError === undefined ? 'established' : 'failed';
  if (name === 'established' && endUnixMs <= lastUnixMs) return [];
  const turn = tls.alert?.direction === 'sent' || name === 'established' ? 'client' : waitedFor;
  return [{ name, unixMs: endUnixMs, turn, messages: [] }];
}

/** What a person reads; the event's own name is an attribute. */
const STALL_NAME: Readonly<Record<StallKind, string>> = {
  SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP: 'six connections per host',
  SOCKET_POOL_STALLED_MAX_SOCKETS: 'socket pool full',
  HTTP2_SESSION_STALLED_MAX_STREAMS: 'HTTP/2 stream limit',
  HTTP2_SESSION_STREAM_STALLED_BY_STREAM_SEND_WINDOW: 'HTTP/2 stream window',
  HTTP2_SESSION_STREAM_STALLED_BY_SESSION_SEND_WINDOW: 'HTTP/2 session window',
  HTTP_STREAM_JOB_THROTTLED: 'first HTTP/2 connection under way',
  HTTP_STREAM_JOB_WAITING: 'HTTP/3 tried first',
  SOCKET_POOL: 'connection being made',
};

const MAY_HOLD_STALLS: ReadonlySet<string> = new Set([PHASES.wait, PHASES.send, PHASES.waiting]);

/**
 * Stalls, each under the phase that most of it lies in. One that lies in a request's own handshake delayed nothing
 * beside it and has no bar: the request's `headwater.stalls` still has it.
 */
export function stallSpans(
  stalls: readonly Stall[],
  phases: readonly (readonly [Phase, SpanDraft])[],
  shiftMs: number,
): SpanDraft[] {
  return stalls.flatMap((stall) => {
    const endUnixMs = stall.endUnixMs ?? Number.POSITIVE_INFINITY;
    if (endUnixMs <= stall.startUnixMs) return [];
    const overlapOf = ([phase]: readonly [Phase, SpanDraft]) =>
      Math.min(endUnixMs + shiftMs, phase.endMs) - Math.max(stall.startUnixMs + shiftMs, phase.startMs);
    const [best] = [...phases].sort((a, b) => overlapOf(b) - overlapOf(a));
    if (!best || !MAY_HOLD_STALLS.has(best[0].name) || overlapOf(best) <= 0) return [];
    return [stallSpan(stall, best[0], best[1], shiftMs)];
  });
}

function stallSpan(stall: Stall, phase: Phase, parent: SpanDraft, shiftMs: number): SpanDraft {
  const endMs = stall.endUnixMs === undefined ? phase.endMs : clampTo(phase, stall.endUnixMs + shiftMs);
  return {
    ...below(parent, clampTo(phase, stall.startUnixMs + shiftMs), endMs),
    type: 'stall',
    name: STALL_NAME[stall.kind],
    component: parent.component,
    attributes: present({
      'headwater.stall': stall.kind,
      'headwater.raw_start_unix_ms': stall.startUnixMs,
      'headwater.raw_end_unix_ms': stall.endUnixMs,
    }),
  };
}

const below = (parent: SpanDraft, startMs: number, endMs: number) => ({
  spanId: newSpanId(),
  parentSpanId: parent.spanId,
  layer: parent.layer,
  startUnixNano: unixNanoFromMs(startMs),
  endUnixNano: unixNanoFromMs(endMs),
  source: 'netlog' as const,
});
