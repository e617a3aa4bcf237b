/** The payment service: takes orders and knows what was ordered. */
import { addressesOfOthers } from '../part-process.ts';
import { connectDatabase } from './database.ts';
import { jsonFailure, Refusal, serve } from './http-service.ts';
import { ADD_CUSTOMER, ADD_ITEMS, ADD_ORDER, EARLIER_ORDERS, FIND_CUSTOMER, ORDER } from './queries.ts';
import type { Charge, PlacedOrder } from './shop-types.ts';
import { instrumentedPg, startTelemetry } from './telemetry.ts';

const stopTelemetry = startTelemetry();
instrumentedPg(); // loads while the database starts
const database = await connectDatabase('payment', await addressesOfOthers());

/** More parcels back than this, and a person looks at the order first. */
const MOST_RETURNS = 25;

await serve(
  {
    'POST /charge': async ({ body }) => ({ body: await charge(body as Charge) }),
    'GET /order/:id': async ({ params }) => ({ body: await placedOrder(Number(params.id)) }),
  },
  jsonFailure,
  stopTelemetry,
  database.end,
);

async function charge({ name, email, address, lines }: Charge): Promise<PlacedOrder> {
  const [earlier] = await database.query<{ returned: number }>(EARLIER_ORDERS, [plainAddress(email)]);
  if ((earlier?.returned ?? 0) > MOST_RETURNS) throw new Refusal(402, 'Please call us to place this order.');
  const totalCents = lines.reduce((sum, line) => sum + line.priceCents * line.quantity, 0);
  return database.transaction(async (query) => {
    const [customer] = await query<{ id: number }>(FIND_CUSTOMER, [email]);
    const [buyer = { id: 0 }] = customer
      ? [customer]
      : await query<{ id: number }>(ADD_CUSTOMER, [name, email]);
    const [order = { id: 0 }] = await query<{ id: number }>(ADD_ORDER, [
      buyer.id,
      email,
      address,
      totalCents,
    ]);
    await query(ADD_ITEMS, [
      order.id,
      lines.map((line) => line.product),
      lines.map((line) => line.quantity),
      lines.map((line) => line.priceCents),
    ]);
    return { order: order.id, items: lines.length, totalCents };
  });
}

const plainAddress = (email: string): string => email.toLowerCase().replace(/\+[^@]*@/, '@');

async function placedOrder(id: number): Promise<PlacedOrder> {
  const rows = Number.isInteger(id)
    ? await database.query<{ id: number; items: number; total_cents: number }>(ORDER, [id])
    : [];
  const [order] = rows;
  if (!order) throw new Refusal(404, `There is no order ${id}.`);
  return { order: order.id, items: order.items, totalCents: order.total_cents };
}
