/** A service's connections to the database. */
import { instrumentedPg } from './telemetry.ts';

const POOL_SIZE = 4;

export type Query = <Row>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;

export interface ServiceDatabase {
  readonly query: Query;
  /** Runs the statements of `body` in one transaction, on one connection. */
  transaction<T>(body: (query: Query) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

/** Connects as the PG* variables say, all connections at once, so that no request waits for a new one. */
export async function connectDatabase(
  applicationName: string,
  addresses: Readonly<Record<string, string>>,
): Promise<ServiceDatabase> {
  const { Pool } = instrumentedPg();
  const pool = new Pool({
    host: addresses.PGHOST,
    port: Number(addresses.PGPORT),
    user: addresses.PGUSER,
    password: addresses.PGPASSWORD,
    database: addresses.PGDATABASE,
    max: POOL_SIZE,
    idleTimeoutMillis: 0,
    application_name: applicationName,
  });
  pool.on('error', () => {}); // an idle connection that breaks is replaced; the next query says so if it cannot be
  const opened = await Promise.all(Array.from({ length: POOL_SIZE }, () => pool.connect()));
  for (const client of opened) client.release();
  return {
    query: async (sql, values) => (await pool.query(sql, values && [...values])).rows,
    transaction: async (body) => {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        const result = await body(
          async (sql, values) => (await client.query(sql, values && [...values])).rows,
        );
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => {});
        throw error;
      } finally {
        client.release();
      }
    },
    end: () => pool.end(),
  };
}
