/** Why it took so long: the span's own numbers, as sentences, where they explain its length. */
import { HEADWATER } from '../../src/model/attributes.ts';
import type { Span } from '../../src/model/trace.ts';
import { typeOf } from '../trace/span-index.ts';
import { countOf, grouped, numberOf, textOf } from './attribute.ts';

/** The span's own numbers, where they explain its length. */
export function proofOf(span: Span): string[] {
  const removed = countOf(span, 'removed');
  const [hit, read] = [countOf(span, 'hit'), countOf(span, 'read')];
  const proof = typeProof(span);
  if (removed)
    proof.push(
      ` ${grouped(removed)} rows were read and thrown away for ${grouped(countOf(span, 'rows') ?? 0)} kept.`,
    );
  if (hit !== undefined || read !== undefined) {
    proof.push(
      ` Pages: ${grouped(hit ?? 0)} from cache, ${read ? `${grouped(read)} from disk` : 'none from disk'}.`,
    );
  }
  if (span.attributes['error.type'] === 'timeout') proof.push(' Nobody answered in time.');
  const initiator = textOf(span, HEADWATER.initiator);
  if (initiator && /^[a-z]+$/.test(initiator)) proof.push(` Sent because of the ${initiator}.`);
  return proof;
}

function typeProof(span: Span): string[] {
  switch (typeOf(span)) {
    case 'connect_attempt':
      return attemptProof(span);
    case 'tls_flight':
    case 'phase':
      return tlsProof(span);
    case 'interaction':
      return interactionProof(span);
    case 'host_connection':
      return hostProof(span);
    case 'proxy_try':
      return span.status.code === 'error' ? [' It came to nothing; what followed is the next try.'] : [];
    default:
      return [];
  }
}

function attemptProof(span: Span): string[] {
  const suspected = numberOf(span, 'headwater.tcp.suspected_syn_retransmits');
  return suspected === undefined
    ? []
    : [
        ` Its length suggests that the first packet was lost and sent again ${suspected === 1 ? 'once' : `${suspected} times`}: a suspicion, the browser cannot see it.`,
      ];
}

/** [attribute, sentence made from its number]; in the order of telling. */
const TLS_FACTS: readonly (readonly [string, (n: number) => string])[] = [
  ['headwater.tls.chain_bytes', (n) => ` The certificates were ${grouped(n)} bytes.`],
  ['headwater.tls.verification_ms', (n) => ` Checking them took ${n} ms.`],
  ['headwater.tls.expires_in_days', (n) => ` The certificate runs out in ${grouped(n)} days.`],
];

function tlsProof(span: Span): string[] {
  const retried = span.attributes['headwater.tls.hello_retry_request'] === true;
  const facts = TLS_FACTS.flatMap(([name, sentence]) => {
    const n = numberOf(span, name);
    return n === undefined ? [] : [sentence(n)];
  });
  return retried
    ? [' The server asked for another key first, which cost a second round trip.', ...facts]
    : facts;
}

const PARTS = ['input_delay', 'processing', 'presentation'] as const;

function interactionProof(span: Span): string[] {
  const parts = PARTS.flatMap((part) => {
    const ms = numberOf(span, `headwater.interaction.${part}_ms`);
    return ms === undefined ? [] : [`${part.replace('_', ' ')} ${ms} ms`];
  });
  return parts.length === 0 ? [] : [` Of it: ${parts.join(', ')}.`];
}

function hostProof(span: Span): string[] {
  const rtt = numberOf(span, 'headwater.tcp.rtt_ms');
  const again = numberOf(span, 'headwater.tcp.retransmits');
  return [
    rtt === undefined ? '' : ` A round trip took about ${rtt} ms.`,
    again === undefined
      ? ''
      : again === 0
        ? ' No packet was sent again.'
        : ` ${grouped(again)} packets were sent again.`,
  ].filter(Boolean);
}
