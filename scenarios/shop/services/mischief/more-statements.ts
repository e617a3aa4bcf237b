/** Statements that the service asks on top of its own, timed by its own clock. */
import { noteInjected } from '../../injected.ts';
import type { DatabaseAccess } from './access.ts';
import type { Deed, Tools } from './deeds.ts';

type BySystem = Readonly<Record<DatabaseAccess['system'], string>>;

/** The tables are made by the faults; how many rows they have decides how long this takes. */
const STATEMENTS: Readonly<Record<string, BySystem>> = {
  'sort-spill': {
    postgresql: 'SELECT id FROM parcel ORDER BY note, id OFFSET 100000000',
    mariadb: 'SELECT id FROM parcel ORDER BY note, id LIMIT 100000000, 1',
  },
  'slow-plan': {
    postgresql:
      'SELECT count(*) AS overtaken FROM delivery AS one JOIN delivery AS other ON other.sent > one.sent AND other.arrived < one.arrived',
    mariadb:
      'SELECT count(*) AS overtaken FROM delivery AS one JOIN delivery AS other ON other.lane = one.lane WHERE other.sent > one.sent AND other.arrived < one.arrived',
  },
};

const accessOf = ({ shop }: Tools): DatabaseAccess => {
  if (!shop) throw new Error('This service has no database.');
  return shop.access;
};

export const statementOf = (name: string, system: DatabaseAccess['system']): string =>
  STATEMENTS[name]?.[system] ?? '';

/** Options: `statement`. */
export const askMore: Deed = async ({ fault, options }, tools) => {
  const { ask, system } = accessOf(tools);
  await timed(fault, () => ask(statementOf(String(options?.statement), system)));
};

const ONE_ITEM: BySystem = {
  postgresql: 'SELECT id, stock FROM product WHERE id = $1',
  mariadb: 'SELECT id, stock FROM product WHERE id = ?',
};
const PRODUCTS = 20;

/** One by one what one statement could have told, as often as it takes. */
export const loopOverRows: Deed = async ({ fault, ms }, tools) => {
  const { ask, system } = accessOf(tools);
  const endMs = performance.now() + ms;
  await timed(fault, async () => {
    for (let i = 0; performance.now() < endMs; i++) await ask(ONE_ITEM[system], [1 + (i % PRODUCTS)]);
  });
};

async function timed(fault: string, body: () => Promise<unknown>): Promise<void> {
  const startMs = performance.now();
  await body();
  noteInjected(fault, performance.now() - startMs);
}

/** Times the service's own lookup once: something outside has made it slow. */
export const timeLookup: Deed = async ({ fault }, { shop }) => {
  if (!shop) return;
  const { earlierReturns } = shop;
  shop.earlierReturns = async (email) => {
    shop.earlierReturns = earlierReturns;
    const startMs = performance.now();
    const returns = await earlierReturns(email);
    noteInjected(fault, performance.now() - startMs);
    return returns;
  };
};
