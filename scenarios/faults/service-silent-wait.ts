import type { Fault } from './fault.ts';

export const serviceSilentWait: Fault = {
  name: 'service-silent-wait',
  title: 'A service waits for something that nothing tells of',
  how: 'Payment waits on a timer, which stands for any call that is not instrumented, before it charges a card.',
  cost: 'Placing an order waits for it, once.',
  expected: { layer: 'service', cause: 'service.silent_wait', component: 'payment' },
  defaultMs: 150,
  apply({ mischief }, ms) {
    mischief.payment.push({ fault: 'service-silent-wait', route: 'POST /charge', deed: 'idle', ms });
  },
};
