import type { Fault } from './fault.ts';

export const dbTableLock: Fault = {
  name: 'db-table-lock',
  title: 'Somebody has locked a whole table',
  how: 'A second session holds an exclusive lock on the orders, as changing the table would, and ends only later.',
  cost: 'The page that confirms the order waits for it, once.',
  expected: { layer: 'db', cause: 'db.lock_wait' },
  defaultMs: 150,
  apply({ database, mischief }, ms) {
    database.alterations.push(async (db) => {
      if (db.system === 'mariadb') await db.query("GRANT LOCK TABLES ON *.* TO 'shop'@'127.0.0.1'");
    });
    mischief.payment.push({
      fault: 'db-table-lock',
      route: 'GET /order/:id',
      deed: 'holdLock',
      ms,
      options: { lock: 'table' },
    });
  },
};
