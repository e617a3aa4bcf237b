/** DNS: which name server, and was it slow, silent or wrong. */
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { textAt, typeOf } from '../tree.ts';
import type { Blame, Family } from './rule.ts';

/** A resolver or authoritative server on the same continent answers in 1–30 ms; one upstream query above this is slow. */
export const SLOW_UPSTREAM_NS = 40e6;

const question = (span: Span): string =>
  `${textAt(span.attributes, 'dns.question.name') ?? 'a name'} ${textAt(span.attributes, 'headwater.dns.question_type') ?? ''}`.trim();

const timedOut = (span: Span): boolean => textAt(span.attributes, 'error.type') === 'timeout';

function blame({ span }: Segment): Blame | undefined {
  if (span.layer !== 'dns') return undefined;
  if (typeOf(span) !== 'dns_query') return { cause: 'dns.lookup' };
  if (timedOut(span)) return { cause: 'dns.timeout_retry' };
  // What the resolver may have noticed late is not the name server's.
  if (span.endNs - span.startNs - span.precisionNs >= SLOW_UPSTREAM_NS) return { cause: 'dns.slow_upstream' };
  return { cause: 'dns.lookup' };
}

const describe = (spans: readonly Span[]): string =>
  spans
    .slice(0, 3)
    .map((span) => `${question(span)} took ${formatDuration(span.endNs - span.startNs)}`)
    .join('; ');

export const dns: Family = {
  blame,
  problems: {
    'dns.slow_upstream': {
      what: (component) => `name server ${component} answered slowly`,
      proof: (spans) =>
        `${describe(spans)}, measured at the resolver; the browser could not connect before it.`,
      next: (component) =>
        `Ask ${component} directly (dig) and compare it with the zone's other name servers.`,
    },
    'dns.timeout_retry': {
      what: (component) => `name server ${component} did not answer, and the question was asked again`,
      proof: (spans) => `${describe(spans)} without an answer.`,
      next: (component) => `Is ${component} reachable? Take it out of the delegation until it is.`,
    },
  },
};
