/** A constraint that is checked late: the time goes into COMMIT, where nobody looks for it. */
import { auditTable } from './audit.ts';
import type { Fault } from './fault.ts';

export const dbSlowCommit: Fault = {
  name: 'db-slow-commit',
  title: 'The commit of an order is slow',
  how: 'A deferred constraint trigger on orders (PostgreSQL) takes its time when the transaction commits.',
  cost: 'Placing an order waits for it, once.',
  expected: { layer: 'db', cause: 'db.slow_commit' },
  defaultMs: 150,
  apply({ database, mischief }, ms) {
    database.alterations.push(async (db) => {
      if (db.system !== 'postgresql')
        throw new Error(
          'The fault db-slow-commit needs PostgreSQL: MariaDB checks no constraint when it commits.',
        );
      await auditTable(db);
      await db.query(
        `CREATE FUNCTION check_late() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
         DECLARE begun timestamptz := clock_timestamp();
         BEGIN
           PERFORM pg_sleep(${ms / 1_000});
           INSERT INTO audit (fault, ms) VALUES ('db-slow-commit', 1000 * extract(epoch FROM clock_timestamp() - begun));
           RETURN NULL;
         END $$`,
      );
      await db.query(
        `CREATE CONSTRAINT TRIGGER check_late AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION check_late()`,
      );
    });
    mischief.payment.push({ fault: 'db-slow-commit', route: 'POST /charge', deed: 'noteAudit', ms });
  },
};
