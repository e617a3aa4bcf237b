/** The payment service: takes orders and knows what was ordered. */
import { addressesOfOthers } from '../part-process.ts';
import { jsonFailure, Refusal, serve } from './http-service.ts';
import { loadShopData } from './shop-data.ts';
import type { Charge, PlacedOrder } from './shop-types.ts';
import { startTelemetry } from './telemetry.ts';

const stopTelemetry = startTelemetry();
const connect = loadShopData('payment'); // while the database starts
const addresses = await addressesOfOthers();
const shop = await (await connect)(addresses);

/** More parcels back than this, and a person looks at the order first. */
const MOST_RETURNS = 25;

await serve(
  {
    'POST /charge': async ({ body }) => ({ body: await charge(body as Charge) }),
    'GET /order/:id': async ({ params }) => ({ body: await placedOrder(Number(params.id)) }),
  },
  jsonFailure,
  stopTelemetry,
  shop.end,
  { hold: shop.hold, shop },
);

async function charge({ name, email, address, lines }: Charge): Promise<PlacedOrder> {
  if ((await shop.earlierReturns(plainAddress(email))) > MOST_RETURNS)
    throw new Refusal(402, 'Please call us to place this order.');
  const totalCents = lines.reduce((sum, line) => sum + line.priceCents * line.quantity, 0);
  const order = await shop.placeOrder({ name, email, address, lines, totalCents });
  return { order, items: lines.length, totalCents };
}

const plainAddress = (email: string): string => email.toLowerCase().replace(/\+[^@]*@/, '@');

async function placedOrder(id: number): Promise<PlacedOrder> {
  const order = Number.isInteger(id) ? await shop.order(id) : undefined;
  if (!order) throw new Refusal(404, `There is no order ${id}.`);
  return { order: order.id, items: order.items, totalCents: order.total_cents };
}
