import type { Fault } from './fault.ts';

/** Enough for the shop itself and for what another fault opens. */
const MOST = '24';

export const dbConnectionsExhausted: Fault = {
  name: 'db-connections-exhausted',
  title: 'The database has no connection left',
  how: 'Idle sessions of another program take all of max_connections; then the payment service opens one more.',
  cost: 'Placing an order fails.',
  expected: { layer: 'db', cause: 'db.connections_exhausted' },
  outcome: 'failed',
  defaultMs: 150,
  apply({ database, mischief }, ms) {
    database.settings.max_connections = MOST;
    mischief.payment.push({
      fault: 'db-connections-exhausted',
      route: 'POST /charge',
      deed: 'useUpConnections',
      ms,
    });
  },
};
