/**
 * The problems of a ledger: each cause that is one, with all of its time, however the ledger splits it over components
 * (web-1, web-2) and evidence (logged, inferred). Think time is nobody's problem.
 */
import type { Cause, Layer } from '../model/layer.ts';
import type { LedgerEntry } from '../model/report.ts';
import type { Nanos } from '../model/time.ts';
import { tellingOf } from './causes/index.ts';

/** A problem that costs less than this is not what made a person wait. */
export const WORTH_A_VERDICT_NS = 20e6;

/** A part of the ledger under one name: a cause, all of its entries. */
export interface Part {
  readonly layer: Layer;
  readonly cause: Cause;
  /** The one that had most of it. */
  readonly component: string;
  readonly ns: Nanos;
  /** Most time first. */
  readonly entries: readonly LedgerEntry[];
}

/** The whole ledger by layer and cause, most time first. */
export function partsOf(ledger: readonly LedgerEntry[]): Part[] {
  const entries = new Map<string, LedgerEntry[]>();
  for (const entry of ledger) {
    const key = `${entry.layer}\u0000${entry.cause}`;
    const known = entries.get(key);
    if (known) known.push(entry);
    else entries.set(key, [entry]);
  }
  return [...entries.values()].map(partOf).sort((a, b) => b.ns - a.ns);
}

function partOf(entries: readonly LedgerEntry[]): Part {
  const byTime = [...entries].sort((a, b) => b.ns - a.ns);
  const { layer, cause } = byTime[0]!;
  const ns = byTime.reduce((sum, entry) => sum + entry.ns, 0);
  return { layer, cause, component: sharesOf(byTime)[0]!.component, ns, entries: byTime };
}

export interface Share {
  readonly component: string;
  readonly ns: Nanos;
}

/** Who had how much of it, most first. */
export function sharesOf(entries: readonly LedgerEntry[]): Share[] {
  const nsOf = new Map<string, Nanos>();
  for (const { component, ns } of entries) nsOf.set(component, (nsOf.get(component) ?? 0) + ns);
  return [...nsOf].map(([component, ns]) => ({ component, ns })).sort((a, b) => b.ns - a.ns);
}

export const isProblem = ({ layer, cause }: Pick<Part, 'layer' | 'cause'>): boolean =>
  layer !== 'think' && tellingOf(cause) !== undefined;

/** What is worth a word by itself, without knowing what is normal. */
export const problemsOf = (ledger: readonly LedgerEntry[]): Part[] =>
  partsOf(ledger).filter((part) => isProblem(part) && part.ns >= WORTH_A_VERDICT_NS);
