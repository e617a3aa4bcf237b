import { addPauses } from '../shop/services/retry.ts';
import type { Fault } from './fault.ts';

const FAULT = 'service-downstream-error';

export const serviceDownstreamError: Fault = {
  name: FAULT,
  title: 'A service takes its time and then fails',
  how: 'Payment answers its first charge with 503 after a while; web tries again at once, and then it works.',
  cost: 'Placing an order waits for the try that failed, once.',
  expected: { layer: 'service', cause: 'service.downstream_error', component: 'payment' },
  defaultMs: 150,
  apply({ mischief, services }, ms) {
    mischief.payment.push({
      ...{ fault: FAULT, route: 'POST /charge', deed: 'fail', ms },
      options: { times: 1, isNoted: false },
    });
    addPauses(services.web, [{ ms: 0, fault: FAULT, withTry: true }]);
  },
};
