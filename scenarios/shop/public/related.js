import { call } from './api.js';

export async function relatedProducts() {
  const list = document.querySelector('[data-related]');
  if (!list) return;
  const own = document.querySelector('.product img');
  const products = await call('GET', `/api/related/${list.dataset.related}`);
  list.replaceChildren(...products.map((product) => card(product, new URL('.', own.src))));
}

function card({ id, slug, name, priceCents }, assets) {
  const item = document.createElement('li');
  item.className = 'card';
  const link = Object.assign(document.createElement('a'), { href: `/product/${id}` });
  const image = Object.assign(new Image(240, 200), { src: new URL(`${slug}.svg`, assets), alt: '' });
  const title = Object.assign(document.createElement('strong'), { textContent: name });
  const price = Object.assign(document.createElement('p'), {
    textContent: `€${(priceCents / 100).toFixed(2)}`,
  });
  link.append(image, title);
  item.append(link, price);
  return item;
}
