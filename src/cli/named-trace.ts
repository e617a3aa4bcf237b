/** The trace that a person named: its ID, a unique beginning of it, or a traceparent. */
import { parseTraceparent } from '../model/ids.ts';
import { UserError } from './user-error.ts';

/** @throws UserError when it is none, or not exactly one is stored */
export function namedTrace(asked: string, find: (prefix: string) => readonly string[]): string {
  const prefix = (parseTraceparent(asked)?.traceId ?? asked).toLowerCase();
  if (!/^[0-9a-f]{4,32}$/.test(prefix))
    throw new UserError(`"${asked}" is not a trace ID: give 4 to 32 hex digits, or a traceparent.`);
  const found = find(prefix);
  if (found.length > 1) throw new UserError(`${found.length} traces start with ${prefix}: give more digits.`);
  if (!found[0]) throw new UserError(`No trace starts with ${prefix}. headwater list shows what is stored.`);
  return found[0];
}
