import { addPauses } from '../shop/services/retry.ts';
import type { Fault } from './fault.ts';

const FAULT = 'service-retry-backoff';
/** The second pause is twice the first, as usual. */
const SHARES = [1 / 3, 2 / 3];

export const serviceRetryBackoff: Fault = {
  name: FAULT,
  title: 'A call fails twice and is tried again after pauses',
  how: 'Payment answers its first two charges with 503; web pauses and tries again, the second pause twice the first.',
  cost: 'Placing an order waits for both pauses, once.',
  expected: { layer: 'service', cause: 'service.retry_backoff', component: 'web' },
  defaultMs: 150,
  apply({ mischief, services }, ms) {
    mischief.payment.push({
      ...{ fault: FAULT, route: 'POST /charge', deed: 'fail', ms: 0 },
      options: { times: SHARES.length },
    });
    const pauses = SHARES.map((share) => ({ ms: share * ms, fault: FAULT }));
    addPauses(services.web, pauses);
  },
};
