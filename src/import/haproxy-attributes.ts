/**
 * What a HAProxy log line says besides times, as attributes: OpenTelemetry's names where they exist, `haproxy.*` with
 * the unit as suffix where they do not. What the line does not say is absent.
 */
import { HEADWATER, type ProxyEnding } from '../model/attributes.ts';
import type { Attributes, SpanStatus } from '../model/span.ts';
import { count, type HaproxyFields, text } from './haproxy-fields.ts';
import { type MaybeAttributes, proxyStatus, withoutUndefined } from './proxy-span.ts';

/** First character of the termination state: who ended the session. */
const WHO: Readonly<Record<string, string>> = {
  C: 'the client gave up',
  S: 'the server gave up or refused',
  P: 'the proxy ended it',
  R: 'the proxy ran out of a resource',
  I: 'the proxy met an internal error',
  D: 'the server was marked down',
  U: 'the server came back up',
  K: 'an operator ended it',
  c: 'the client was silent too long',
  s: 'the server, or the queue for it, took too long',
};
/** Second character: what was going on then. */
const WHEN: Readonly<Record<string, string>> = {
  R: 'while the request was coming in',
  Q: 'while waiting in the queue',
  C: 'while connecting to the server',
  H: 'while waiting for response headers',
  D: 'while data was flowing',
  L: 'while the last data was flowing to the client',
  T: 'while held in the tarpit',
};

export function haproxyStatus({ terminationState, raw }: HaproxyFields): SpanStatus {
  const who = WHO[terminationState[0] ?? ''];
  const when = WHEN[terminationState[1] ?? ''];
  const ending = who && `${terminationState}: ${who}${when ? ` ${when}` : ''}`;
  return proxyStatus(count(raw.st), ending);
}

/** The first two characters of the termination state, in the vocabulary of all proxies. */
const ENDINGS: readonly (readonly [state: RegExp, ending: ProxyEnding])[] = [
  [/^[Cc]/, 'client_gone'],
  [/^sQ/, 'queue_timeout'],
  [/^sC/, 'connect_timeout'],
  [/^s/, 'server_timeout'],
  [/^SC/, 'connect_failed'],
  [/^[SD]/, 'server_failed'],
  [/^[PRIK]/, 'refused'],
];

/** Refused by every server it tried, HAProxy names none: `<NOSRV>`. */
export function haproxyEnding({ terminationState, raw }: HaproxyFields): ProxyEnding | undefined {
  const ending = ENDINGS.find(([state]) => state.test(terminationState))?.[1];
  return ending === 'connect_failed' && raw.srv === '<NOSRV>' ? 'no_server' : ending;
}

export function haproxyAttributes(fields: HaproxyFields): Attributes {
  return withoutUndefined({
    [HEADWATER.type]: 'proxy',
    [HEADWATER.layer]: 'lb',
    [HEADWATER.component]: haproxyComponent(fields),
    [HEADWATER.proxyEnding]: haproxyEnding(fields),
    [HEADWATER.proxyTries]: fields.retries + 1,
    ...httpAttributes(fields.raw),
    ...timerAttributes(fields),
    ...routeAttributes(fields),
    ...tlsAttributes(fields.raw),
    ...connectionAttributes(fields.raw),
  });
}

function haproxyComponent({ raw }: HaproxyFields): string {
  const frontend = text(raw.fe)?.replace(/~$/, '');
  return frontend ? `haproxy ${frontend}` : 'haproxy';
}

type Maybe = MaybeAttributes;

function httpAttributes(raw: HaproxyFields['raw']): Maybe {
  const [path, ...query] = (text(raw.p) ?? '').split('?');
  return {
    'http.request.method': text(raw.m) === '<BADREQ>' ? undefined : text(raw.m),
    'url.path': path || undefined,
    'url.query': query.length ? query.join('?') : undefined,
    'http.response.status_code': count(raw.st) || undefined,
    'network.protocol.name': 'http',
    'network.protocol.version': /^HTTP\/(\d(?:\.[1-9])?)/.exec(text(raw.hv) ?? '')?.[1],
    'haproxy.host': text(raw.host),
    'client.address': text(raw.ci),
    [HEADWATER.clientPort]: count(raw.cp),
  };
}

/** Tw is queue time only when no attempt failed: failed attempts and the pauses between them hide in it. */
const timerAttributes = ({ Th, Ti, TR, Tw, Tc, Tr, Td, Ta, Tt, retries }: HaproxyFields): Maybe => ({
  'haproxy.queue_ms': retries ? undefined : Tw,
  'haproxy.retry_wait_ms': retries ? Tw : undefined,
  'haproxy.Th_ms': Th,
  'haproxy.Ti_ms': Ti,
  'haproxy.TR_ms': TR,
  'haproxy.Tw_ms': Tw,
  'haproxy.Tc_ms': Tc,
  'haproxy.Tr_ms': Tr,
  'haproxy.Td_ms': Td,
  'haproxy.Ta_ms': Ta,
  'haproxy.Tt_ms': Tt,
});

const routeAttributes = ({ raw, retries, isRedispatched, terminationState }: HaproxyFields): Maybe => ({
  'server.address': text(raw.srv),
  'server.port': count(raw.sp) || undefined,
  'haproxy.frontend': text(raw.fe)?.replace(/~$/, ''),
  'haproxy.backend': text(raw.be),
  'haproxy.server': text(raw.srv),
  'haproxy.backend_port': count(raw.bp) || undefined,
  'haproxy.termination_state': terminationState,
  'haproxy.retries': retries,
  'haproxy.redispatched': isRedispatched || undefined,
  'haproxy.server_queue_position': count(raw.sq),
  'haproxy.backend_queue_position': count(raw.bq),
  'haproxy.backend_error': raw.bcerr === 'Success' ? undefined : text(raw.bcerr),
  'haproxy.unique_id': text(raw.uid),
});

const tlsAttributes = (raw: HaproxyFields['raw']): Maybe => ({
  'tls.protocol.version': /^TLSv(.+)/.exec(text(raw.sslv) ?? '')?.[1],
  'tls.cipher': text(raw.sslc),
  'tls.resumed': text(raw.sslv) ? text(raw.resumed) === '1' : undefined,
  'tls.next_protocol': text(raw.alpn),
  'tls.client.server_name': text(raw.sni),
});

/** Accept and end of TLS belong to the connection's first request; later ones only repeat them. */
function connectionAttributes(raw: HaproxyFields['raw']): Maybe {
  const isFirst = text(raw.n) === '1';
  return {
    'haproxy.bytes_to_client': count(raw.B),
    'haproxy.bytes_from_client': count(raw.U),
    'haproxy.connections.process': count(raw.ac),
    'haproxy.connections.frontend': count(raw.fc),
    'haproxy.connections.backend': count(raw.bc),
    'haproxy.connections.server': count(raw.sc),
    'haproxy.request_number': count(raw.n),
    'haproxy.accepted_unix_us': isFirst ? count(raw.acc_us) : undefined,
    'haproxy.tls_done_unix_us': isFirst && text(raw.sslv) ? count(raw.ssn_us) : undefined,
    'haproxy.client_rtt_us': count(raw.rtt),
    'haproxy.client_retransmits': count(raw.retrans),
    'haproxy.cpu_ns': count(raw.cpu_ns),
    'haproxy.scheduling_latency_ns': count(raw.lat_ns),
  };
}
