import type { Fault } from './fault.ts';

/** Calls from web to payment that a customer waits for: the charge, and the order on the last page. */
const CALLS = 2;
const WAYS = 2;

export const networkSlowHop: Fault = {
  name: 'network-slow-hop',
  title: 'The way from one service to another is long',
  how: 'A relay between web and payment passes everything on late, in both directions.',
  cost: 'Two calls pay for it, there and back: one when the order is placed, one for the last page.',
  expected: { layer: 'network', cause: 'network.slow_hop', component: 'payment' },
  defaultMs: 150,
  apply({ relays }, ms) {
    const oneWayMs = ms / (CALLS * WAYS);
    relays.push({
      ...{ fault: 'network-slow-hop', hop: 'web → payment' },
      rules: { oneWayMs, isWaitedFor: true },
    });
  },
};
