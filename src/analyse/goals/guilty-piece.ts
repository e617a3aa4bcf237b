/** Who had most of the time that a budget is about. */
import type { GuiltyPiece } from '../../model/goals.ts';
import type { RunReport } from '../../model/report.ts';
import { isProblem, type Part, partsOf } from '../problems.ts';
import { PLAIN_MUST_OUTWEIGH } from '../verdict.ts';
import type { BudgetAim } from './spent.ts';

type Ledgers = Pick<RunReport, 'ledger' | 'steps'>;

/**
 * The heaviest part, weighed as verdicts do: only a problem says why, so normal work must be far more. The visitor's
 * time to think is blamed for its own budget only.
 */
export function guiltyPiece(report: Ledgers, aim: BudgetAim): GuiltyPiece | undefined {
  const parts = partsOf(ledgerOf(report, aim)).filter(({ layer, ns }) => ns > 0 && isAbout(layer, aim));
  const heaviest = parts.reduce<Part | undefined>(
    (most, part) => (most === undefined || weight(part) > weight(most) ? part : most),
    undefined,
  );
  if (!heaviest) return undefined;
  const { layer, component, cause, ns } = heaviest;
  return { layer, component, cause, ns };
}

const ledgerOf = (report: Ledgers, { step }: BudgetAim) =>
  step === null
    ? report.ledger
    : report.steps.filter(({ name }) => name === step).flatMap(({ ledger }) => ledger);

const isAbout = (layer: Part['layer'], { of }: BudgetAim): boolean =>
  of === 'total' ? layer !== 'think' : layer === of;

const weight = (part: Part): number => (isProblem(part) ? part.ns * PLAIN_MUST_OUTWEIGH : part.ns);
