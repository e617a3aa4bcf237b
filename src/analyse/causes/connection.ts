/** TCP and TLS: what setting up a connection cost. */
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import type { Blame, Family } from './rule.ts';

/** Linux and the others send the first SYN again after 1 s (RFC 6298 §2): only a lost SYN makes a connect this long. */
export const SYN_RETRANSMIT_NS = 990e6;
/** A TLS 1.3 handshake is one round trip and under 5 ms of CPU; above this something beside distance is slow. */
export const SLOW_HANDSHAKE_NS = 150e6;

function blame({ span }: Segment): Blame | undefined {
  const ns = span.endNs - span.startNs;
  if (span.layer === 'tcp') return { cause: ns >= SYN_RETRANSMIT_NS ? 'tcp.syn_retransmit' : 'tcp.connect' };
  if (span.layer === 'tls')
    return { cause: ns >= SLOW_HANDSHAKE_NS ? 'tls.slow_handshake' : 'tls.handshake' };
  return undefined;
}

const longest = (spans: readonly Span[]): string =>
  formatDuration(Math.max(...spans.map((span) => span.endNs - span.startNs)));

export const connection: Family = {
  blame,
  problems: {
    'tcp.syn_retransmit': {
      what: (component) =>
        `the connection to ${component} was answered only after its first packet was sent again`,
      proof: (spans) =>
        `Connecting took ${longest(spans)}; a first packet that is lost is repeated after 1 s.`,
      next: (component) =>
        `Look for packet loss or a full accept queue in front of ${component} (ss -ltn, ListenOverflows).`,
    },
    'tls.slow_handshake': {
      what: (component) => `${component} took long over the TLS handshake`,
      proof: (spans) => `The handshake took ${longest(spans)}.`,
      next: (component) => `Check the CPU of ${component}, its certificate chain and session resumption.`,
    },
  },
};
