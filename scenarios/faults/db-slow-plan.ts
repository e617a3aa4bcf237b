import { statementOf } from '../shop/services/mischief/more-statements.ts';
import type { Database } from '../shop/settings.ts';
import type { Fault } from './fault.ts';
import { fill, fitTo, newTable } from './fit.ts';

export const dbSlowPlan: Fault = {
  name: 'db-slow-plan',
  title: 'A join compares every row with every other',
  how: 'One statement joins a table to itself by a condition that no index and no hash can serve.',
  cost: 'Placing an order waits for it, once.',
  expected: { layer: 'db', cause: 'db.slow_plan' },
  defaultMs: 150,
  apply({ database, mischief }, ms) {
    database.alterations.push((db) => prepare(db, ms));
    mischief.payment.push({
      fault: 'db-slow-plan',
      route: 'POST /charge',
      deed: 'askMore',
      ms,
      options: { statement: 'slow-plan' },
    });
  },
};

async function prepare(db: Database, ms: number): Promise<void> {
  await newTable(db, 'delivery', 'id integer, lane integer, sent integer, arrived integer');
  if (db.system === 'mariadb') await db.query('CREATE INDEX delivery_lane_idx ON delivery (lane)');
  await fitTo({
    wantedMs: ms,
    amount: 700,
    power: 2,
    most: 50_000,
    set: (rows) => fill(db, 'delivery', rows, 'n, 1, n, n + mod(n * 7919, 97)'),
    run: () => db.query(statementOf('slow-plan', db.system)),
  });
}
