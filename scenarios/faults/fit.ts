/** Finds the amount of work that takes as long as was asked: machines differ, and so does how busy they are. */
import type { Database } from '../shop/settings.ts';

/** Once in proportion, then once or twice more after a look at the result. */
const FITS = 3;
/** Machines are not steadier than this. */
const CLOSE_ENOUGH = 0.05;
const TRIES = 4;
/** A first guess that is this far off is a mistake in measuring. */
const LARGEST_STEP = 50;

export interface Work {
  readonly wantedMs: number;
  /** To begin with: rows, or whatever is counted. */
  readonly amount: number;
  /** The time grows with this power of the amount. */
  readonly power: number;
  readonly most: number;
  readonly set: (amount: number) => Promise<void>;
  readonly run: () => Promise<unknown>;
}

export async function fitTo({ wantedMs, amount: first, power, most, set, run }: Work): Promise<void> {
  let amount = first;
  await set(amount);
  for (let i = 0; i < FITS; i++) {
    const ratio = wantedMs / (await shortestMs(run));
    if (Math.abs(ratio - 1) < CLOSE_ENOUGH) return;
    const step = Math.min(Math.max(ratio ** (1 / power), 1 / LARGEST_STEP), LARGEST_STEP);
    amount = Math.max(1, Math.min(most, Math.round(amount * step)));
    await set(amount);
  }
}

/** The shortest of a few tries, after one that fills the caches: while the shop starts, others need the machine too. */
export async function shortestMs(run: () => Promise<unknown>): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= TRIES; i++) {
    const startMs = performance.now();
    await run();
    if (i > 0) shortest = Math.min(shortest, performance.now() - startMs);
  }
  return shortest;
}

/** A table of the fault's own that the services may read. */
export async function newTable(db: Database, name: string, columns: string): Promise<void> {
  await db.query(`CREATE TABLE ${name} (${columns})`);
  if (db.system === 'postgresql') await db.query(`GRANT SELECT, INSERT ON ${name} TO shop`);
}

export const series = ({ system }: Database, count: number): string =>
  system === 'postgresql'
    ? `generate_series(1, ${count}) AS made (n)`
    : `(SELECT seq AS n FROM seq_1_to_${count}) AS made`;

/** Empties and fills it; the planner knows afterwards how large it is. */
export async function fill(db: Database, table: string, rows: number, columns: string): Promise<void> {
  await db.query(`TRUNCATE TABLE ${table}`);
  await db.query(`INSERT INTO ${table} SELECT ${columns} FROM ${series(db, rows)}`);
  await db.query(db.system === 'postgresql' ? `VACUUM ANALYZE ${table}` : `ANALYZE TABLE ${table}`);
}
