import type { Fault } from './fault.ts';
import { withScript } from './page-parts.ts';

export const pageLongTask: Fault = {
  name: 'page-long-task',
  title: "A script of the page computes on the page's main thread",
  how: 'The product page runs a script in its head that computes until the time is over.',
  cost: 'Opening a product waits for it, once.',
  expected: { layer: 'browser', cause: 'browser.long_task', component: '/fault-busy.js' },
  defaultMs: 200,
  apply({ pages }, ms) {
    pages.push({ page: 'product', head: withScript('fault-busy.js', { ms, fault: 'page-long-task' }) });
  },
};
