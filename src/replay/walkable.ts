/**
 * What of a recording may be walked again: nothing that changes something at a server unless that is allowed, and
 * nothing that needs a value which nobody gave.
 *
 * ```
 * open │ look │ add to cart (POST) │ check out │ pay         a page's steps build on each other: cut before the first
 * GET  │ POST │ GET                                          exchanges stand by themselves: only that one is left out
 * ```
 */
import { variableOf } from './named-values.ts';
import { type LeftOut, type RecordedStep, type Recording, valuesIn } from './recording.ts';

export interface Allowed {
  readonly unsafe: boolean;
  /** Is this value given? */
  readonly has: (value: string) => boolean;
}

export interface Walkable extends Recording {
  /** Names of the steps that are not walked. */
  readonly cut: readonly string[];
}

export function walkable(recording: Recording, allowed: Allowed): Walkable {
  const { steps } = recording;
  const isPath = steps.some((step) => step.actions.some((action) => action.do !== 'request'));
  const reasons = steps.map((step) => reasonAgainst(step, allowed));
  const first = reasons.findIndex((reason) => reason !== undefined);
  const isLeft = (i: number): boolean => reasons[i] !== undefined || (isPath && first >= 0 && i > first);
  const leftOut = steps.flatMap((step, i): LeftOut[] => {
    const reason = reasons[i] ?? (isLeft(i) ? AFTER_ANOTHER : undefined);
    return reason ? [{ what: `step “${step.name}”`, ...reason }] : [];
  });
  return {
    ...recording,
    steps: steps.filter((_, i) => !isLeft(i)),
    cut: steps.filter((_, i) => isLeft(i)).map(({ name }) => name),
    leftOut: [...recording.leftOut, ...leftOut],
  };
}

const AFTER_ANOTHER = { why: 'it comes after a step that is left out' };

function reasonAgainst(step: RecordedStep, { unsafe, has }: Allowed): Omit<LeftOut, 'what'> | undefined {
  const [first] = step.unsafe ?? [];
  if (first !== undefined && !unsafe)
    return {
      why: `it sends ${first}, which changes something at the server`,
      supply: '--unsafe sends it again',
    };
  const missing = [...new Set(step.actions.flatMap(valuesIn))].filter((value) => !has(value));
  if (missing.length === 0) return undefined;
  return {
    why: `the recording does not hold ${missing.length === 1 ? 'a value' : 'values'} that it needs: ${missing.join(', ')}`,
    supply: `${missing.map((value) => `--set ${value}=…`).join(' ')}, or ${missing.map(variableOf).join(', ')} in the environment`,
  };
}
