import type { Fault } from './fault.ts';

const FAULT = 'lb-uneven-backends';
/** Twenty products, five questions; and one for the product that is bought: every other one goes to the slow server. */
const IN_EACH = 4;
const SLOW_PAGES = 2;
/** Less than this nobody could tell from a busy machine. */
const LEAST_MS = 35;
const ROUTE = 'GET /api/stock';

export const lbUnevenBackends: Fault = {
  name: FAULT,
  title: 'One of the servers behind the load balancer is slower than the other',
  how: 'The second web process waits before it answers for the stock; the first page asks for it a few products at a time, and HAProxy takes the servers in turn.',
  cost: `Both pages with stock wait for it, each for half of it but never less than ${LEAST_MS} ms.`,
  expected: { layer: 'lb', cause: 'lb.uneven_backends', component: 'web-2' },
  defaultMs: 150,
  apply({ proxy, mischief, pages }, ms) {
    proxy.pools.push({ fault: FAULT, path: '/api/stock', lines: ['balance roundrobin'] });
    pages.push({ page: 'list', head: `<meta name="stock-in-each" content="${IN_EACH}">` });
    const eachMs = Math.max(LEAST_MS, ms / SLOW_PAGES);
    mischief.web.push({ fault: FAULT, route: ROUTE, instance: 'web-2', deed: 'lag', ms: eachMs });
  },
};
