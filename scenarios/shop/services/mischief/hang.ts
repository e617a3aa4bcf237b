/** Does not answer before `ms` are over; who asked has given up by then. */
import type { Deed } from './deeds.ts';
import { sleep } from './sleep.ts';

export const hang: Deed = async ({ ms }) => {
  await sleep(ms);
};
