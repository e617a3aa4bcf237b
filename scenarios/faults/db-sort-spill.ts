import { statementOf } from '../shop/services/mischief/more-statements.ts';
import type { Fault } from './fault.ts';
import { fill, fitTo, newTable } from './fit.ts';

/** Less than the rows need, whatever was asked for. */
const SORT_MEMORY = { postgresql: ['work_mem', '256kB'], mariadb: ['sort_buffer_size', '262144'] } as const;

export const dbSortSpill: Fault = {
  name: 'db-sort-spill',
  title: 'A sort does not fit into its memory',
  how: 'One statement sorts more rows than work_mem (sort_buffer_size) holds; the rest goes to temporary files.',
  cost: 'Placing an order waits for it, once.',
  expected: { layer: 'db', cause: 'db.sort_spill' },
  defaultMs: 150,
  apply({ database, mischief }, ms) {
    database.alterations.push(async (db) => {
      const [setting, value] = SORT_MEMORY[db.system];
      await db.query(
        db.system === 'postgresql'
          ? `ALTER ROLE ALL SET ${setting} = '${value}'`
          : `SET GLOBAL ${setting} = ${value}`,
      );
      if (db.system === 'postgresql') await db.query(`SET ${setting} = '${value}'`);
      await newTable(db, 'parcel', 'id integer, note varchar(100)');
      await fitTo({
        wantedMs: ms,
        amount: 20_000,
        power: 1,
        most: 2_000_000,
        set: (rows) => fill(db, 'parcel', rows, "n, concat(md5(concat('', n)), md5(concat('x', n)))"),
        run: () => db.query(statementOf('sort-spill', db.system)),
      });
    });
    mischief.payment.push({
      fault: 'db-sort-spill',
      route: 'POST /charge',
      deed: 'askMore',
      ms,
      options: { statement: 'sort-spill' },
    });
  },
};
