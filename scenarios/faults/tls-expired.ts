import type { Fault } from './fault.ts';

/** Over a weekend, and nobody noticed. */
const DAYS = 3;

export const tlsExpired: Fault = {
  name: 'tls-expired',
  title: 'The certificate has expired',
  how: 'The load balancer’s certificate ended three days ago, and no pin makes the browser overlook it.',
  cost: 'The browser refuses the first page, and the journey ends there.',
  expected: { layer: 'tls', cause: 'tls.certificate_invalid' },
  outcome: 'failed',
  defaultMs: 50,
  apply({ tls }) {
    tls.expiredDays = DAYS;
  },
};
