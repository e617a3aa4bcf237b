/** Asks another service for one product after the other, again from the first, until the time is over. */
import { noteInjected } from '../../injected.ts';
import type { Deed } from './deeds.ts';

const PRODUCTS = 20;

export const askOneByOne: Deed = async ({ fault, ms }, { ask }) => {
  if (!ask) throw new Error('This service asks nobody.');
  const startMs = performance.now();
  for (let i = 0; performance.now() - startMs < ms; i++)
    await ask('GET', `/products?ids=${1 + (i % PRODUCTS)}`);
  noteInjected(fault, performance.now() - startMs);
};
