import type { Fault } from './fault.ts';
import { withScript } from './page-parts.ts';

export const pageForcedLayout: Fault = {
  name: 'page-forced-layout',
  title: 'A script of the page has it laid out again and again',
  how: 'The cart page runs a script that sets a width and reads a height in turn, until the time is over.',
  cost: 'Opening the cart waits for it, once.',
  expected: { layer: 'browser', cause: 'browser.forced_layout', component: '/fault-layout.js' },
  defaultMs: 200,
  apply({ pages }, ms) {
    pages.push({ page: 'cart', head: withScript('fault-layout.js', { ms, fault: 'page-forced-layout' }) });
  },
};
