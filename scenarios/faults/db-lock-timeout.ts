import type { Fault } from './fault.ts';

/** The holder stays until nobody waits any more. */
const HELD_MS = 5_000;

export const dbLockTimeout: Fault = {
  name: 'db-lock-timeout',
  title: 'A lock is held for so long that an order gives up',
  how: 'A second session has updated the same products; the services may wait for a lock only so long (lock_timeout).',
  cost: 'Placing an order fails.',
  expected: { layer: 'db', cause: 'db.lock_wait' },
  outcome: 'failed',
  defaultMs: 300,
  apply({ database, mischief }, ms) {
    database.alterations.push(async (db) => {
      await db.query(
        db.system === 'postgresql'
          ? `ALTER ROLE shop SET lock_timeout = '${ms}ms'`
          : `SET GLOBAL innodb_lock_wait_timeout = ${Math.ceil(ms / 1_000)}`,
      );
    });
    mischief.inventory.push({
      fault: 'db-lock-timeout',
      route: 'POST /reserve',
      deed: 'holdLock',
      ms: HELD_MS,
      options: { lock: 'row' },
    });
  },
};
