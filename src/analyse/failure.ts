/**
 * Why a journey failed, in terms of layers: the browser's own error names the link of the chain that broke
 * (https://source.chromium.org/chromium/chromium/src/+/main:net/base/net_error_list.h).
 */
import type { Cause, Layer } from '../model/layer.ts';
import { formatDuration } from '../model/time.ts';
import type { Span } from '../model/trace.ts';
import { databaseFailureBelow } from './causes/db-failure.ts';
import { dnsFailure } from './causes/dns-failure.ts';
import { tellingOf } from './causes/index.ts';
import { proxyFailure } from './causes/lb.ts';
import { errorTextOf, failedCallAround, firstToFail, givenUpCall, nameOf } from './causes/service-failure.ts';
import { expiryOf } from './causes/tls.ts';
import { numberAt, spansOfType, type Tree, textAt } from './tree.ts';

export interface Failure {
  readonly layer: Layer;
  readonly cause: Cause;
  readonly component: string;
  readonly what: string;
  readonly next: string;
  readonly span: Span;
}

interface Known {
  readonly error: RegExp;
  readonly layer: Layer;
  readonly cause: Cause;
  readonly what: (host: string) => string;
  readonly next: (host: string) => string;
}

const KNOWN: readonly Known[] = [
  {
    error: /NAME_NOT_RESOLVED|DNS_/,
    layer: 'dns',
    cause: 'dns.nxdomain',
    what: (host) => `the name ${host} could not be resolved`,
    next: (host) => `Ask its name servers: dig ${host} +trace`,
  },
  {
    error: /CONNECTION_REFUSED|ADDRESS_UNREACHABLE/,
    layer: 'tcp',
    cause: 'tcp.refused',
    what: (host) => `${host} refused the connection`,
    next: (host) => `Is the server of ${host} running, and on this port?`,
  },
  {
    error: /ERR_CERT_/,
    layer: 'tls',
    cause: 'tls.certificate_invalid',
    what: (host) => `no secure connection to ${host} could be made`,
    next: (host) => `Look at the certificate of ${host}: expiry, names, chain.`,
  },
  {
    error: /CERT_|SSL_|ECH_/,
    layer: 'tls',
    cause: 'tls.handshake_failed',
    what: (host) => `no secure connection to ${host} could be made`,
    next: (host) => `Compare TLS versions and ciphers: openssl s_client -connect ${host}:443`,
  },
  {
    error: /CONNECTION_TIMED_OUT/,
    layer: 'tcp',
    cause: 'tcp.syn_retransmit',
    what: (host) => `${host} did not answer the connection`,
    next: (host) => `Is a firewall dropping packets to ${host}?`,
  },
  {
    error: /CONNECTION_(RESET|CLOSED|ABORTED)|EMPTY_RESPONSE|HTTP2_/,
    layer: 'network',
    cause: 'network.connection_lost',
    what: (host) => `${host} closed the connection without an answer`,
    next: (host) => `Look into the log of what listens at ${host}.`,
  },
];

const OTHERWISE: Omit<Known, 'error'> = {
  layer: 'browser',
  cause: 'browser.request_refused',
  what: (host) => `the browser gave the request to ${host} up`,
  next: () => 'Look the error name up in Chromium: chrome://network-errors',
};

/** The most telling failed request of the run: one that the browser could not make, else one a server failed. */
export function failureOf(tree: Tree, journeyError = ''): Failure | undefined {
  const requests = spansOfType(tree, 'request');
  return (
    firstOf(requests, (span) => brokenRequest(span, tree)) ??
    namedByJourney(requests, journeyError, tree) ??
    firstOf(requests, (span) => balancerError(span, tree)) ??
    firstOf(requests, (span) => databaseError(span, tree)) ??
    firstOf(requests, (span) => serverError(span, tree)) ??
    firstOf(requests, abandoned)
  );
}

function firstOf(requests: readonly Span[], read: (span: Span) => Failure | undefined): Failure | undefined {
  for (const span of requests) {
    const failure = read(span);
    if (failure) return failure;
  }
  return undefined;
}

const hostOf = (span: Span): string => textAt(span.attributes, 'server.address') ?? 'the server';

/** The browser's own error name; a number is an HTTP status and no failure of the browser's. */
const netErrorOf = (span: Span): string | undefined =>
  /^(ERR_|net error)/.test(textAt(span.attributes, 'error.type') ?? '')
    ? textAt(span.attributes, 'error.type')
    : undefined;

/** What was called off (ERR_ABORTED) says nothing about who broke it. */
function brokenRequest(span: Span, tree: Tree): Failure | undefined {
  const error = netErrorOf(span);
  return error && error !== 'ERR_ABORTED' ? brokenBy(error, span, tree) : undefined;
}

/** The journey may give up (`net::ERR_…` in its own error) before the request itself is reported as failed. */
function namedByJourney(requests: readonly Span[], journeyError: string, tree: Tree): Failure | undefined {
  const error = /net::(ERR_[A-Z0-9_]+)/.exec(journeyError)?.[1];
  const failed = requests.find((span) => span.status.code === 'error');
  return error && failed && error !== 'ERR_ABORTED' ? brokenBy(error, failed, tree) : undefined;
}

function brokenBy(error: string, span: Span, tree: Tree): Failure {
  const host = hostOf(span);
  const known = KNOWN.find((candidate) => candidate.error.test(error)) ?? OTHERWISE;
  const { layer, cause } = known;
  const seen = layer === 'dns' ? dnsFailure(host, tree) : undefined;
  if (seen) return { ...seen, layer, what: `${seen.what} (${error})` };
  return {
    layer,
    cause,
    component: host,
    what: `${known.what(host)} (${error})${cause === 'tls.certificate_invalid' ? certificateNote(span, tree) : ''}`,
    next: known.next(host),
    span,
  };
}

/** `: its certificate expired on 2026-11-20, 3 days before` */
function certificateNote(request: Span, tree: Tree): string {
  const handshake = tree.childrenOf(request).find((child) => child.layer === 'tls');
  const expiry = handshake && expiryOf(handshake, tree);
  return expiry ? `: its certificate ${expiry}` : '';
}

/** The load balancer answered with an error of its own: no server did. */
function balancerError(span: Span, tree: Tree): Failure | undefined {
  const status = numberAt(span.attributes, 'http.response.status_code') ?? 0;
  const found = status >= 500 ? proxyFailure(span, tree) : undefined;
  if (!found) return undefined;
  const { component, status: said } = found.span;
  return {
    layer: 'lb',
    cause: found.cause,
    component,
    what: `${component} answered "${span.name}" with status ${status} because no server did${said.message ? ` (${said.message})` : ''}`,
    next:
      tellingOf(found.cause)?.next(component, [found.span], tree) ??
      `What does the log of the servers behind ${component} say of this time?`,
    span: found.span,
  };
}

/** A server failed because its database refused it. */
function databaseError(span: Span, tree: Tree): Failure | undefined {
  const status = numberAt(span.attributes, 'http.response.status_code') ?? 0;
  const found = status >= 500 ? databaseFailureBelow(span, tree) : undefined;
  const telling = found && tellingOf(found.cause);
  if (!found || !telling) return undefined;
  const { cause, component } = found;
  return {
    layer: 'db',
    cause,
    component,
    what: `"${span.name}" was answered with status ${status}, because ${telling.what(component, [found.span], tree)}`,
    next: telling.next(component, [found.span], tree),
    span: found.span,
  };
}

/** A server's own error, or that of the server behind it that failed first. */
function serverError(span: Span, tree: Tree): Failure | undefined {
  const status = numberAt(span.attributes, 'http.response.status_code') ?? 0;
  if (status < 500) return undefined;
  const first = firstToFail(span, tree);
  const what = `"${span.name}" was answered with status ${status}`;
  const hung = givenUpCall(first, tree);
  if (hung) return hungServer(hung, what, tree);
  if (first === span)
    return {
      ...{ layer: 'service', cause: 'service.error', component: hostOf(span), what, span },
      next: 'No trace of the server tells why: what does its log say of this time?',
    };
  const component = nameOf(first);
  const isBehind = failedCallAround(first, tree) !== undefined;
  return {
    layer: 'service',
    cause: isBehind ? 'service.downstream_error' : 'service.error',
    component,
    what: `${what}, because ${component} failed ${isBehind ? 'behind it ' : ''}("${first.name}": ${errorTextOf(first)})`,
    next: `What does the log of ${component} say of this time and this trace?`,
    span: first,
  };
}

function hungServer(call: Span, what: string, tree: Tree): Failure {
  const server = tree.childrenOf(call).find((child) => child.kind === 'server');
  const component = server?.component ?? nameOf(call);
  return {
    layer: 'service',
    cause: 'service.timeout',
    component,
    what: `${what}, because ${component} had not answered "${call.name}" after ${formatDuration(call.endNs - call.startNs)}`,
    next: `Find out what ${component} was doing: its own spans below the call, its CPU, its queue.`,
    span: server ?? call,
  };
}

/** Still in flight when the journey gave up. */
function abandoned(span: Span): Failure | undefined {
  const answered = numberAt(span.attributes, 'http.response.status_code') !== undefined;
  if (answered || span.status.code !== 'error') return undefined;
  const host = hostOf(span);
  return {
    layer: 'network',
    cause: 'network.no_answer',
    component: host,
    what: `${host} had not answered "${span.name}" when the journey gave up`,
    next: `Is ${host} overloaded or stuck? Its own traces and log of this time will tell.`,
    span,
  };
}
