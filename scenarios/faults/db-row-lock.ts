import type { Fault } from './fault.ts';

export const dbRowLock: Fault = {
  name: 'db-row-lock',
  title: 'Another transaction holds the rows that an order changes',
  how: 'A second session has updated the same products and commits only later.',
  cost: 'Placing an order waits for it, once.',
  expected: { layer: 'db', cause: 'db.lock_wait' },
  defaultMs: 150,
  apply({ mischief }, ms) {
    mischief.inventory.push({
      fault: 'db-row-lock',
      route: 'POST /reserve',
      deed: 'holdLock',
      ms,
      options: { lock: 'row' },
    });
  },
};
