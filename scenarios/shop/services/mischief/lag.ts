/**
 * Waits before each answer. Whoever asks several things at once waits for them together: of waits that overlap the
 * longest is noted, when the last is over.
 */
import { noteInjected } from '../../injected.ts';
import type { Deed } from './deeds.ts';
import { sleep } from './sleep.ts';

/** Fault → how many wait now, and the longest wait since nobody did. */
const waiting = new Map<string, { now: number; longestMs: number }>();

export const lag: Deed = async ({ fault, ms }) => {
  const group = waiting.get(fault) ?? { now: 0, longestMs: 0 };
  waiting.set(fault, group);
  group.now++;
  const waitedMs = await sleep(ms);
  group.longestMs = Math.max(group.longestMs, waitedMs);
  if (--group.now > 0) return;
  waiting.delete(fault);
  noteInjected(fault, group.longestMs);
};
