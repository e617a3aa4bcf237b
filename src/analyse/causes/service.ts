/** Services: their own work, waits for a pooled connection, calls that fail, that come in loops, that nobody answers. */
import { HEADWATER, isPoolWait } from '../../model/attributes.ts';
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { heldBy } from '../holders.ts';
import type { Segment } from '../segment.ts';
import { timedOut, timeoutLike } from '../timeout.ts';
import { isResidual, numberAt, type Tree, typeOf } from '../tree.ts';
import { counted, lengthOf, longest } from './amounts.ts';
import type { Blame, Family } from './rule.ts';
import { errorTextOf, failedCallAround, firstToFail, nameOf } from './service-failure.ts';
import { callsNs, type Loop, loopAround, loopOf } from './service-loops.ts';
import { blameOfPause, isLongPause, isSeenComputing, pauseProof } from './service-pause.ts';

/** Taking a connection that is free is under 1 ms; below this an event loop may have had its turn in between. */
export const POOL_WAIT_NS = 10e6;

function blame(segment: Segment, tree: Tree): Blame | undefined {
  const { span } = segment;
  if (typeOf(span) === 'server_timing') return { cause: 'service.server_timing' };
  if (typeOf(span) === 'backoff') return { cause: 'service.retry_backoff' };
  if (span.layer !== 'service' || (typeOf(span) !== undefined && typeOf(span) !== 'call')) return undefined;
  if (isPoolWait(span.name))
    return { cause: lengthOf(span) >= POOL_WAIT_NS ? 'service.pool_wait' : 'service.pool_take' };
  return span.kind === 'client' ? callBlame(span, tree) : workBlame(segment, tree);
}

function callBlame(span: Span, tree: Tree): Blame {
  const answered = tree.childrenOf(span).some((child) => child.kind === 'server');
  if (answered) return { cause: 'network.unexplained', layer: 'network' };
  const to = span.attributes['server.address'] ?? span.attributes['peer.service'];
  const component = to === undefined ? span.component : String(to);
  return { cause: timedOut(span) ? 'service.timeout' : 'service.downstream', component };
}

function workBlame(segment: Segment, tree: Tree): Blame {
  if (givenUpBy(segment.span, tree)) return { cause: 'service.timeout' };
  if (!isLongPause(segment)) return { cause: 'service.work' };
  // Whatever kept it: its work was thrown away, because it failed.
  return failure(segment, tree) ?? blameOfPause(segment, tree);
}

/** Time that was lost to a call that failed, and to the one who failed first. */
function failure({ span }: Segment, tree: Tree): Blame | undefined {
  const call = failedCallAround(span, tree);
  if (!call) return undefined;
  return { cause: 'service.downstream_error', layer: 'service', component: nameOf(firstToFail(call, tree)) };
}

/** Work that is nobody's fault by itself, and would not have been done at all, or not in this way. */
function around(segment: Segment, tree: Tree): Blame | undefined {
  const failed = failure(segment, tree) ?? wayGivenUp(segment, tree);
  if (failed) return failed;
  const loop = loopAround(segment, tree);
  return loop && { cause: 'service.sequential_calls', layer: 'service', component: loop.caller.component };
}

/** The client that gave this server up while it was still at work. */
function givenUpBy(server: Span, tree: Tree): Span | undefined {
  const client = server.kind === 'server' ? tree.parentOf(server) : undefined;
  return client && hasGivenUp(client) ? client : undefined;
}

const hasGivenUp = (client: Span): boolean => client.kind === 'client' && timedOut(client);

/** The way to a server whose call was given up: all of that call was lost, wherever it was when its time was over. */
function wayGivenUp({ span }: Segment, tree: Tree): Blame | undefined {
  const client = isResidual(span) ? tree.parentOf(span) : undefined;
  if (!client || !hasGivenUp(client)) return undefined;
  const server = tree.childrenOf(client).find(({ kind }) => kind === 'server');
  return server && { cause: 'service.timeout', layer: 'service', component: server.component };
}

function timeoutProof(spans: readonly Span[], tree: Tree): string {
  const waits = spans.map((span) => givenUpBy(span, tree) ?? span).sort((a, b) => lengthOf(b) - lengthOf(a));
  const limit = waits[0] && timeoutLike(lengthOf(waits[0]));
  const looks = limit ? `: looks like a ${limit} timeout` : '';
  return `${waits.length} call${waits.length === 1 ? ' was' : 's were'} given up, the longest after ${longest(waits)}${looks}.`;
}

function backoffProof(spans: readonly Span[], tree: Tree): string {
  const call = spans[0] && tree.parentOf(spans[0]);
  const pauses = [...spans]
    .sort((a, b) => a.startNs - b.startNs)
    .map((span) => formatDuration(lengthOf(span)));
  const tries = call && numberAt(call.attributes, HEADWATER.tries);
  return `${tries ? `${call.name}: paused` : 'Paused'} ${pauses.slice(0, 5).join(', ')} between them.`;
}

function poolProof(spans: readonly Span[], tree: Tree): string {
  const held = heldBy(spans, tree) || 'who held the connections is not part of this trace';
  return `${counted(spans.length, 'wait')}, the longest ${longest(spans)}; ${held}.`;
}

function firstLoop(spans: readonly Span[], tree: Tree): Loop | undefined {
  for (const span of spans) {
    const loop = loopOf(span, tree);
    if (loop) return loop;
  }
  return undefined;
}

/** The server's name, or how the caller addresses it. */
function askedIn({ calls }: Loop, tree: Tree): string {
  const server = calls.flatMap((call) => tree.childrenOf(call)).find((child) => child.kind === 'server');
  return server?.component ?? (calls[0] ? nameOf(calls[0]) : 'another service');
}

function loopProof(spans: readonly Span[], tree: Tree): string {
  const loop = firstLoop(spans, tree);
  if (!loop) return 'The calls did not overlap.';
  const middle = loop.calls.map(lengthOf).sort((a, b) => a - b)[loop.calls.length >> 1]!;
  return `In "${loop.caller.name}", ${loop.target} was called ${loop.calls.length} times, each when the one before had been answered: ${formatDuration(middle)} a call, ${formatDuration(callsNs(loop))} together.`;
}

function failureProof(spans: readonly Span[], tree: Tree): string {
  const calls = [...new Set(spans.flatMap((span) => failedCallAround(span, tree) ?? []))];
  const first = calls[0] && firstToFail(calls[0], tree);
  if (!first) return 'Its callers saw an error.';
  const retried = tree.parentOf(calls[0]!);
  const after = retried && typeOf(retried) === 'call' ? '; the call was tried again' : '';
  return `"${first.name}" failed with ${errorTextOf(first)} after ${formatDuration(lengthOf(first))}${after}.`;
}

export const service: Family = {
  blame,
  around,
  problems: {
    'service.cpu_block': {
      what: (component, spans, tree) =>
        isSeenComputing(spans, tree)
          ? `${component} computed without a break`
          : `${component} was busy by itself, without asking anybody`,
      proof: pauseProof,
      next: (component) =>
        `Take a CPU profile of ${component} under this request; while it computes, it may serve nobody else.`,
    },
    'service.cpu_starved': {
      what: (component) => `${component} was ready to work and got no CPU`,
      proof: pauseProof,
      next: (component) =>
        `See what else runs on its host, and the CPU limit of ${component} (cgroup cpu.max, throttling).`,
    },
    'service.silent_wait': {
      what: (component) => `${component} waited for something that is not instrumented`,
      proof: pauseProof,
      next: (component) =>
        `Which library does ${component} call there: a cache, a queue, a file, a sleep? Instrument it, or add a span.`,
    },
    'service.sequential_calls': {
      what: (component, spans, tree) => {
        const loop = firstLoop(spans, tree);
        return loop
          ? `${component} asked ${askedIn(loop, tree)} ${loop.calls.length} times, one call after the other`
          : `${component} made its calls one after the other`;
      },
      proof: loopProof,
      next: () => 'Ask once for all of them (a list of ids), or ask at the same time.',
    },
    'service.downstream_error': {
      what: (component) => `${component} failed, and its callers paid for it`,
      proof: failureProof,
      next: (component) => `What does the log of ${component} say of this time and this trace?`,
    },
    'service.pool_wait': {
      what: (component) => `${component} waited for a free database connection`,
      proof: poolProof,
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
