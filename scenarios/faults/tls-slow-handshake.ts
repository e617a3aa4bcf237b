import type { Fault } from './fault.ts';

const FAULT = 'tls-slow-handshake';

export const tlsSlowHandshake: Fault = {
  name: FAULT,
  title: 'The TLS front takes long to answer a hello',
  how: "A relay before the load balancer holds the server's first answer (ServerHello and all that follows) on the first connection.",
  cost: 'The first request waits for it, once.',
  expected: { layer: 'tls', cause: 'tls.slow_handshake' },
  defaultMs: 150,
  apply({ relays }, ms) {
    const rules = { firstAnswerMs: ms, connections: 1 };
    relays.push({ fault: FAULT, hop: 'browser → proxy', rules });
  },
};
