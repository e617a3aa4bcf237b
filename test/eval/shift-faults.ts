/**
 * Real faults: rows of recorded quiet runs, then the demo's recorded run with the fault, again and again with the noise of
 * a row. There is one recording of each fault, so what was odd in it by chance is odd in every repetition.
 */
import { type Fault, faults } from '../../scenarios/faults/index.ts';
import { shiftsIn } from '../../src/analyse/shift/shifts-in.ts';
import type { Shift, ShiftRun } from '../../src/model/shift.ts';
import { readRun, viewOf } from '../fixtures/recorded-run.ts';
import type { PoolRun } from '../fixtures/shift-runs.ts';
import { randomFrom } from './random.ts';
import { rowOf } from './shift-worlds.ts';

const PAST = 60;
const AFTER = 5;

export interface FaultTold {
  readonly fault: Fault;
  /** What stands first; undefined when nothing was told as slower. */
  readonly first?: Shift;
}

/** Those that end well; a failed run has no times to compare. @param only all faults when missing */
export function measureFaults(pool: readonly PoolRun[], only?: readonly string[]): FaultTold[] {
  return Object.values(faults)
    .filter(({ name }) => only === undefined || only.includes(name))
    .flatMap((fault) => {
      const row = rowWithFault(fault.name, pool);
      if (!row) return [];
      const first = shiftsIn(row).find(({ direction }) => direction === 'slower');
      return [{ fault, ...(first && { first }) }];
    });
}

function rowWithFault(name: string, pool: readonly PoolRun[]): ShiftRun[] | undefined {
  const { report } = viewOf(readRun(name));
  if (report.status !== 'ok') return undefined;
  const { site, conditions } = pool[0]!;
  const random = randomFrom(`fault ${name}`);
  const quiet = rowOf(pool, PAST + AFTER, 'recorded', random);
  const faulty = rowOf([{ ...report, site, conditions }], AFTER, 'noisier', random);
  return quiet.map(({ traceId, startUnixNano, ...run }, at) =>
    at < PAST ? { traceId, startUnixNano, ...run } : { ...faulty[at - PAST]!, traceId, startUnixNano },
  );
}

export const isRight = ({ fault, first }: FaultTold): boolean => first?.layer === fault.expected.layer;
