import type { Fault } from './fault.ts';

/** Statements of payment that a customer waits for: those of the order's transaction, and a look before and after it. */
const ROUND_TRIPS = 8;
const WAYS = 2;

export const networkSlowDatabase: Fault = {
  name: 'network-slow-database',
  title: 'The way from a service to its database is long',
  how: 'A relay between payment and the database passes everything on late, in both directions.',
  cost: `Seven or eight statements on the way to an order pay for it, there and back.`,
  expected: { layer: 'network', cause: 'network.slow_hop', component: 'payment' },
  defaultMs: 150,
  apply({ relays }, ms) {
    const oneWayMs = ms / (ROUND_TRIPS * WAYS);
    relays.push({
      ...{ fault: 'network-slow-database', hop: 'payment → database' },
      rules: { oneWayMs, isWaitedFor: true },
    });
  },
};
