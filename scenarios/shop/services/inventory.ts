/** The inventory service: products and how many are left. */
import { addressesOfOthers } from '../part-process.ts';
import { connectDatabase } from './database.ts';
import { type Asked, jsonFailure, Refusal, serve } from './http-service.ts';
import { CATALOGUE, PRODUCTS, RELATED, RESERVE, STOCK } from './queries.ts';
import type { CartLine, Product, Reservation } from './shop-types.ts';
import { instrumentedPg, startTelemetry } from './telemetry.ts';

const stopTelemetry = startTelemetry();
instrumentedPg(); // loads while the database starts
const database = await connectDatabase('inventory', await addressesOfOthers());

interface ProductRow extends Omit<Product, 'priceCents'> {
  readonly price_cents: number;
}

const product = ({ price_cents: priceCents, ...row }: ProductRow): Product => ({ ...row, priceCents });

/** The numbers of `?ids=1,2`; null when it is not there. */
function idsOf({ url }: Asked): number[] | null {
  const ids = url.searchParams.get('ids');
  return ids === null ? null : ids.split(',').map(Number).filter(Number.isInteger);
}

await serve(
  {
    'GET /catalogue': async () => ({ body: (await database.query<ProductRow>(CATALOGUE)).map(product) }),
    'GET /products': async (asked) => ({
      body: (await database.query<ProductRow>(PRODUCTS, [idsOf(asked) ?? []])).map(product),
    }),
    'GET /stock': async (asked) => ({ body: await database.query(STOCK, [idsOf(asked)]) }),
    'GET /related/:id': async ({ params }) => ({
      body: (await database.query<ProductRow>(RELATED, [Number(params.id)])).map(product),
    }),
    'POST /reserve': async ({ body }) => ({ body: await reserve(body as readonly CartLine[]) }),
  },
  jsonFailure,
  stopTelemetry,
  database.end,
);

/** All lines or none. */
async function reserve(lines: readonly CartLine[]): Promise<Reservation> {
  return database.transaction(async (query) => {
    const taken = await query<{ id: number; price_cents: number; quantity: number }>(RESERVE, [
      lines.map((line) => line.product),
      lines.map((line) => line.quantity),
    ]);
    if (taken.length < lines.length) throw new Refusal(409, 'Something in your cart has just been sold out.');
    return {
      lines: taken.map((row) => ({ product: row.id, quantity: row.quantity, priceCents: row.price_cents })),
    };
  });
}
