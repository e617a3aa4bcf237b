/** The shop's pages, as HTML strings. Made from products and orders; they ask nobody for anything. */

import { Html, html } from './html.ts';
import type { Reply } from './http-service.ts';
import type { PageName } from './page-additions.ts';
import type { CartLine, PlacedOrder, Product } from './shop-types.ts';

/** What a page needs to know of the request it answers. */
export interface PageContext {
  /** Where assets are: an origin, or '' for the page's own. */
  readonly staticOrigin: string;
  readonly cartCount: number;
  /** What a fault adds to the page's head. */
  readonly headOf?: (page: PageName) => Html;
}

export const money = (cents: number): string => `€${(cents / 100).toFixed(2)}`;

const NOTHING = new Html('');

function page(
  { staticOrigin, cartCount, headOf }: PageContext,
  name: PageName | undefined,
  title: string,
  main: Html,
  status = 200,
): Reply {
  const at = (name: string) => `${staticOrigin}/assets/${name}`;
  const preconnect = staticOrigin
    ? html`<link rel="preconnect" href="${staticOrigin}" crossorigin>`
    : NOTHING;
  const added = (name && headOf?.(name)) ?? NOTHING;
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Millrace</title>
${preconnect}
${added}<link rel="icon" href="${at('logo.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${at('base.css')}">
<link rel="stylesheet" href="${at('shop.css')}">
<script type="module" src="${at('main.js')}"></script>
</head>
<body>
<header class="bar">
<a class="brand" href="/"><img src="${at('logo.svg')}" width="28" height="28" alt="">Millrace</a>
<p class="tag">Things for people near water</p>
<a class="cart-link" href="/cart">Cart <span data-cart-count>${cartCount}</span></a>
</header>
<main>${main}</main>
<footer><p>Millrace is a shop that sells nothing: it is the demo of Headwater, and every part of it is real.</p></footer>
<div class="toast" role="status" data-toast></div>
</body>
</html>
`;
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    body: text,
  };
}

const picture = ({ staticOrigin }: PageContext, product: Product, alt: string): Html =>
  html`<img src="${staticOrigin}/assets/${product.slug}.svg" width="240" height="200" alt="${alt}">`;

const card = (context: PageContext, product: Product): Html => html`
<li class="card">
<a href="/product/${product.id}">${picture(context, product, '')}<strong>${product.name}</strong></a>
<p><span>${money(product.priceCents)}</span><span class="stock" data-stock="${product.id}">&nbsp;</span></p>
</li>`;

export const listPage = (context: PageContext, products: readonly Product[]): Reply =>
  page(
    context,
    'list',
    'Our shop',
    html`
<section class="hero" style="background-image:url('${context.staticOrigin}/assets/hero.svg')">
<h1>Our shop</h1><p>Twenty good things. Made to be carried, dropped, mended, and carried again.</p>
</section>
<ul class="grid" aria-label="Products" data-stock-list>${products.map((product) => card(context, product))}</ul>`,
  );

export const productPage = (context: PageContext, product: Product): Reply =>
  page(
    context,
    'product',
    product.name,
    html`
<article class="product" data-product="${product.id}">
${picture(context, product, product.name)}
<div>
<p class="category">${product.category}</p>
<h1>${product.name}</h1>
<p>${product.description}</p>
<p class="price">${money(product.priceCents)} <span class="stock" data-stock="${product.id}">&nbsp;</span></p>
<button type="button" data-add="${product.id}" data-name="${product.name}">Add to cart</button>
</div>
</article>
<section aria-labelledby="related"><h2 id="related">Goes well with it</h2><ul class="grid" data-related="${product.id}"></ul></section>`,
  );

export function cartPage(
  context: PageContext,
  lines: readonly CartLine[],
  products: readonly Product[],
): Reply {
  if (lines.length === 0) {
    return page(
      context,
      'cart',
      'Cart',
      html`<h1>Your cart</h1><p>Nothing in it yet. <a href="/">Have a look around.</a></p>`,
    );
  }
  const checkOut = html`<a class="button" href="/checkout">Check out</a>`;
  return page(
    context,
    'cart',
    'Cart',
    html`<h1>Your cart</h1>${summary(context, lines, products)}<p>${checkOut}</p>`,
  );
}

function summary(context: PageContext, lines: readonly CartLine[], products: readonly Product[]): Html {
  const productById = new Map(products.map((product) => [product.id, product]));
  let totalCents = 0;
  const rows = lines.map(({ product: id, quantity }) => {
    const product = productById.get(id);
    if (!product) return NOTHING;
    totalCents += product.priceCents * quantity;
    return html`<tr><td>${picture(context, product, '')}</td><th scope="row">${product.name}</th>
<td>${quantity} ×</td><td>${money(product.priceCents * quantity)}</td></tr>`;
  });
  return html`<table class="lines"><tbody>${rows}</tbody>
<tfoot><tr><td></td><th scope="row" colspan="2">Together</th><td>${money(totalCents)}</td></tr></tfoot></table>`;
}

export const checkoutPage = (
  context: PageContext,
  lines: readonly CartLine[],
  products: readonly Product[],
): Reply =>
  page(
    context,
    'checkout',
    'Check out',
    html`<h1>Check out</h1>
<div class="checkout">
<form data-checkout>
<label>Name <input name="name" autocomplete="name" required maxlength="80"></label>
<label>E-mail <input name="email" type="email" autocomplete="email" required maxlength="120"></label>
<label>Address <input name="address" autocomplete="street-address" required maxlength="200"></label>
<p class="note">Nothing is paid and nothing is sent: this is a demo.</p>
<button type="submit">Place order</button>
<p role="alert" data-problem></p>
</form>
${summary(context, lines, products)}
</div>`,
  );

export const confirmationPage = (context: PageContext, order: PlacedOrder): Reply =>
  page(
    context,
    'confirmation',
    'Thank you',
    html`<section class="thanks"><h1>Thank you</h1>
<p>Order <strong>${order.order}</strong> is placed: ${order.items} ${order.items === 1 ? 'thing' : 'things'},
${money(order.totalCents)} together.</p><p><a href="/">Back to the shop</a></p></section>`,
  );

export const failurePage = (context: PageContext, status: number, message: string): Reply =>
  page(
    context,
    undefined,
    'Sorry',
    html`<h1>Sorry</h1><p>${message}</p><p><a href="/">Back to the shop</a></p>`,
    status,
  );
