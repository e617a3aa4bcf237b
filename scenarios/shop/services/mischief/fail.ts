/**
 * Answers the first requests of each visit with an error, after a while: `options.times` of them, all when missing.
 * With `options.isNoted` false, who asked notes what that cost.
 */
import { noteInjected } from '../../injected.ts';
import { Refusal } from '../http-service.ts';
import type { Deed } from './deeds.ts';
import { sleep } from './sleep.ts';

/** Trace and route → how often it has failed. */
const failures = new Map<string, number>();

export const fail: Deed = async ({ fault, route, ms, options = {} }, { asked }) => {
  const visit = `${fault} ${route} ${String(asked.headers.traceparent ?? '').slice(0, 35)}`;
  const failed = failures.get(visit) ?? 0;
  if (failed >= Number(options.times ?? Number.POSITIVE_INFINITY)) return;
  failures.set(visit, failed + 1);
  const waitedMs = await sleep(ms);
  if (ms > 0 && options.isNoted !== false) noteInjected(fault, waitedMs);
  throw new Refusal(Number(options.status ?? 503), 'Not now, please ask again.');
};
