/** Triggers say in the table `audit` how long they took; this reads it once the visitor's order is placed. */
import { noteInjected } from '../../injected.ts';
import type { Outsider } from './access.ts';
import type { Deed } from './deeds.ts';

const LAST = 'SELECT ms FROM audit WHERE fault = ';

let reader: Outsider | undefined;

export const noteAudit: Deed = Object.assign<Deed, Pick<Deed, 'prepare'>>(
  async ({ fault }, { shop }) => {
    if (!shop) return;
    const { placeOrder } = shop;
    shop.placeOrder = async (order) => {
      shop.placeOrder = placeOrder;
      const placed = await placeOrder(order);
      // the visitor does not wait for this
      noteLast(fault).catch((error) => process.stderr.write(`${fault}: ${error}\n`));
      return placed;
    };
  },
  {
    prepare: async (_mischief, { shop }) => {
      reader ??= await shop?.access.outsider('auditing');
    },
  },
);

async function noteLast(fault: string): Promise<void> {
  const [last] = (await reader?.ask<{ ms: number }>(`${LAST}'${fault}' ORDER BY id DESC LIMIT 1`)) ?? [];
  if (last) noteInjected(fault, last.ms);
}
