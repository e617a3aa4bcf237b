/** The shop's data on PostgreSQL. */
import type { Ask, DatabaseAccess } from './mischief/access.ts';
import { postgresAccess } from './mischief/postgres-access.ts';
import {
  ADD_CUSTOMER,
  ADD_ITEMS,
  ADD_ORDER,
  CATALOGUE,
  EARLIER_ORDERS,
  FIND_CUSTOMER,
  ORDER,
  PRODUCTS,
  RELATED,
  RESERVE,
  STOCK,
} from './queries.ts';
import type { NewOrder, OrderRow, ShopData } from './shop-store.ts';
import type { CartLine, Reservation } from './shop-types.ts';
import { soldOut } from './sold-out.ts';
import { instrumentedPg } from './telemetry.ts';

const { Pool } = instrumentedPg();

const POOL_SIZE = Number(process.env.SHOP_POOL_SIZE ?? 4);

interface Connections {
  readonly query: Ask;
  readonly access: DatabaseAccess;
  /** Runs the statements of `body` in one transaction, on one connection. */
  transaction<T>(body: (query: Ask) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

export async function connectPostgres(
  applicationName: string,
  addresses: Readonly<Record<string, string>>,
): Promise<ShopData> {
  const { query, transaction, access, end } = await connect(applicationName, addresses);
  return {
    catalogue: () => query(CATALOGUE),
    products: (ids) => query(PRODUCTS, [ids]),
    stock: (ids) => query(STOCK, [ids]),
    related: (id) => query(RELATED, [id]),
    reserve: (lines) => transaction((inside) => reserve(inside, lines)),
    earlierReturns: async (email) => {
      const [earlier] = await query<{ returned: number }>(EARLIER_ORDERS, [email]);
      return earlier?.returned ?? 0;
    },
    placeOrder: (order) => transaction((inside) => placeOrder(inside, order)),
    order: async (id) => (await query<OrderRow>(ORDER, [id]))[0],
    hold: (work) => transaction(work),
    access,
    end,
  };
}

async function reserve(query: Ask, lines: readonly CartLine[]): Promise<Reservation['lines']> {
  const taken = await query<{ id: number; price_cents: number; quantity: number }>(RESERVE, [
    lines.map((line) => line.product),
    lines.map((line) => line.quantity),
  ]);
  if (taken.length < lines.length) throw soldOut();
  return taken.map((row) => ({ product: row.id, quantity: row.quantity, priceCents: row.price_cents }));
}

async function placeOrder(
  query: Ask,
  { name, email, address, lines, totalCents }: NewOrder,
): Promise<number> {
  const [customer] = await query<{ id: number }>(FIND_CUSTOMER, [email]);
  const [buyer = { id: 0 }] = customer
    ? [customer]
    : await query<{ id: number }>(ADD_CUSTOMER, [name, email]);
  const [order = { id: 0 }] = await query<{ id: number }>(ADD_ORDER, [buyer.id, email, address, totalCents]);
  await query(ADD_ITEMS, [
    order.id,
    lines.map((line) => line.product),
    lines.map((line) => line.quantity),
    lines.map((line) => line.priceCents),
  ]);
  return order.id;
}

/** Connects as the PG* variables say, all connections at once, so that no request waits for a new one. */
async function connect(
  applicationName: string,
  addresses: Readonly<Record<string, string>>,
): Promise<Connections> {
  const config = {
    host: addresses.PGHOST,
    port: Number(addresses.PGPORT),
    user: addresses.PGUSER,
    password: addresses.PGPASSWORD,
    database: addresses.PGDATABASE,
    application_name: applicationName,
  };
  const pool = new Pool({ ...config, max: POOL_SIZE, idleTimeoutMillis: 0 });
  pool.on('error', () => {}); // an idle connection that breaks is replaced; the next query says so if it cannot be
  const opened = await Promise.all(Array.from({ length: POOL_SIZE }, () => pool.connect()));
  for (const client of opened) client.release();
  const query: Ask = async (sql, values) => (await pool.query(sql, values && [...values])).rows;
  const transaction: Connections['transaction'] = async (body) => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      const result = await body(async (sql, values) => (await client.query(sql, values && [...values])).rows);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {});
      throw error;
    } finally {
      client.release();
    }
  };
  return { query, transaction, access: postgresAccess(config, query, transaction), end: () => pool.end() };
}
