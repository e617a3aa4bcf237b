import { OLD_HOST } from '../shop/names.ts';
import { answerElsewhere } from './elsewhere.ts';
import type { Fault } from './fault.ts';
import { withScript } from './page-parts.ts';

/** The fourth address is the page itself. */
const HOPS = ['/kettle', '/shop/kettle', '/shop/kettle/'];

export const pageRedirects: Fault = {
  name: 'page-redirects',
  title: 'A link leads over a chain of redirects',
  how: 'The link to a product goes to an old address of the shop, and over three redirects to the product.',
  cost: 'Opening a product waits for the detour, once, and for the way to the old address.',
  expected: { layer: 'browser', cause: 'browser.redirects', component: OLD_HOST },
  defaultMs: 200,
  apply(settings, ms) {
    const fault = 'page-redirects';
    settings.pages.push(
      {
        page: 'list',
        head: withScript('fault-link.js', { link: '/product/1', by: `{old}${HOPS[0]}` }),
      },
      { page: 'product', head: withScript('fault-way.js', { fault, way: 'long' }) },
      { page: 'cart', head: withScript('fault-way.js', { fault, way: 'usual' }) },
    );
    HOPS.forEach((path, i) => {
      const next = HOPS[i + 1];
      answerElsewhere(settings, {
        host: OLD_HOST,
        route: `GET ${path}`,
        delayMs: ms / HOPS.length,
        status: 301,
        headers: { location: next ? `{here}${next}{query}` : '{to}' },
      });
    });
  },
};
