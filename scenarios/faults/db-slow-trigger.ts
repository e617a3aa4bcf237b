/**
 * A trigger computes with each new order. It says itself how long it took, in a table that the services only write to.
 */
import type { Database } from '../shop/settings.ts';
import { auditTable } from './audit.ts';
import type { Fault } from './fault.ts';
import { fitTo } from './fit.ts';

export const dbSlowTrigger: Fault = {
  name: 'db-slow-trigger',
  title: 'A trigger computes while an order is added',
  how: 'AFTER INSERT ON orders, a trigger computes checksums, as many as it takes.',
  cost: 'Placing an order waits for it, once.',
  expected: { layer: 'db', cause: 'db.slow_plan' },
  defaultMs: 150,
  apply({ database, mischief }, ms) {
    database.alterations.push((db) => addTrigger(db, ms));
    mischief.payment.push({ fault: 'db-slow-trigger', route: 'POST /charge', deed: 'noteAudit', ms });
  },
};

async function addTrigger(db: Database, ms: number): Promise<void> {
  await auditTable(db);
  await db.query('CREATE TABLE checksum_rounds (rounds integer)');
  await db.query('INSERT INTO checksum_rounds VALUES (1)');
  for (const sql of TRIGGER[db.system]) await db.query(sql);
  await fitTo({
    wantedMs: ms,
    amount: 50_000,
    power: 1,
    most: 50_000_000,
    set: async (rounds) => {
      await db.query(`UPDATE checksum_rounds SET rounds = ${rounds}`);
    },
    run: () => db.query('SELECT checksums()'),
  });
}

const TRIGGER = {
  postgresql: [
    `CREATE FUNCTION checksums() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
     DECLARE total integer := 0;
     BEGIN
       FOR i IN 1 .. (SELECT rounds FROM checksum_rounds) LOOP total := total + length(md5(i::text)); END LOOP;
       RETURN total;
     END $$`,
    `CREATE FUNCTION checksum_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
     DECLARE begun timestamptz := clock_timestamp();
     BEGIN
       PERFORM checksums();
       INSERT INTO audit (fault, ms) VALUES ('db-slow-trigger', 1000 * extract(epoch FROM clock_timestamp() - begun));
       RETURN NULL;
     END $$`,
    'CREATE TRIGGER checksum_order AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION checksum_order()',
  ],
  mariadb: [
    `CREATE FUNCTION checksums() RETURNS integer READS SQL DATA
     BEGIN
       DECLARE total, i, most integer DEFAULT 0;
       SELECT rounds INTO most FROM checksum_rounds;
       WHILE i < most DO SET i = i + 1; SET total = total + length(md5(i)); END WHILE;
       RETURN total;
     END`,
    `CREATE TRIGGER checksum_order AFTER INSERT ON orders FOR EACH ROW
     BEGIN
       DECLARE begun datetime(6) DEFAULT sysdate(6);
       DECLARE total integer DEFAULT checksums();
       INSERT INTO audit (fault, ms)
       VALUES ('db-slow-trigger', timestampdiff(microsecond, begun, sysdate(6)) / 1000);
     END`,
  ],
} as const;
