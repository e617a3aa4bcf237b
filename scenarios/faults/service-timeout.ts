import type { Fault } from './fault.ts';

const FAULT = 'service-timeout';
/** Longer than any caller waits here. */
const HANG_MS = 15_000;

export const serviceTimeout: Fault = {
  name: FAULT,
  title: 'A service hangs until its caller gives up',
  how: 'Before it takes an order, web asks inventory how long delivery takes; inventory is silent, and web goes on without.',
  cost: "Placing an order waits for web's time limit, once.",
  expected: { layer: 'service', cause: 'service.timeout', component: 'inventory' },
  defaultMs: 150,
  apply({ mischief }, ms) {
    mischief.inventory.push({ fault: FAULT, route: 'GET /delivery', deed: 'hang', ms: HANG_MS });
    mischief.web.push({
      ...{ fault: FAULT, route: 'POST /api/order', deed: 'askWithin', ms },
      options: { path: '/delivery' },
    });
  },
};
