/** Causes are dotted codes; people read words. */
import type { Cause } from './layer.ts';

/** `db.seq_scan` → `seq scan`. The layer in front is said elsewhere. */
export function causeInWords(cause: Cause): string {
  const [, ...rest] = cause.split('.');
  return (rest.length > 0 ? rest.join(' ') : cause).replaceAll('_', ' ');
}
