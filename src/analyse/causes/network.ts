/**
 * The network: time a client waited while no server says that it worked.
 * A piece is `network.out` before the server, `network.back` after it, and `network.unexplained` when only one side spoke.
 */
import { PHASES } from '../../model/attributes.ts';
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { isDatabaseClient, type Tree, typeOf } from '../tree.ts';
import type { Blame, Family } from './rule.ts';

/** One way across a continent is under 50 ms; a hop that costs more, where both ends were seen, is slow. */
export const SLOW_HOP_NS = 80e6;

const CAUSE_OF_PHASE: Readonly<Record<string, string>> = {
  [PHASES.send]: 'network.out',
  [PHASES.waiting]: 'network.unexplained',
  [PHASES.download]: 'network.download',
};

function blame(segment: Segment, tree: Tree): Blame | undefined {
  const { span, situation } = segment;
  if (span.source === 'stitch' && typeOf(span) === undefined) return residual(span);
  if (typeOf(span) === 'phase' && CAUSE_OF_PHASE[span.name]) {
    if (situation === 'before') return { cause: 'network.out' };
    if (situation === 'after') return { cause: 'network.back' };
    return { cause: CAUSE_OF_PHASE[span.name]! };
  }
  // A database client that waited longer than its server says it worked: the hop, the protocol and the planning.
  if (isDatabaseClient(span) && tree.childrenOf(span).some((child) => typeOf(child) === 'db_server'))
    return { cause: 'network.unexplained', layer: 'network', component: hopOf(span, tree) };
  return undefined;
}

function residual(span: Span): Blame {
  const slow = span.endNs - span.startNs >= SLOW_HOP_NS;
  return { cause: slow ? 'network.slow_hop' : span.name === 'network out' ? 'network.out' : 'network.back' };
}

function hopOf(client: Span, tree: Tree): string {
  const caller = tree.parentOf(client)?.component;
  return caller && caller !== client.component ? `${caller} → ${client.component}` : client.component;
}

export const network: Family = {
  blame,
  problems: {
    'network.slow_hop': {
      what: (component) => `the way ${component} was slow`,
      proof: (spans) =>
        `${formatDuration(Math.max(...spans.map((s) => s.endNs - s.startNs)))} passed between what the client waited for and what the server did.`,
      next: (component) =>
        `Measure the hop ${component} (ping, retransmits), and the listen queue at its far end.`,
    },
  },
};
