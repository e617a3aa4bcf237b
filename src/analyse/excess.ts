/**
 * What a run had more than usual, and what of that may be blamed. A known problem may be in any run, for it says why. Plain
 * work is blamed only when it was surprisingly long by itself, and the whole run says the same:
 *
 * ```
 * // usual    |-dns-|--page--|--service--|
 * // blamed   |-dns-|--page--|--service-----------------|     one part carries the slowdown
 * // spread   |--dns--|----page----|-----service-----|        everything took longer: the machine was busy
 * // moved    |-dns-|--|--service--------|                     what one part lost, another one got: by chance
 * ```
 */
import type { Nanos } from '../model/time.ts';
import {
  componentKey,
  isOfSite,
  type JudgedRun,
  keyOf,
  ledgersOf,
  type Normal,
  sideNs,
  sideOf,
  siteNs,
  WHOLE_RUN,
} from './normal.ts';
import { isProblem, type Part, partsOf } from './problems.ts';
import { excessOf, NEVER, surpriseOf, type Typical } from './surprise.ts';

/** A part of a run's time that is longer than it ever is by chance. */
export interface Excess {
  /** Its component is the one with the largest excess. */
  readonly part: Part;
  /** More than usual. */
  readonly ns: Nanos;
  readonly usualNs: Nanos;
}

type Run = Pick<JudgedRun, 'ledger' | 'steps'>;

/** Of the slowdown that the problems leave, plain work must carry this share to be blamed for it. */
const CARRIES_MOST = 0.5;
/** Where no CPU was left, all work waits for its turn, and one part of it longer than the others by bad luck. */
const CARRIES_MOST_IN_A_CROWD = 2 / 3;
/** And the run must have been slower by this share of what the part had more, or another part gave what this one got. */
const SHOWS_IN_THE_RUN = 0.5;
/** A part that takes less than this, in ns, says nothing of how fast the machine is: its clock's steps are seen. */
const TELLS_PACE_NS = 5e6;

/** What may be blamed, most excess first. @param isCrowded the host that observed had no CPU left */
export function excessesOf(run: Run, normal: Normal, isCrowded = false): Excess[] {
  const parts = partsOf(run.ledger).filter(({ layer }) => layer !== 'think');
  const ledgers = ledgersOf(run);
  const problems = parts.filter(isProblem).flatMap((part) => problemExcess(part, ledgers, normal) ?? []);
  const context = { run, plain: plainWorkIn(run), problems, normal, isCrowded };
  const blamed = context.plain.flatMap((part) => plainExcess(part, context) ?? []);
  return [...problems, ...blamed].sort((a, b) => b.ns - a.ns);
}

/** What the site did in the run that is nobody's fault by itself. */
export const plainWorkIn = ({ ledger }: Pick<Run, 'ledger'>): Part[] =>
  partsOf(ledger).filter((part) => isOfSite(part) && !isProblem(part));

/**
 * The excess over the whole run, or that of the steps that stand out, whichever is more:
 * ```
 * // usual  step 1 |--|      step 2 |--------|
 * // this   step 1 |--------| step 2 |--|          the run's sum is as usual; step 1 is not
 * ```
 */
function problemExcess(
  part: Part,
  ledgers: ReturnType<typeof ledgersOf>,
  normal: Normal,
): Excess | undefined {
  const inStep = ledgers.map(([step, ledger]) => {
    const ns = ledger.filter((e) => keyOf('', e) === keyOf('', part)).reduce((sum, e) => sum + e.ns, 0);
    return { step, ns: excessOf(ns, normal.parts.get(keyOf(step, part)) ?? NEVER) };
  });
  const whole = inStep.find(({ step }) => step === WHOLE_RUN)?.ns ?? 0;
  const steps = inStep.reduce((sum, { step, ns }) => sum + (step === WHOLE_RUN ? 0 : ns), 0);
  return excess(part, Math.min(Math.max(whole, steps), part.ns), normal);
}

interface Context {
  readonly run: Run;
  /** Plain work of the site. */
  readonly plain: readonly Part[];
  readonly problems: readonly Excess[];
  readonly normal: Normal;
  readonly isCrowded: boolean;
}

function plainExcess(part: Part, context: Context): Excess | undefined {
  const { plain, normal } = context;
  const typical = typicalPart(part, normal);
  const pace = paceOf(
    plain.filter((other) => other !== part),
    normal,
  );
  // What the pace of all the other work explains is not this part's own.
  const ownNs = part.ns - typical.medianNs * (pace - 1);
  const isSurprising = surpriseOf(part.ns, typical) > 0 && surpriseOf(ownNs, typical) > 0;
  const moreNs = part.ns - typical.medianNs;
  return isSurprising && isWhyTheRunWasSlower(part, moreNs, context)
    ? excess(part, moreNs, normal)
    : undefined;
}

/** Parts give and take by chance, and on a busy machine all of them take longer. */
function isWhyTheRunWasSlower(part: Part, moreNs: Nanos, context: Context): boolean {
  const { run, problems, normal, isCrowded } = context;
  const side = sideOf(part.layer);
  const onSide = problems.filter((problem) => sideOf(problem.part.layer) === side);
  if (excessOf(sideNs(run, side) - explainedBy(onSide), normal.sides[side]) === 0) return false;
  const share = isCrowded ? CARRIES_MOST_IN_A_CROWD : CARRIES_MOST;
  const slowerNs = siteNs(run) - explainedBy(problems) - normal.site.medianNs;
  return slowerNs >= moreNs * SHOWS_IN_THE_RUN && moreNs >= slowerNs * share;
}

const explainedBy = (problems: readonly Excess[]): Nanos => problems.reduce((sum, { ns }) => sum + ns, 0);

export const typicalPart = (part: Pick<Part, 'layer' | 'cause'>, { parts }: Normal): Typical =>
  parts.get(keyOf(WHOLE_RUN, part)) ?? NEVER;

/** How many times as long as usual work took, in the middle of these parts by time; at least 1. */
export function paceOf(parts: readonly Part[], normal: Normal): number {
  const paces = parts
    .map((part) => ({ ns: part.ns, usualNs: typicalPart(part, normal).medianNs }))
    .filter(({ usualNs }) => usualNs >= TELLS_PACE_NS)
    .map(({ ns, usualNs }) => ({ pace: ns / usualNs, usualNs }))
    .sort((a, b) => a.pace - b.pace);
  let left = paces.reduce((sum, { usualNs }) => sum + usualNs, 0) / 2;
  for (const { pace, usualNs } of paces) {
    left -= usualNs;
    if (left <= 0) return Math.max(1, pace);
  }
  return 1;
}

function excess(part: Part, ns: Nanos, normal: Normal): Excess | undefined {
  if (ns === 0) return undefined;
  const usualNs = typicalPart(part, normal).medianNs;
  return { part: { ...part, component: mostUnusual(part, normal) }, ns, usualNs };
}

function mostUnusual({ entries, component }: Part, { parts }: Normal): string {
  const more = new Map<string, Nanos>();
  for (const entry of entries) {
    const before = more.get(entry.component) ?? -(parts.get(componentKey(WHOLE_RUN, entry))?.medianNs ?? 0);
    more.set(entry.component, before + entry.ns);
  }
  return [...more].sort((a, b) => b[1] - a[1])[0]?.[0] ?? component;
}
