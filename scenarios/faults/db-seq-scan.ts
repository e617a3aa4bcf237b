/**
 * An index is missing: when an order is placed, the customer's earlier orders are found by reading all of them.
 *
 * How long a real scan takes depends on the machine, so the table is grown or shrunk until it takes what was asked.
 */
import { EARLIER_ORDERS } from '../shop/services/queries.ts';
import type { Database } from '../shop/settings.ts';
import type { Fault } from './fault.ts';

export const dbSeqScan: Fault = {
  name: 'db-seq-scan',
  title: 'The orders lookup lost its index',
  how: 'DROP INDEX orders_customer_email_idx, and as many rows in orders as make the scan last that long.',
  expected: { layer: 'db', cause: 'db.seq_scan' },
  defaultMs: 150,
  apply({ database }, ms) {
    database.alterations.push(async (db) => {
      await db.query('DROP INDEX orders_customer_email_idx');
      await fitScan(db, ms);
    });
  },
};

/** Once in proportion, then once or twice more after a look at the result. */
const FITS = 3;
/** Machines are not steadier than this. */
const CLOSE_ENOUGH = 0.05;
const TRIES = 5;

async function fitScan(db: Database, wantedMs: number): Promise<void> {
  for (let fit = 0; fit < FITS; fit++) {
    const takenMs = await scanMs(db);
    if (Math.abs(takenMs / wantedMs - 1) < CLOSE_ENOUGH) return;
    const [{ rows = 0 } = {}] = await db.query<{ rows: number }>('SELECT count(*)::int AS rows FROM orders');
    await resize(db, rows, Math.round((rows * wantedMs) / takenMs));
  }
}

/** The middle one of a few tries, after one that fills the caches. */
async function scanMs(db: Database): Promise<number> {
  const takenMs: number[] = [];
  for (let i = 0; i <= TRIES; i++) {
    const start = performance.now();
    await db.query(EARLIER_ORDERS, ['nobody@example.com']);
    if (i > 0) takenMs.push(performance.now() - start);
  }
  return takenMs.sort((a, b) => a - b)[Math.floor(TRIES / 2)] ?? 1;
}

async function resize(db: Database, rows: number, wanted: number): Promise<void> {
  if (wanted > rows) {
    await db.query(
      `INSERT INTO orders (customer_id, customer_email, ship_to, total_cents, status, placed_at)
       SELECT customer_id, customer_email, ship_to, total_cents, status, placed_at
       FROM orders, generate_series(1, $1) LIMIT $2`,
      [Math.ceil(wanted / rows), wanted - rows],
    );
    await db.query('VACUUM ANALYZE orders');
  } else {
    await db.query('DELETE FROM orders WHERE id > (SELECT id FROM orders ORDER BY id OFFSET $1 LIMIT 1)', [
      wanted,
    ]);
    await db.query('VACUUM FULL ANALYZE orders');
  }
}
