/**
 * Two transactions want what the other has; the database ends the service's, and the service tries again.
 * ```
 * // visitor  | row 19 |        | row 20: waits -------------✗| rollback |  again | row 19 | row 20 |
 * // other            | row 20 |    | row 19: waits ---------------------| commit |
 * ```
 * PostgreSQL finds it `deadlock_timeout` after the visitor began to wait; MariaDB at once, so there the other waits
 * before it closes the circle. MariaDB ends the one that has changed fewer rows.
 */
import { noteInjected } from '../../injected.ts';
import type { DatabaseAccess } from './access.ts';
import type { Deed } from './deeds.ts';
import { Holder, sleepUntil } from './lock-holder.ts';

const TAKE: Readonly<Record<DatabaseAccess['system'], string>> = {
  postgresql: 'UPDATE product SET stock = stock WHERE id = $1',
  mariadb: 'UPDATE product SET stock = stock WHERE id = ?',
};
const [MINE, YOURS] = [19, 20];
/** Makes its transaction the heavier one. */
const MUCH_WORK = 'UPDATE customer SET name = concat(name, ?) WHERE id <= 50';
const DEADLOCK = /deadlock/i;

let other: Holder | undefined;

export const runIntoDeadlock: Deed = Object.assign<Deed, Pick<Deed, 'prepare'>>(
  async ({ fault, ms }, { shop }) => {
    if (!other || !shop) throw new Error(`${fault} needs a database and a warm-up.`);
    const { system, inTransaction } = shop.access;
    await other.ask('BEGIN');
    if (system === 'mariadb') await other.ask(MUCH_WORK, ['.']);
    await other.ask(TAKE[system], [YOURS]);
    closeCircle(other, system, ms).catch((error) => process.stderr.write(`${fault}: ${error}\n`));
    const both = () =>
      inTransaction(async (ask) => {
        await ask(TAKE[system], [MINE]);
        const startMs = performance.now();
        try {
          await ask(TAKE[system], [YOURS]);
        } catch (error) {
          noteInjected(fault, performance.now() - startMs);
          throw error;
        }
      });
    await both().catch((error) => {
      if (!DEADLOCK.test(String(error))) throw error;
      return both();
    });
  },
  {
    prepare: async (_mischief, { shop }) => {
      other = shop && (await Holder.open(shop.access));
      void new Error('reading source maps takes a while, once').stack;
    },
  },
);

async function closeCircle(holder: Holder, system: DatabaseAccess['system'], ms: number): Promise<void> {
  const sinceMs = await holder.someoneWaits();
  if (sinceMs !== undefined && system === 'mariadb') await sleepUntil(sinceMs + ms);
  if (sinceMs !== undefined) await holder.ask(TAKE[system], [MINE]);
  await holder.ask('COMMIT');
}
