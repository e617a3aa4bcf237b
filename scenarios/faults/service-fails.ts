import type { Fault } from './fault.ts';

export const serviceFails: Fault = {
  name: 'service-fails',
  title: 'A service behind the page answers with an error',
  how: 'Inventory answers every request for the catalogue with 500, after a while.',
  cost: 'The first page is an error, and the journey ends there.',
  expected: { layer: 'service', cause: 'service.downstream_error', component: 'inventory' },
  outcome: 'failed',
  defaultMs: 50,
  apply({ mischief }, ms) {
    mischief.inventory.push({
      ...{ fault: 'service-fails', route: 'GET /catalogue', deed: 'fail', ms },
      options: { status: 500 },
    });
  },
};
