import type { Fault } from './fault.ts';

export const dbDeadlock: Fault = {
  name: 'db-deadlock',
  title: 'Two transactions wait for each other',
  how: 'The service and a second session update the same two products in opposite order; deadlock_timeout is set to MS.',
  cost: 'Placing an order waits until the database ends the service’s transaction, once, and is tried again.',
  expected: { layer: 'db', cause: 'db.deadlock' },
  defaultMs: 150,
  apply({ database, mischief }, ms) {
    database.alterations.push(async (db) => {
      if (db.system === 'postgresql') await db.query(`ALTER ROLE shop SET deadlock_timeout = '${ms}ms'`);
    });
    mischief.inventory.push({
      fault: 'db-deadlock',
      route: 'POST /reserve',
      deed: 'runIntoDeadlock',
      ms,
    });
  },
};
