/** Asks another service for what would be nice to have, and goes on without it when there is no answer in time. */
import { noteInjected } from '../../injected.ts';
import type { Deed } from './deeds.ts';

export const askWithin: Deed = async ({ fault, ms, options = {} }, { ask }) => {
  if (!ask) throw new Error('This service asks nobody.');
  const startMs = performance.now();
  await ask('GET', String(options.path), undefined, { limitMs: ms }).catch(() => {});
  noteInjected(fault, performance.now() - startMs);
};
