import type { Fault } from './fault.ts';

const FAULT = 'tls-fat-chain';
/** Browsers read no list of certificates above 100 kB. */
const CHAIN_BYTES = 60_000;
/** With its certificates, the server’s first answer is about this long. */
const ANSWER_BYTES = 64_800;

export const tlsFatChain: Fault = {
  name: FAULT,
  title: 'The TLS front sends certificates that nobody needs',
  how: 'The certificate comes with 60 kB of others, and a relay before the load balancer lets the first answer of the first connection through as slowly as a poor line.',
  cost: 'The first request waits until all of them have come, once.',
  expected: { layer: 'tls', cause: 'tls.slow_handshake' },
  defaultMs: 150,
  apply({ tls, relays }, ms) {
    tls.chainBytes = CHAIN_BYTES;
    const firstAnswerBytesPerSecond = (ANSWER_BYTES / ms) * 1_000;
    const rules = { firstAnswerBytesPerSecond, connections: 1 };
    relays.push({ fault: FAULT, hop: 'browser → proxy', rules });
  },
};
