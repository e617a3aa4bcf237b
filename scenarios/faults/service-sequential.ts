import type { Fault } from './fault.ts';

export const serviceSequential: Fault = {
  name: 'service-sequential',
  title: 'A service asks another for one thing after the other',
  how: 'Before it takes an order, web asks inventory for single products, one call after the other.',
  cost: 'Placing an order waits for all of these calls, once.',
  expected: { layer: 'service', cause: 'service.sequential_calls', component: 'web' },
  defaultMs: 150,
  apply({ mischief }, ms) {
    mischief.web.push({ fault: 'service-sequential', route: 'POST /api/order', deed: 'askOneByOne', ms });
  },
};
