import type { Fault } from './fault.ts';

export const serviceCpuBlock: Fault = {
  name: 'service-cpu-block',
  title: 'A service computes without a break',
  how: 'The payment service keeps its event loop busy before it charges a card.',
  cost: 'Placing an order waits for it, once.',
  expected: { layer: 'service', cause: 'service.cpu_block', component: 'payment' },
  defaultMs: 150,
  apply({ mischief }, ms) {
    mischief.payment.push({ fault: 'service-cpu-block', route: 'POST /charge', deed: 'block', ms });
  },
};
