/** Waits that were ended by a clock, not by an answer: what clients say of them, and round numbers of seconds. */
import type { Nanos } from '../model/time.ts';
import type { Span } from '../model/trace.ts';
import { textAt } from './tree.ts';

/** Seconds that people write into configurations. */
const USUAL_SECONDS = [
  0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 45, 50, 60, 75, 90, 100, 120, 180, 300,
  600,
];
/** Timers fire late, hardly ever early: a Node.js timer up to 1 ms, clocks in whole milliseconds another one. */
const EARLY_NS = 2e6;
/** Until a busy process notices that its timer has fired, and has told so. */
const LATE_NS = 30e6;
const LATE_SHARE = 0.01;

/** The limit that a wait of this length seems to have run into, as `5 s`. */
export function timeoutLike(ns: Nanos): string | undefined {
  for (const seconds of USUAL_SECONDS) {
    const limitNs = seconds * 1e9;
    const overNs = ns - limitNs;
    if (overNs >= -EARLY_NS && overNs <= Math.max(LATE_NS, limitNs * LATE_SHARE)) return `${seconds} s`;
  }
  return undefined;
}

/** What clients call it when they stopped waiting. */
const TIMEOUT_ERROR = /time.?out|timed.?out|deadline|ETIMEDOUT|AbortError/i;
/** DEADLINE_EXCEEDED. */
const GRPC_DEADLINE = '4';

/** Did this client stop waiting? Its own error says so, or it failed after a round number of seconds without an answer. */
export function timedOut(client: Span): boolean {
  if (client.status.code !== 'error') return false;
  const { attributes } = client;
  if (textAt(attributes, 'rpc.grpc.status_code') === GRPC_DEADLINE) return true;
  if (TIMEOUT_ERROR.test(wordsOf(client))) return true;
  const isAnswered =
    textAt(attributes, 'http.response.status_code') ?? textAt(attributes, 'http.status_code');
  return isAnswered === undefined && timeoutLike(client.endNs - client.startNs) !== undefined;
}

/** Java and .NET tell of an exception in an event, not in the status. */
const wordsOf = ({ attributes, status, events }: Span): string =>
  [
    textAt(attributes, 'error.type'),
    status.message,
    ...events.flatMap((event) => [
      textAt(event.attributes, 'exception.type'),
      textAt(event.attributes, 'exception.message'),
    ]),
  ].join('\n');
