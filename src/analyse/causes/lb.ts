/** The load balancer: waiting for a free server, connecting, trying again. */
import { HEADWATER } from '../../model/attributes.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { enclosing, type Tree, textAt, typeOf } from '../tree.ts';
import { lengthOf, middleOf } from './amounts.ts';
import { lbProblems } from './lb-telling.ts';
import { endingOf } from './proxy-ending.ts';
import type { Blame, Family } from './rule.ts';
import { serverBehind } from './servers.ts';
import { type Uneven, unevenOf } from './uneven-servers.ts';

/** Phases in whole milliseconds round up, and a busy proxy needs its turn: a wait below this is no queue. */
export const QUEUED_NS = 5e6;
/** Connecting inside a data centre takes less than 1 ms; a balancer that waits for a CPU itself had 30 ms in a quiet run. */
export const SLOW_CONNECT_NS = 40e6;

/** Endings that name the cause by themselves, whatever phase they ended. */
const CAUSE_OF_ENDING: Readonly<Record<string, string>> = {
  no_server: 'lb.no_server',
  queue_timeout: 'lb.timeout',
  connect_timeout: 'lb.timeout',
  server_timeout: 'lb.timeout',
};
/** Of the whole request: the last server to be asked had refused as well, and there was none left. */
const causeOfLast = (ending: string): string | undefined =>
  ending === 'connect_failed' ? 'lb.no_server' : CAUSE_OF_ENDING[ending];
/** Which phase each timeout ended; what came before it was something else. */
const PHASE_OF_TIMEOUT: Readonly<Record<string, string>> = {
  queue_timeout: 'queue',
  connect_timeout: 'connect',
  server_timeout: 'server',
};

function blame(segment: Segment, tree: Tree): Blame | undefined {
  const { span, situation } = segment;
  const uneven = slowServer(segment, tree);
  if (uneven) return unevenBlame(segment, uneven, tree);
  if (typeOf(span) === 'proxy') return { cause: ownTime(segment, tree) };
  if (typeOf(span) === 'proxy_try') return { cause: CAUSE_OF_ENDING[endingOf(span) ?? ''] ?? 'lb.retry' };
  if (typeOf(span) === 'proxy_phase') return phase(span, situation, tree);
  return span.layer === 'lb' && typeOf(span) === undefined ? insideOtlpProxy(span, tree) : undefined;
}

/** What the others take for it, this server would have taken as well. */
function unevenBlame(segment: Segment, { server, elsewhere, ownNsOf }: Uneven, tree: Tree): Blame {
  const { span, startNs, endNs } = segment;
  const ownNs = ownNsOf.get(tree.parentOf(span) ?? span) ?? 0;
  const share = ownNs > 0 ? Math.min(1, middleOf(elsewhere) / ownNs) : 0;
  const usual: Blame =
    typeOf(span) === 'proxy_phase' ? serverPhase(span, 'self', tree) : { cause: 'service.work' };
  return {
    ...{ cause: 'lb.uneven_backends', layer: 'lb', component: server },
    usual: { ...usual, ns: (endNs - startNs) * share },
  };
}

/** Time that a server took itself, where the others behind the same balancer are fast at the same. */
function slowServer({ span, situation }: Segment, tree: Tree): Uneven | undefined {
  const isServers = span.kind === 'server' && typeOf(span) === undefined;
  const isSilent = typeOf(span) === 'proxy_phase' && span.name === 'server' && situation === 'self';
  const proxy = isServers || isSilent ? tree.parentOf(span) : undefined;
  return proxy && typeOf(proxy) === 'proxy' ? unevenOf(proxy, tree) : undefined;
}

/**
 * Time of the proxy that no phase covers:
 * ```
 * // proxy   |--------------------------------------------|
 * // parts     | try ✗ |  pause  |    server    |  transfer       (Caddy tells neither pause nor transfer)
 * ```
 */
function ownTime({ span, startNs, endNs, situation }: Segment, tree: Tree): string {
  if (causeOfLast(endingOf(span) ?? '') === 'lb.no_server') return 'lb.no_server';
  const parts = tree.childrenOf(span).filter((child) => /^proxy_/.test(typeOf(child) ?? ''));
  const isAnswered = tree.childrenOf(span).some((child) => child.kind === 'server');
  const ended = causeOfLast(endingOf(span) ?? '');
  if (parts.length === 0 && !isAnswered && ended) return ended;
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
      return { cause: lengthOf(span) < QUEUED_NS ? 'lb.processing' : 'lb.queue' };
    case 'connect':
      return { cause: lengthOf(span) < SLOW_CONNECT_NS ? 'lb.processing' : 'lb.connect' };
    case 'retries':
      return { cause: causeOfLast(ending) === 'lb.no_server' ? 'lb.no_server' : 'lb.retry' };
    default:
      return { cause: span.name === 'transfer' ? 'lb.transfer' : 'lb.processing' };
  }
}

/** Envoy's and Traefik's own client spans: the hop to a server that spoke, or all there is of one that did not. */
function insideOtlpProxy(span: Span, tree: Tree): Blame {
  if (span.kind !== 'client') return { cause: 'lb.processing' };
  if (tree.childrenOf(span).some((child) => child.kind === 'server'))
    return { cause: 'network.unexplained', layer: 'network' };
  const ended = causeOfLast(endingOf(span) ?? endingOf(enclosing(tree, span, 'proxy') ?? span) ?? '');
  if (ended) return { cause: ended };
  const server = textAt(span.attributes, 'server.address') ?? `behind ${span.component}`;
  return { cause: 'service.silent', layer: 'service', component: server };
}

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

/**
 * Why the proxy answered a request by itself with an error, for a run that failed on it: its own ending, or that of
 * the last try it made.
 */
export function proxyFailure(request: Span, tree: Tree): { span: Span; cause: string } | undefined {
  for (const proxy of tree.childrenOf(request).filter((child) => typeOf(child) === 'proxy')) {
    const tries = tree.childrenOf(proxy).filter((child) => typeOf(child) === 'proxy_try');
    const ending = endingOf(proxy) ?? (tries.at(-1) && endingOf(tries.at(-1)!));
    if (!ending || ending === 'client_gone' || ending === 'refused') continue;
    return { span: proxy, cause: causeOfLast(ending) ?? 'lb.server_failed' };
  }
  return undefined;
}

export const lb: Family = { blame, problems: lbProblems };
