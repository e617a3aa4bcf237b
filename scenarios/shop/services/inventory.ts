/** The inventory service: products and how many are left. */
import { addressesOfOthers } from '../part-process.ts';
import { type Asked, jsonFailure, serve } from './http-service.ts';
import { loadShopData } from './shop-data.ts';
import type { ProductRow } from './shop-store.ts';
import type { CartLine, Product } from './shop-types.ts';
import { startTelemetry } from './telemetry.ts';

const stopTelemetry = startTelemetry();
const connect = loadShopData('inventory'); // while the database starts
const addresses = await addressesOfOthers();
const shop = await (await connect)(addresses);

const product = ({ price_cents: priceCents, ...row }: ProductRow): Product => ({ ...row, priceCents });

/** The numbers of `?ids=1,2`; null when it is not there. */
function idsOf({ url }: Asked): number[] | null {
  const ids = url.searchParams.get('ids');
  return ids === null ? null : ids.split(',').map(Number).filter(Number.isInteger);
}

await serve(
  {
    'GET /catalogue': async () => ({ body: (await shop.catalogue()).map(product) }),
    'GET /products': async (asked) => ({
      body: (await shop.products(idsOf(asked) ?? [])).map(product),
    }),
    'GET /stock': async (asked) => ({ body: await shop.stock(idsOf(asked)) }),
    'GET /related/:id': async ({ params }) => ({
      body: (await shop.related(Number(params.id))).map(product),
    }),
    'GET /delivery': () => ({ body: { days: 2 } }),
    'POST /reserve': async ({ body }) => ({
      body: { lines: await shop.reserve(body as readonly CartLine[]) },
    }),
  },
  jsonFailure,
  stopTelemetry,
  shop.end,
  { hold: shop.hold, shop },
);
