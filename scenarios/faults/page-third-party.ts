import { THIRD_PARTY_HOST } from '../shop/names.ts';
import { answerElsewhere } from './elsewhere.ts';
import type { Fault } from './fault.ts';
import { withScript } from './page-parts.ts';

const FILE = '{third}/widget.js';

export const pageThirdParty: Fault = {
  name: 'page-third-party',
  title: 'A script of another site is late',
  how: 'The checkout page loads a script of another site in its head, whose server waits before it answers.',
  cost: 'Opening the checkout waits for it, once, and for the way to the other site.',
  expected: { layer: 'browser', cause: 'browser.third_party', component: THIRD_PARTY_HOST },
  defaultMs: 200,
  apply(settings, delayMs) {
    const fault = 'page-third-party';
    settings.pages.push({
      page: 'checkout',
      head: `${withScript('fault-timed.js', { fault, file: FILE })}<script src="${FILE}"></script>\n`,
    });
    answerElsewhere(settings, {
      host: THIRD_PARTY_HOST,
      route: 'GET /widget.js',
      delayMs,
      headers: { 'content-type': 'text/javascript' },
      body: 'globalThis.widget = { shown: true };',
    });
  },
};
