/** Two ledgers side by side: by part (layer, component, cause) and by layer. Σ Δ = Δ of the wall times, always. */
import type { LayerChange, PartChange } from '../../model/comparison.ts';
import { LAYERS, type Layer } from '../../model/layer.ts';
import type { LedgerEntry } from '../../model/report.ts';
import type { Nanos } from '../../model/time.ts';
import { lastingName } from '../lasting-name.ts';

interface Account {
  readonly layer: Layer;
  readonly component: string;
  readonly cause: string;
  readonly a: Side;
  readonly b: Side;
}

interface Side {
  ns: Nanos;
  inferredNs: Nanos;
  mostNs: Nanos;
  spanId: string | null;
}

const nothing = (): Side => ({ ns: 0, inferredNs: 0, mostNs: 0, spanId: null });

export function partChanges(a: readonly LedgerEntry[], b: readonly LedgerEntry[]): PartChange[] {
  const accounts = new Map<string, Account>();
  const add = (entry: LedgerEntry, which: 'a' | 'b'): void => {
    const { layer, cause } = entry;
    const component = lastingName(entry.component);
    const key = `${layer}\u0000${cause}\u0000${component}`;
    const account = accounts.get(key) ?? { layer, component, cause, a: nothing(), b: nothing() };
    accounts.set(key, account);
    enter(account[which], entry);
  };
  for (const entry of a) add(entry, 'a');
  for (const entry of b) add(entry, 'b');
  return [...accounts.values()].map(changeOf).sort(largestFirst);
}

function enter(side: Side, { ns, evidence, spanIds }: LedgerEntry): void {
  side.ns += ns;
  if (evidence === 'inferred') side.inferredNs += ns;
  if (ns <= side.mostNs) return;
  side.mostNs = ns;
  side.spanId = spanIds[0] ?? null;
}

const isInferred = ({ ns, inferredNs }: Side): boolean => inferredNs > 0 && inferredNs * 2 >= ns;

const changeOf = ({ layer, component, cause, a, b }: Account): PartChange => ({
  layer,
  component,
  cause,
  aNs: a.ns,
  bNs: b.ns,
  deltaNs: a.ns - b.ns,
  aInferred: isInferred(a),
  bInferred: isInferred(b),
  aSpanId: a.spanId,
  bSpanId: b.spanId,
});

const order = (x: string, y: string): number => (x < y ? -1 : x > y ? 1 : 0);

/** Of parts that changed alike, the larger one; then by name, so that both ways round give the same order. */
export const largestFirst = (x: PartChange, y: PartChange): number =>
  Math.abs(y.deltaNs) - Math.abs(x.deltaNs) ||
  Math.max(y.aNs, y.bNs) - Math.max(x.aNs, x.bNs) ||
  order(`${x.layer} ${x.cause}\u0000${x.component}`, `${y.layer} ${y.cause}\u0000${y.component}`);

export function layerChanges(
  a: readonly Pick<LedgerEntry, 'layer' | 'ns'>[],
  b: readonly Pick<LedgerEntry, 'layer' | 'ns'>[],
): LayerChange[] {
  const [inA, inB] = [sumByLayer(a), sumByLayer(b)];
  return LAYERS.flatMap((layer) => {
    const [aNs, bNs] = [inA.get(layer) ?? 0, inB.get(layer) ?? 0];
    return aNs === 0 && bNs === 0 ? [] : [{ layer, aNs, bNs, deltaNs: aNs - bNs }];
  });
}

function sumByLayer(entries: readonly Pick<LedgerEntry, 'layer' | 'ns'>[]): Map<Layer, Nanos> {
  const sums = new Map<Layer, Nanos>();
  for (const { layer, ns } of entries) sums.set(layer, (sums.get(layer) ?? 0) + ns);
  return sums;
}
