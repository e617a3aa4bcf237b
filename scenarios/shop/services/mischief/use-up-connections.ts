/** Idle sessions of another program take all connections that the database has; then the service needs one more. */
import type { Outsider } from './access.ts';
import type { Deed } from './deeds.ts';

/** More than the shop's servers allow in all. */
const ENOUGH = 200;

const idle: Outsider[] = [];

export const useUpConnections: Deed = async (_mischief, { shop }) => {
  if (!shop) return;
  try {
    while (idle.length < ENOUGH) idle.push(await shop.access.outsider('stocktaking'));
  } catch {
    // all taken
  }
  await shop.access.openOneMore();
};
