/** The faults of the database. */
import { dbConnectionsExhausted } from './db-connections-exhausted.ts';
import { dbDeadlock } from './db-deadlock.ts';
import { dbLockTimeout } from './db-lock-timeout.ts';
import { dbNPlusOne } from './db-n-plus-one.ts';
import { dbRowLock } from './db-row-lock.ts';
import { dbSeqScan } from './db-seq-scan.ts';
import { dbSlowCommit } from './db-slow-commit.ts';
import { dbSlowPlan } from './db-slow-plan.ts';
import { dbSlowTrigger } from './db-slow-trigger.ts';
import { dbSortSpill } from './db-sort-spill.ts';
import { dbTableLock } from './db-table-lock.ts';
import type { Fault } from './fault.ts';

export const databaseFaults: readonly Fault[] = [
  dbConnectionsExhausted,
  dbDeadlock,
  dbLockTimeout,
  dbNPlusOne,
  dbRowLock,
  dbSeqScan,
  dbSlowCommit,
  dbSlowPlan,
  dbSlowTrigger,
  dbSortSpill,
  dbTableLock,
];
