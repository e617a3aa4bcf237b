import type { Fault } from './fault.ts';
import { withScript } from './page-parts.ts';

export const pageTimer: Fault = {
  name: 'page-timer',
  title: 'The page waits for a timer of its own',
  how: 'A script of the product page lets a setTimeout pass before it adds to the cart.',
  cost: 'Adding to the cart waits for it, once.',
  expected: { layer: 'browser', cause: 'browser.slow_timer' },
  defaultMs: 200,
  apply({ pages }, ms) {
    const data = { fault: 'page-timer', before: 'POST /api/cart', deed: 'pause', ms };
    pages.push({ page: 'product', head: withScript('fault-before.js', data) });
  },
};
