/** Steps side by side, each with its layers; what lies outside of all steps is one row more, so that nothing is lost. */
import type { LayerChange, Presence, StepChange } from '../../model/comparison.ts';
import type { RunReport, StepReport } from '../../model/report.ts';
import { layerChanges } from './parts.ts';

type Stepped = Pick<RunReport, 'steps' | 'ledger' | 'wallNs'>;

/** Of steps with the same name, the first belongs to the first. */
export function stepChanges(a: Stepped, b: Stepped): StepChange[] {
  const steps = pairSteps(a.steps, b.steps).map(([inA, inB]) => stepChange(inA, inB));
  const outside = outsideOf(a, b, steps);
  return outside ? [...steps, outside] : steps;
}

type StepPair = readonly [a: StepReport | undefined, b: StepReport | undefined];

function pairSteps(ofA: readonly StepReport[], ofB: readonly StepReport[]): StepPair[] {
  const waiting = new Map<string, StepReport[]>();
  for (const step of ofB) waiting.set(step.name, [...(waiting.get(step.name) ?? []), step]);
  const pairs: StepPair[] = ofA.map((step) => [step, waiting.get(step.name)?.shift()]);
  for (const step of [...waiting.values()].flat()) pairs.push([undefined, step]);
  const began = ([inA, inB]: StepPair): number =>
    Math.min(inA?.startNs ?? Number.POSITIVE_INFINITY, inB?.startNs ?? Number.POSITIVE_INFINITY);
  return pairs.sort((x, y) => began(x) - began(y));
}

function stepChange(a: StepReport | undefined, b: StepReport | undefined): StepChange {
  const [aNs, bNs] = [a?.wallNs ?? 0, b?.wallNs ?? 0];
  return {
    name: a?.name ?? b?.name ?? '',
    kind: presenceOf(a, b),
    aNs,
    bNs,
    deltaNs: aNs - bNs,
    layers: layerChanges(a?.ledger ?? [], b?.ledger ?? []),
  };
}

export const presenceOf = (a: unknown, b: unknown): Presence => (a ? (b ? 'both' : 'added') : 'removed');

function outsideOf(a: Stepped, b: Stepped, steps: readonly StepChange[]): StepChange | undefined {
  const aNs = a.wallNs - steps.reduce((sum, step) => sum + step.aNs, 0);
  const bNs = b.wallNs - steps.reduce((sum, step) => sum + step.bNs, 0);
  if (aNs === 0 && bNs === 0) return undefined;
  const layers = layerChanges(a.ledger, b.ledger)
    .map((whole) => without(whole, steps))
    .filter(({ aNs, bNs }) => aNs !== 0 || bNs !== 0);
  return { name: null, kind: 'both', aNs, bNs, deltaNs: aNs - bNs, layers };
}

function without(whole: LayerChange, steps: readonly StepChange[]): LayerChange {
  let { aNs, bNs } = whole;
  for (const { layers } of steps)
    for (const part of layers) {
      if (part.layer !== whole.layer) continue;
      aNs -= part.aNs;
      bNs -= part.bNs;
    }
  return { layer: whole.layer, aNs, bNs, deltaNs: aNs - bNs };
}
