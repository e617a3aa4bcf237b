/** Services: their own work, waits for a pooled connection, and calls to others that say nothing. */
import { HEADWATER, isPoolWait } from '../../model/attributes.ts';
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { timeoutLike } from '../timeout.ts';
import { numberAt, type Tree, textAt, typeOf } from '../tree.ts';
import type { Blame, Family } from './rule.ts';

/** What clients call it when they stopped waiting. */
const TIMEOUT_ERROR = /time.?out|timed.?out|deadline|ETIMEDOUT|AbortError/i;

function blame({ span }: Segment, tree: Tree): Blame | undefined {
  if (typeOf(span) === 'server_timing') return { cause: 'service.server_timing' };
  if (typeOf(span) === 'backoff') return { cause: 'service.retry_backoff' };
  if (span.layer !== 'service' || (typeOf(span) !== undefined && typeOf(span) !== 'call')) return undefined;
  if (isPoolWait(span.name)) return { cause: 'service.pool_wait' };
  if (span.kind !== 'client') return { cause: givenUpBy(span, tree) ? 'service.timeout' : 'service.work' };
  const answered = tree.childrenOf(span).some((child) => child.kind === 'server');
  if (answered) return { cause: 'network.unexplained', layer: 'network' };
  const to = span.attributes['server.address'] ?? span.attributes['peer.service'];
  const component = to === undefined ? span.component : String(to);
  return { cause: timedOut(span) ? 'service.timeout' : 'service.downstream', component };
}

/** Did this client stop waiting? Its own error says so, or it failed after a round number of seconds. */
function timedOut(client: Span): boolean {
  if (client.status.code !== 'error') return false;
  const said = `${textAt(client.attributes, 'error.type') ?? ''} ${client.status.message ?? ''}`;
  return TIMEOUT_ERROR.test(said) || timeoutLike(client.endNs - client.startNs) !== undefined;
}

/** The client that gave this server up while it was still at work. */
function givenUpBy(server: Span, tree: Tree): Span | undefined {
  const client = server.kind === 'server' ? tree.parentOf(server) : undefined;
  return client?.kind === 'client' && timedOut(client) ? client : undefined;
}

const nsOf = (span: Span): number => span.endNs - span.startNs;
const longest = (spans: readonly Span[]): string => formatDuration(Math.max(...spans.map(nsOf)));

function timeoutProof(spans: readonly Span[], tree: Tree): string {
  const waits = spans.map((span) => givenUpBy(span, tree) ?? span).sort((a, b) => nsOf(b) - nsOf(a));
  const limit = waits[0] && timeoutLike(nsOf(waits[0]));
  const looks = limit ? `: looks like a ${limit} timeout` : '';
  return `${waits.length} call${waits.length === 1 ? ' was' : 's were'} given up, the longest after ${longest(waits)}${looks}.`;
}

function backoffProof(spans: readonly Span[], tree: Tree): string {
  const call = spans[0] && tree.parentOf(spans[0]);
  const pauses = [...spans].sort((a, b) => a.startNs - b.startNs).map((span) => formatDuration(nsOf(span)));
  const tries = call && numberAt(call.attributes, HEADWATER.tries);
  return `${tries ? `${call.name}: paused` : 'Paused'} ${pauses.slice(0, 5).join(', ')} between them.`;
}

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
    'service.retry_backoff': {
      what: (component) => `${component} paused between tries of a call that failed`,
      proof: backoffProof,
      next: () =>
        'Open the tries: the first one’s error says what has to be mended; the pauses only follow from it.',
    },
    'service.timeout': {
      what: (component) => `${component} did not answer until its caller gave up`,
      proof: timeoutProof,
      next: (component) =>
        `Find out what ${component} was doing: its own spans below the call, its CPU, its queue.`,
    },
  },
};
