import type { Fault } from './fault.ts';

export const dbNPlusOne: Fault = {
  name: 'db-n-plus-one',
  title: 'Products are asked for one by one',
  how: 'The payment service asks for one product after the other in a loop, as often as it takes.',
  cost: 'Placing an order waits for it, once.',
  expected: { layer: 'db', cause: 'db.n_plus_one' },
  defaultMs: 150,
  apply({ mischief }, ms) {
    mischief.payment.push({ fault: 'db-n-plus-one', route: 'POST /charge', deed: 'loopOverRows', ms });
  },
};
