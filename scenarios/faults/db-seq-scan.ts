/**
 * An index is missing: when an order is placed, the customer's earlier orders are found by reading all of them.
 *
 * How long a real scan takes depends on the machine, so the table is grown or shrunk until it takes what was asked.
 */
import { EARLIER_ORDERS as MARIADB_EARLIER_ORDERS } from '../shop/services/mariadb-queries.ts';
import { EARLIER_ORDERS } from '../shop/services/queries.ts';
import type { Database } from '../shop/settings.ts';
import type { Fault } from './fault.ts';
import { shortestMs } from './fit.ts';

export const dbSeqScan: Fault = {
  name: 'db-seq-scan',
  title: 'The orders lookup lost its index',
  how: 'DROP INDEX orders_customer_email_idx, and as many rows in orders as make the scan last that long.',
  cost: 'Placing an order waits for it, once.',
  expected: { layer: 'db', cause: 'db.seq_scan' },
  defaultMs: 150,
  apply({ database, mischief }, ms) {
    database.alterations.push(async (db) => {
      await db.query(DIALECT[db.system].dropIndex);
      await fitScan(db, ms);
    });
    mischief.payment.push({ fault: 'db-seq-scan', route: 'POST /charge', deed: 'timeLookup', ms });
  },
};

/** Once in proportion, then once or twice more after a look at the result. */
const FITS = 3;
/** Machines are not steadier than this. */
const CLOSE_ENOUGH = 0.05;

async function fitScan(db: Database, wantedMs: number): Promise<void> {
  for (let fit = 0; fit < FITS; fit++) {
    const takenMs = await scanMs(db);
    if (Math.abs(takenMs / wantedMs - 1) < CLOSE_ENOUGH) return;
    const [{ total = '0' } = {}] = await db.query<{ total: string }>(
      'SELECT CAST(count(*) AS char(12)) AS total FROM orders',
    );
    const rows = Number(total);
    await resize(db, rows, Math.round((rows * wantedMs) / takenMs));
  }
}

const scanMs = (db: Database): Promise<number> =>
  shortestMs(() => db.query(DIALECT[db.system].earlierOrders, ['nobody@example.com']));

/** How each database is asked for what they name differently. */
const DIALECT = {
  postgresql: {
    dropIndex: 'DROP INDEX orders_customer_email_idx',
    earlierOrders: EARLIER_ORDERS,
    series: (count: number) => `generate_series(1, ${count})`,
    afterGrowing: 'VACUUM ANALYZE orders',
    afterShrinking: 'VACUUM FULL ANALYZE orders',
  },
  mariadb: {
    dropIndex: 'DROP INDEX orders_plain_email_idx ON orders',
    earlierOrders: MARIADB_EARLIER_ORDERS,
    series: (count: number) => `seq_1_to_${count}`,
    afterGrowing: 'ANALYZE TABLE orders',
    afterShrinking: 'OPTIMIZE TABLE orders',
  },
} as const;

/** Rows are added as orders that nobody sent back: with more of those than before the shop would refuse the customer. */
async function resize(db: Database, rows: number, wanted: number): Promise<void> {
  const { series, afterGrowing, afterShrinking } = DIALECT[db.system];
  if (wanted > rows) {
    await db.query(
      `INSERT INTO orders (customer_id, customer_email, ship_to, total_cents, status, placed_at)
       SELECT customer_id, customer_email, ship_to, total_cents, 'placed', placed_at
       FROM orders, ${series(Math.ceil(wanted / rows))} LIMIT ${wanted - rows}`,
    );
    await db.query(afterGrowing);
  } else {
    await db.query(
      `DELETE FROM orders WHERE id > (SELECT id FROM (SELECT id FROM orders ORDER BY id LIMIT 1 OFFSET ${wanted}) AS last)`,
    );
    await db.query(afterShrinking);
  }
}
