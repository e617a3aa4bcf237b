/** Services: their own work, waits for a pooled connection, and calls to others that say nothing. */
import { isPoolWait } from '../../model/attributes.ts';
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { type Tree, typeOf } from '../tree.ts';
import type { Blame, Family } from './rule.ts';

function blame({ span }: Segment, tree: Tree): Blame | undefined {
  if (span.layer !== 'service' || typeOf(span) !== undefined) return undefined;
  if (isPoolWait(span.name)) return { cause: 'service.pool_wait' };
  if (span.kind !== 'client') return { cause: 'service.work' };
  const answered = tree.childrenOf(span).some((child) => child.kind === 'server');
  if (answered) return { cause: 'network.unexplained', layer: 'network' };
  const to = span.attributes['server.address'] ?? span.attributes['peer.service'];
  return { cause: 'service.downstream', component: to === undefined ? span.component : String(to) };
}

const longest = (spans: readonly Span[]): string =>
  formatDuration(Math.max(...spans.map((span) => span.endNs - span.startNs)));

export const service: Family = {
  blame,
  problems: {
    'service.pool_wait': {
      what: (component) => `${component} waited for a free database connection`,
      proof: (spans) =>
        `${spans.length} wait${spans.length === 1 ? '' : 's'}, the longest ${longest(spans)}.`,
      next: (component) =>
        `Compare the pool size of ${component} with its concurrency, and find who holds connections long.`,
    },
  },
};
