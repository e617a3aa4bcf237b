import type { Fault } from './fault.ts';

export const serviceCpuStarved: Fault = {
  name: 'service-cpu-starved',
  title: 'A service gets too little CPU',
  how: 'While payment computes a little, four busy loops share its CPU with it (Linux: it is held to one CPU with taskset).',
  cost: 'Placing an order waits for what a fifth of the time would do alone, once.',
  expected: { layer: 'service', cause: 'service.cpu_starved', component: 'payment' },
  defaultMs: 150,
  apply({ mischief }, ms) {
    mischief.payment.push({ fault: 'service-cpu-starved', route: 'POST /charge', deed: 'starve', ms });
  },
};
