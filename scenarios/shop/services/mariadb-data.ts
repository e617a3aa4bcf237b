/**
 * The shop's data on MariaDB. Statements go as text with their values in, as mysql2's `query` sends them: what it
 * prepares (`execute`) carries no trace context.
 */
import type { ResultSetHeader } from 'mysql2';
import type { PoolConnection } from 'mysql2/promise';
import {
  ADD_CUSTOMER,
  ADD_ITEMS,
  ADD_ORDER,
  ALL_STOCK,
  CATALOGUE,
  EARLIER_ORDERS,
  FIND_CUSTOMER,
  ORDER,
  PRODUCTS,
  RELATED,
  RESERVE,
  RESERVED,
  STOCK,
} from './mariadb-queries.ts';
import { mariadbAccess } from './mischief/mariadb-access.ts';
import type { NewOrder, OrderRow, ProductRow, ShopData } from './shop-store.ts';
import type { CartLine, Reservation } from './shop-types.ts';
import { soldOut } from './sold-out.ts';
import { instrumentedMysql } from './telemetry.ts';

const { createPool } = instrumentedMysql();
const POOL_SIZE = Number(process.env.SHOP_POOL_SIZE ?? 4);

export async function connectMariadb(addresses: Readonly<Record<string, string>>): Promise<ShopData> {
  const { use, transaction, config, end } = await connect(addresses);
  const rows = <Row>(sql: string, ...values: readonly unknown[]) =>
    use((on) => select<Row>(on, sql, ...values));
  return {
    catalogue: () => rows(CATALOGUE),
    products: async (ids) => (ids.length > 0 ? rows<ProductRow>(PRODUCTS, ids) : []),
    stock: async (ids) => (ids === null ? rows(ALL_STOCK) : ids.length > 0 ? rows(STOCK, ids) : []),
    related: (id) => rows(RELATED, id),
    reserve: (lines) => transaction((on) => reserve(on, lines)),
    earlierReturns: async (email) =>
      (await rows<{ returned: number }>(EARLIER_ORDERS, email))[0]?.returned ?? 0,
    placeOrder: (order) => transaction((on) => placeOrder(on, order)),
    order: async (id) => (await rows<OrderRow>(ORDER, id))[0],
    hold: (work) => transaction(work),
    access: mariadbAccess(
      config,
      (sql, values = []) => rows(sql, ...values),
      (body) => transaction((on) => body((sql, values = []) => select(on, sql, ...values))),
    ),
    end,
  };
}

async function select<Row>(on: PoolConnection, sql: string, ...values: readonly unknown[]): Promise<Row[]> {
  return (await on.query(sql, [...values]))[0] as unknown as Row[];
}

async function change(
  on: PoolConnection,
  sql: string,
  ...values: readonly unknown[]
): Promise<ResultSetHeader> {
  return (await on.query<ResultSetHeader>(sql, [...values]))[0];
}

async function reserve(on: PoolConnection, lines: readonly CartLine[]): Promise<Reservation['lines']> {
  const wanted = JSON.stringify(lines);
  const { affectedRows } = await change(on, RESERVE, wanted);
  if (affectedRows < lines.length) throw soldOut();
  const taken = await select<{ id: number; price_cents: number; quantity: number }>(on, RESERVED, wanted);
  return taken.map((row) => ({ product: row.id, quantity: row.quantity, priceCents: row.price_cents }));
}

async function placeOrder(
  on: PoolConnection,
  { name, email, address, lines, totalCents }: NewOrder,
): Promise<number> {
  const [customer] = await select<{ id: number }>(on, FIND_CUSTOMER, email);
  const buyer = customer?.id ?? (await change(on, ADD_CUSTOMER, name, email)).insertId;
  const { insertId: order } = await change(on, ADD_ORDER, buyer, email, address, totalCents);
  const items = lines.map(({ product, quantity, priceCents }) => [order, product, quantity, priceCents]);
  await change(on, ADD_ITEMS, items);
  return order;
}

/**
 * A connection is taken first and awaited, so that a statement begins in its own request: pool.query() of a waiting
 * caller runs in whoever gave the connection back.
 */
async function connect(addresses: Readonly<Record<string, string>>) {
  const config = {
    host: addresses.MYSQL_HOST,
    port: Number(addresses.MYSQL_PORT),
    user: addresses.MYSQL_USER,
    password: addresses.MYSQL_PASSWORD,
    database: addresses.MYSQL_DATABASE,
  };
  const pool = createPool({ ...config, connectionLimit: POOL_SIZE, maxIdle: POOL_SIZE }).promise();
  const opened = await Promise.all(Array.from({ length: POOL_SIZE }, () => pool.getConnection()));
  for (const connection of opened) connection.release();
  const use = async <T>(body: (on: PoolConnection) => Promise<T>): Promise<T> => {
    const connection = await pool.getConnection();
    try {
      return await body(connection);
    } finally {
      connection.release();
    }
  };
  const transaction = <T>(body: (on: PoolConnection) => Promise<T>): Promise<T> =>
    use(async (on) => {
      await on.query('BEGIN');
      try {
        const result = await body(on);
        await on.query('COMMIT');
        return result;
      } catch (error) {
        await on.query('ROLLBACK').catch(() => {});
        throw error;
      }
    });
  return { use, transaction, config, end: () => pool.end() };
}
