/** A web process of the shop: pages, files, and the API that the pages' scripts call. */

import { noteInjected } from '../injected.ts';
import { SHOP_HOST } from '../names.ts';
import { addressesOfOthers, requiredVariable } from '../part-process.ts';
import { assetReply } from './assets.ts';
import { cartCookie, cartOf, countOf, withProduct } from './cart.ts';
import { type Asked, Refusal, type Reply, serve } from './http-service.ts';
import { ADDITIONS_VARIABLE, ELSEWHERE_PORT_VARIABLE, headOf, type PageAddition } from './page-additions.ts';
import {
  cartPage,
  checkoutPage,
  confirmationPage,
  failurePage,
  listPage,
  type PageContext,
  productPage,
} from './pages.ts';
import { serviceClient } from './service-client.ts';
import type { CartLine, PlacedOrder, Product, Reservation } from './shop-types.ts';
import { startTelemetry } from './telemetry.ts';

const stopTelemetry = startTelemetry();
const addresses = await addressesOfOthers();
const inventory = serviceClient(requiredVariable('SHOP_INVENTORY_URL', addresses));
const payment = serviceClient(requiredVariable('SHOP_PAYMENT_URL', addresses));

const additions = JSON.parse(process.env[ADDITIONS_VARIABLE] ?? '[]') as PageAddition[];

/** On the shop's own name, assets come from its static host; a person on 127.0.0.1 gets all from one place. */
function contextOf(asked: Asked, cartCount = countOf(cartOf(asked))): PageContext {
  const host = asked.headers.host ?? '';
  if (host.split(':')[0] !== SHOP_HOST) return { staticOrigin: '', cartCount };
  const staticOrigin = `https://static.${host}`;
  const elsewhere = addresses[ELSEWHERE_PORT_VARIABLE] ?? '';
  return {
    staticOrigin,
    cartCount,
    headOf: (page) => headOf(page, additions, `${staticOrigin}/assets`, elsewhere),
  };
}

/** What a page timed by itself, because nobody else could. */
function noteFromPage({ body }: Asked): Reply {
  const { fault, ms } = (body ?? {}) as { fault?: unknown; ms?: unknown };
  if (typeof fault === 'string' && typeof ms === 'number' && ms > 0) noteInjected(fault, ms);
  return { status: 204, body: '' };
}

const productsIn = async (lines: readonly CartLine[]): Promise<Product[]> =>
  lines.length > 0 ? inventory('GET', `/products?ids=${lines.map((line) => line.product).join(',')}`) : [];

await serve(
  {
    'GET /assets/:name': ({ params, headers }) => assetReply(params.name ?? '', headers['if-none-match']),
    'GET /': async (asked) => listPage(contextOf(asked), await inventory('GET', '/catalogue')),
    'GET /product/:id': productRoute,
    'GET /cart': async (asked) => cartPage(contextOf(asked), cartOf(asked), await productsIn(cartOf(asked))),
    'GET /checkout': async (asked) =>
      checkoutPage(contextOf(asked), cartOf(asked), await productsIn(cartOf(asked))),
    'GET /confirmation/:order': async (asked) =>
      confirmationPage(contextOf(asked), await payment('GET', `/order/${Number(asked.params.order)}`)),
    'GET /api/stock': async ({ url }) => ({ body: await inventory('GET', `/stock${url.search}`) }),
    'GET /api/related/:id': async ({ params }) => ({
      body: await inventory('GET', `/related/${Number(params.id)}`),
    }),
    'GET /api/cart': (asked) => ({ body: { count: countOf(cartOf(asked)) } }),
    'POST /api/cart': addToCart,
    'POST /api/order': placeOrder,
    ...(additions.length > 0 && { 'POST /api/noted': noteFromPage }),
  },
  failureRoute,
  stopTelemetry,
  undefined,
  { ask: inventory },
);

async function productRoute(asked: Asked): Promise<Reply> {
  const [product] = await inventory<Product[]>('GET', `/products?ids=${Number(asked.params.id)}`);
  if (!product) throw new Refusal(404, `There is no product ${asked.params.id}.`);
  return productPage(contextOf(asked), product);
}

async function addToCart(asked: Asked): Promise<Reply> {
  const lines = withProduct(cartOf(asked), asked.body);
  const known = await productsIn(lines);
  if (known.length < lines.length) throw new Refusal(404, 'There is no such product.');
  return { headers: cartCookie(lines), body: { count: countOf(lines) } };
}

async function placeOrder(asked: Asked): Promise<Reply> {
  const lines = cartOf(asked);
  const { name, email, address } = (asked.body ?? {}) as Record<string, unknown>;
  if (lines.length === 0) throw new Refusal(400, 'There is nothing in your cart.');
  if (![name, email, address].every((field) => typeof field === 'string' && field.trim() !== '')) {
    throw new Refusal(400, 'Please fill in name, e-mail and address.');
  }
  const reserved = await inventory<Reservation>('POST', '/reserve', lines);
  const order = await payment<PlacedOrder>('POST', '/charge', {
    name,
    email,
    address,
    lines: reserved.lines,
  });
  return { headers: cartCookie([]), body: order };
}

function failureRoute(status: number, message: string, { path }: { path: string }): Reply {
  const said = status === 500 ? 'Something went wrong here; it is not your fault.' : message;
  if (path.startsWith('/api/')) return { status, body: { error: said } };
  return failurePage({ staticOrigin: '', cartCount: 0 }, status, said);
}
