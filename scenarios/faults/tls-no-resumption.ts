import { SHOP_HOST } from '../shop/names.ts';
import type { Fault } from './fault.ts';

const FAULT = 'tls-no-resumption';
/** Leaf, a fat intermediate or two: nothing unusual. A resumed handshake sends none of it. */
const CHAIN_BYTES = 8_000;
/** With its certificates, the server’s first answer is about this long. */
const ANSWER_BYTES = 11_800;
/** Less than passes between the first page's answer and what its script asks for, or while the form is filled in. */
const KEEP_ALIVE_MS = 100;

export const tlsNoResumption: Fault = {
  name: FAULT,
  title: 'The TLS front closes connections and takes up no session',
  how: 'The load balancer soon closes idle connections and has neither tickets nor a session cache; a relay makes the line slow for the first answer on the first connection that has to be opened again, so that its certificates can be felt.',
  cost: 'The first request after a pause waits for a full handshake, once; what the later ones cost nobody feels.',
  expected: { layer: 'tls', cause: 'tls.no_resumption' },
  defaultMs: 150,
  apply({ tls, proxy, relays }, ms) {
    tls.resumes = false;
    tls.chainBytes = Math.max(tls.chainBytes ?? 0, CHAIN_BYTES);
    proxy.keepAliveMs = KEEP_ALIVE_MS;
    const firstAnswerBytesPerSecond = (ANSWER_BYTES / ms) * 1_000;
    const rules = {
      ...{ firstAnswerBytesPerSecond, connections: 1, reconnectsOnly: true, host: SHOP_HOST },
      isNeedless: true,
    };
    relays.push({ fault: FAULT, hop: 'browser → proxy', rules });
  },
};
