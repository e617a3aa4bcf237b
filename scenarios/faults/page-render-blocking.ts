import { THIRD_PARTY_HOST } from '../shop/names.ts';
import { answerElsewhere } from './elsewhere.ts';
import type { Fault } from './fault.ts';
import { withScript } from './page-parts.ts';

const FILE = '{third}/theme.css';

export const pageRenderBlocking: Fault = {
  name: 'page-render-blocking',
  title: 'A style sheet is late, and nothing is drawn before it',
  how: 'The cart page has a style sheet in its head, whose server waits before it answers.',
  cost: 'Leaving the cart waits for it, once, and for the way to its server.',
  expected: { layer: 'browser', cause: 'browser.render_blocking', component: THIRD_PARTY_HOST },
  defaultMs: 200,
  apply(settings, delayMs) {
    const fault = 'page-render-blocking';
    settings.pages.push({
      page: 'cart',
      head: `${withScript('fault-timed.js', { fault, file: FILE })}<link rel="stylesheet" href="${FILE}">\n`,
    });
    answerElsewhere(settings, {
      host: THIRD_PARTY_HOST,
      route: 'GET /theme.css',
      delayMs,
      headers: { 'content-type': 'text/css' },
      body: '.thanks { letter-spacing: 0 }',
    });
  },
};
