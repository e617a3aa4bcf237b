import type { Fault } from './fault.ts';

const FAULT = 'service-pool-wait';

export const servicePoolWait: Fault = {
  name: FAULT,
  title: 'All connections of a pool are taken',
  how: 'Payment has one connection to the database, and other work of its own keeps a transaction open on it.',
  cost: 'Placing an order waits until it is given back, once.',
  expected: { layer: 'service', cause: 'service.pool_wait', component: 'payment' },
  defaultMs: 150,
  apply({ mischief, services }, ms) {
    services.payment.SHOP_POOL_SIZE = '1';
    mischief.payment.push({
      ...{ fault: FAULT, route: 'POST /charge', deed: 'holdConnection', ms },
      options: { name: 'export orders' },
    });
  },
};
