/** Keeps the event loop busy: nothing else of this process runs meanwhile. */
import { noteInjected } from '../../injected.ts';
import type { Deed } from './deeds.ts';

export const block: Deed = async ({ fault, ms }) => {
  const startMs = performance.now();
  while (performance.now() - startMs < ms);
  noteInjected(fault, performance.now() - startMs);
};
