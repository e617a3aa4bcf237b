/** The load balancer: waiting for a free server, connecting, trying again. */
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { enclosing, type Tree, textAt, typeOf } from '../tree.ts';
import type { Blame, Family } from './rule.ts';

/** Phases in whole milliseconds round up: a wait below this is no queue. */
export const QUEUED_NS = 5e6;

const CAUSE_OF_PHASE: Readonly<Record<string, string>> = {
  queue: 'lb.queue',
  retries: 'lb.retry',
  connect: 'lb.connect',
  transfer: 'lb.transfer',
};

function blame({ span, situation }: Segment, tree: Tree): Blame | undefined {
  if (typeOf(span) === 'proxy') return { cause: 'lb.processing' };
  if (typeOf(span) !== 'proxy_phase') return undefined;
  if (span.name === 'server') return serverPhase(span, situation, tree);
  const cause = CAUSE_OF_PHASE[span.name] ?? 'lb.processing';
  return { cause: cause === 'lb.queue' && span.endNs - span.startNs < QUEUED_NS ? 'lb.processing' : cause };
}

/** Behind the proxy: the service's own time when it is silent, the hop to it when it spoke. */
function serverPhase(span: Span, situation: Segment['situation'], tree: Tree): Blame {
  const proxy = enclosing(tree, span, 'proxy') ?? span;
  const seen = tree.childrenOf(proxy).find((child) => child.kind === 'server' && typeOf(child) !== 'proxy');
  if (!seen) {
    const server = textAt(proxy.attributes, 'server.address') ?? `behind ${proxy.component}`;
    return { cause: 'service.silent', layer: 'service', component: server };
  }
  const cause = situation === 'after' ? 'network.back' : 'network.out';
  return { cause, layer: 'network', component: `${proxy.component} → ${seen.component}` };
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
  },
};
