import { PARTNER_HOST } from '../shop/names.ts';
import { answerElsewhere } from './elsewhere.ts';
import type { Fault } from './fault.ts';
import { preconnect, withScript } from './page-parts.ts';

const REQUESTS = 8;

export const pageOneByOne: Fault = {
  name: 'page-one-by-one',
  title: 'A page asks for eight things one after the other',
  how: 'Before it places an order the page asks a partner for eight answers, each when it has the one before.',
  cost: 'Placing an order waits for all of them; together they would have taken as long as one.',
  expected: { layer: 'browser', cause: 'browser.one_by_one', component: PARTNER_HOST },
  defaultMs: 200,
  apply(settings, ms) {
    const fault = 'page-one-by-one';
    const data = {
      fault,
      before: 'POST /api/order',
      deed: 'oneByOne',
      url: '{partner}/price/',
      count: REQUESTS,
    };
    settings.pages.push({
      page: 'checkout',
      head: preconnect('{partner}') + withScript('fault-before.js', data),
    });
    answerElsewhere(settings, {
      host: PARTNER_HOST,
      route: 'GET /price/*',
      delayMs: ms / (REQUESTS - 1),
      body: 'ok',
    });
  },
};
