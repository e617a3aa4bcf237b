import { PARTNER_HOST, THIRD_PARTY_HOST } from '../shop/names.ts';
import { answerElsewhere } from './elsewhere.ts';
import type { Fault } from './fault.ts';
import { preconnect, withScript } from './page-parts.ts';

const REQUESTS = 30;
/** What a browser opens to one host over HTTP/1.1. */
const AT_ONCE = 6;

export const pageManyRequests: Fault = {
  name: 'page-many-requests',
  title: 'A page asks one host for thirty things at once',
  how: 'Before it places an order the page asks for 30 small style sheets of one host over HTTP/1.1: six at a time.',
  cost: 'Placing an order waits for the last of them: four rounds in the queue, and its own.',
  expected: { layer: 'browser', cause: 'browser.six_per_host', component: THIRD_PARTY_HOST },
  defaultMs: 200,
  apply(settings, ms) {
    const fault = 'page-many-requests';
    const data = {
      fault,
      before: 'POST /api/order',
      deed: 'together',
      url: '{third}/piece/',
      count: REQUESTS,
      other: '{partner}/piece/',
    };
    settings.pages.push({
      page: 'checkout',
      head: preconnect('{third}') + preconnect('{partner}') + withScript('fault-before.js', data),
    });
    const sheet = { headers: { 'content-type': 'text/css' }, body: ':root { --piece: 1; }' };
    const answer = { ...sheet, route: 'GET /piece/*' };
    answerElsewhere(settings, { ...answer, host: THIRD_PARTY_HOST, delayMs: ms / (REQUESTS / AT_ONCE - 1) });
    answerElsewhere(settings, { ...answer, host: PARTNER_HOST, delayMs: 0 });
  },
};
