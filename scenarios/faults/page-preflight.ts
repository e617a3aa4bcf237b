import { PARTNER_HOST } from '../shop/names.ts';
import { answerElsewhere } from './elsewhere.ts';
import type { Fault } from './fault.ts';
import { preconnect, withScript } from './page-parts.ts';

export const pagePreflight: Fault = {
  name: 'page-preflight',
  title: 'An API of another origin is slow to allow a header',
  how: 'Before it adds to the cart the page asks an API of another origin, with a header; its OPTIONS answer is late.',
  cost: 'Adding to the cart waits for it, once, and for what the API then answers.',
  expected: { layer: 'browser', cause: 'browser.preflight', component: PARTNER_HOST },
  defaultMs: 200,
  apply(settings, delayMs) {
    const fault = 'page-preflight';
    const data = { fault, before: 'POST /api/cart', deed: 'header', url: '{partner}/points' };
    settings.pages.push({
      page: 'product',
      head: preconnect('{partner}') + withScript('fault-before.js', data),
    });
    const answer = { host: PARTNER_HOST, delayMs: 0 };
    answerElsewhere(settings, { ...answer, route: 'OPTIONS /points', delayMs, status: 204 });
    answerElsewhere(settings, { ...answer, route: 'GET /points', body: '{"points":12}' });
  },
};
