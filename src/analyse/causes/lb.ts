/** The load balancer: waiting for a free server, connecting, trying again. */
import { HEADWATER } from '../../model/attributes.ts';
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { enclosing, type Tree, textAt, typeOf } from '../tree.ts';
import type { Blame, Family } from './rule.ts';

/** Phases in whole milliseconds round up, and a busy proxy needs its turn: a wait below this is no queue. */
export const QUEUED_NS = 5e6;
/** Connecting inside a data centre takes less than 1 ms, and whole milliseconds round up: below this it is normal. */
export const SLOW_CONNECT_NS = 5e6;

/** Endings that name the cause by themselves, whatever phase they ended. */
const CAUSE_OF_ENDING: Readonly<Record<string, string>> = {
  no_server: 'lb.no_server',
  queue_timeout: 'lb.timeout',
  connect_timeout: 'lb.timeout',
  server_timeout: 'lb.timeout',
};
/** Which phase each timeout ended; what came before it was something else. */
const PHASE_OF_TIMEOUT: Readonly<Record<string, string>> = {
  queue_timeout: 'queue',
  connect_timeout: 'connect',
  server_timeout: 'server',
};

const ns = (span: Span): number => span.endNs - span.startNs;
const endingOf = (span: Span): string | undefined => textAt(span.attributes, HEADWATER.proxyEnding);

function blame(segment: Segment, tree: Tree): Blame | undefined {
  const { span, situation } = segment;
  if (typeOf(span) === 'proxy') return { cause: ownTime(segment, tree) };
  if (typeOf(span) === 'proxy_try') return { cause: CAUSE_OF_ENDING[endingOf(span) ?? ''] ?? 'lb.retry' };
  if (typeOf(span) === 'proxy_phase') return phase(span, situation, tree);
  return span.layer === 'lb' && typeOf(span) === undefined ? insideOtlpProxy(span, tree) : undefined;
}

/**
 * Time of the proxy that no phase covers:
 * ```
 * // proxy   |--------------------------------------------|
 * // parts     | try ✗ |  pause  |    server    |  transfer       (Caddy tells neither pause nor transfer)
 * ```
 */
function ownTime({ span, startNs, endNs, situation }: Segment, tree: Tree): string {
  if (endingOf(span) === 'no_server') return 'lb.no_server';
  const parts = tree.childrenOf(span).filter((child) => /^proxy_/.test(typeOf(child) ?? ''));
  const isAnswered = tree.childrenOf(span).some((child) => child.kind === 'server');
  // a proxy by OpenTelemetry has no phases: silent servers behind it cannot be told from its own work
  if (
    parts.length === 0 &&
    !isAnswered &&
    situation === 'self' &&
    textAt(span.attributes, HEADWATER.proxySign)
  )
    return 'lb.unexplained';
  const before = parts.filter((part) => part.endNs <= startNs + span.precisionNs).at(-1);
  const isLast = !parts.some((part) => part.startNs >= endNs - span.precisionNs);
  if (before?.status.code === 'error' && !isLast) return 'lb.retry';
  return before?.name === 'server' && isLast ? 'lb.transfer' : 'lb.processing';
}

function phase(span: Span, situation: Segment['situation'], tree: Tree): Blame {
  const proxy = enclosing(tree, span, 'proxy') ?? span;
  const ending = endingOf(proxy) ?? '';
  const isSeen = serverBehind(proxy, tree) !== undefined;
  if (PHASE_OF_TIMEOUT[ending] === span.name && !isSeen) return { cause: 'lb.timeout' };
  switch (span.name) {
    case 'server':
      return serverPhase(span, situation, tree);
    case 'queue':
      return { cause: ns(span) < QUEUED_NS ? 'lb.processing' : 'lb.queue' };
    case 'connect':
      return { cause: ns(span) < SLOW_CONNECT_NS ? 'lb.processing' : 'lb.connect' };
    case 'retries':
      return { cause: ending === 'no_server' ? 'lb.no_server' : 'lb.retry' };
    default:
      return { cause: span.name === 'transfer' ? 'lb.transfer' : 'lb.processing' };
  }
}

/** Envoy's and Traefik's own client spans: the hop to a server that spoke, or all there is of one that did not. */
function insideOtlpProxy(span: Span, tree: Tree): Blame {
  if (span.kind !== 'client') return { cause: 'lb.processing' };
  if (tree.childrenOf(span).some((child) => child.kind === 'server'))
    return { cause: 'network.unexplained', layer: 'network' };
  const server = textAt(span.attributes, 'server.address') ?? `behind ${span.component}`;
  return { cause: 'service.silent', layer: 'service', component: server };
}

const serverBehind = (proxy: Span, tree: Tree): Span | undefined =>
  tree.childrenOf(proxy).find((child) => child.kind === 'server' && typeOf(child) !== 'proxy');

/** Behind the proxy: the service's own time when it is silent, the hop to it when it spoke. */
function serverPhase(span: Span, situation: Segment['situation'], tree: Tree): Blame {
  const proxy = enclosing(tree, span, 'proxy') ?? span;
  const seen = serverBehind(proxy, tree);
  if (!seen) {
    const server = textAt(proxy.attributes, 'server.address') ?? `behind ${proxy.component}`;
    return { cause: 'service.silent', layer: 'service', component: server };
  }
  const cause = situation === 'after' ? 'network.back' : 'network.out';
  return { cause, layer: 'network', component: `${proxy.component} → ${seen.component}` };
}

const ROUND_TO_NS = 100e6;
/** A wait that ends within this of a round number was ended by a timer: event loops are some milliseconds late. */
const LATE_TIMER_NS = 15e6;

/** `1.00 s, which looks like a timeout of 1 s`; timers are set to round numbers. */
function longestWait(spans: readonly Span[]): string {
  const longestNs = Math.max(...spans.map(ns));
  const roundNs = Math.round(longestNs / ROUND_TO_NS) * ROUND_TO_NS;
  const isRound = roundNs > 0 && Math.abs(longestNs - roundNs) <= LATE_TIMER_NS;
  return `${formatDuration(longestNs)}${isRound ? `, which looks like a timeout of ${roundNs / 1e9} s` : ''}`;
}

/**
 * Why the proxy answered a request by itself with an error, for a run that failed on it: its own ending, or that of
 * the last try it made.
 */
export function proxyFailure(request: Span, tree: Tree): { span: Span; cause: string } | undefined {
  for (const proxy of tree.childrenOf(request).filter((child) => typeOf(child) === 'proxy')) {
    const tries = tree.childrenOf(proxy).filter((child) => typeOf(child) === 'proxy_try');
    const ending = endingOf(proxy) ?? (tries.at(-1) && endingOf(tries.at(-1)!));
    if (!ending || ending === 'client_gone' || ending === 'refused') continue;
    return { span: proxy, cause: CAUSE_OF_ENDING[ending] ?? 'lb.server_failed' };
  }
  return undefined;
}

const total = (spans: readonly Span[]): string =>
  formatDuration(spans.reduce((sum, s) => sum + s.endNs - s.startNs, 0));

export const lb: Family = {
  blame,
  problems: {
    'lb.queue': {
      what: (component) => `requests queued in ${component} for a free server`,
      proof: (spans) =>
        `${spans.length} request${spans.length === 1 ? '' : 's'} queued for ${total(spans)} in all.`,
      next: (component) => `Look at maxconn and at the slowest server behind ${component}.`,
    },
    'lb.retry': {
      what: (component) => `${component} tried servers that did not answer before one did`,
      proof: (spans) => `Failed tries took ${total(spans)}.`,
      next: (component) =>
        `Which server behind ${component} is down? Its health check should have taken it out.`,
    },
    'lb.connect': {
      what: (component) => `${component} took long to connect to its server`,
      proof: (spans) => `Connecting took ${total(spans)}.`,
      next: (component) => `Look at the accept queue of the server behind ${component}.`,
    },
    'lb.no_server': {
      what: (component) => `${component} had no server to ask`,
      proof: (spans) =>
        `${spans.length} request${spans.length === 1 ? '' : 's'} waited ${total(spans)} for none.`,
      next: (component) => `Which servers behind ${component} are up, and what do their health checks say?`,
    },
    'lb.timeout': {
      what: (component) => `${component} gave up waiting for its server`,
      proof: (spans) => `The longest wait was ${longestWait(spans)}.`,
      next: (component) =>
        `Find what kept the server behind ${component}: its own traces and log of this time tell.`,
    },
  },
};
