import type { Fault } from './fault.ts';

const FAULT = 'tls-retry';
/** The HelloRetryRequest and the ServerHello after it. */
const ANSWERS = 2;

export const tlsRetry: Fault = {
  name: FAULT,
  title: 'The TLS front wants a key that browsers do not send at first',
  how: 'The load balancer takes P-384 only, so it asks for another hello (HelloRetryRequest); a relay before it makes the way of the first handshake long, so that the additional round trip can be felt.',
  cost: 'The first request waits one more round trip, once; the round trip that every handshake needs is as long, and nobody’s fault.',
  expected: { layer: 'tls', cause: 'tls.extra_round_trip' },
  defaultMs: 150,
  apply({ tls, relays }, ms) {
    tls.groups = 'P-384';
    const rules = { firstAnswerMs: ms, answers: ANSWERS, connections: 1, isNeedless: true };
    relays.push({ fault: FAULT, hop: 'browser → proxy', rules });
  },
};
