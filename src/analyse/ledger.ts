/**
 * The ledger: the critical path cut into pieces, each with layer, component and cause, and then added up.
 * Integer nanoseconds throughout; Σ entries = wall time, always.
 */
import type { LedgerEntry, PathPiece } from '../model/report.ts';
import type { Nanos } from '../model/time.ts';
import { blameOf } from './causes/index.ts';
import type { Blame } from './causes/rule.ts';
import type { Segment } from './segment.ts';
import type { Tree } from './tree.ts';

export function piecesOf(segments: readonly Segment[], tree: Tree): PathPiece[] {
  const pieces: PathPiece[] = [];
  for (const segment of segments) {
    const blame = blameOf(segment, tree);
    const { usual } = blame;
    const usualNs = usual ? Math.min(Math.round(usual.ns), segment.endNs - segment.startNs) : 0;
    if (!usual || usualNs <= 0) {
      pieces.push(pieceOf(segment, blame));
      continue;
    }
    const [first, rest] = cut(segment, usualNs);
    pieces.push({ ...pieceOf(first, usual), evidence: 'inferred' });
    if (rest.endNs > rest.startNs) pieces.push(pieceOf(rest, blame));
  }
  return pieces;
}

/**
 * ```
 * // segment   |------------------------|
 * // usual     |-----|                      derived from other spans: inferred, and put first since nobody saw where it lay
 * // cause           |------------------|
 * ```
 */
const cut = (segment: Segment, usualNs: Nanos): [Segment, Segment] => [
  { ...segment, endNs: segment.startNs + usualNs },
  { ...segment, startNs: segment.startNs + usualNs },
];

function pieceOf({ span, startNs, endNs, situation }: Segment, blame: Omit<Blame, 'usual'>): PathPiece {
  const isInferred = situation !== 'self' && situation !== 'uncovered';
  return {
    startNs,
    endNs,
    layer: blame.layer ?? span.layer,
    component: blame.component ?? span.component,
    cause: blame.cause,
    evidence: isInferred ? 'inferred' : span.evidence,
    spanId: span.spanId,
  };
}

interface Account {
  readonly first: PathPiece;
  ns: Nanos;
  /** Of each span: its number, in the order in which they came. */
  readonly numberBySpanId: Map<string, number>;
  readonly nsByNumber: Nanos[];
}

/** Adds up the pieces inside [startNs, endNs], most time first. `pieces` are by time and do not overlap. */
export function ledgerOf(pieces: readonly PathPiece[], startNs: Nanos, endNs: Nanos): LedgerEntry[] {
  const accounts = new Accounts();
  for (let i = firstEndingAfter(pieces, startNs); i < pieces.length; i++) {
    const piece = pieces[i]!;
    if (piece.startNs >= endNs) break;
    const ns = Math.min(piece.endNs, endNs) - Math.max(piece.startNs, startNs);
    if (ns <= 0) continue;
    const account = accounts.of(piece);
    addTo(account, piece.spanId, ns);
  }
  return accounts.all.map(entryOf).sort((a, b) => b.ns - a.ns || order(a.cause, b.cause));
}

function addTo(account: Account, spanId: string, ns: Nanos): void {
  account.ns += ns;
  const number = account.numberBySpanId.get(spanId);
  if (number === undefined) account.numberBySpanId.set(spanId, account.nsByNumber.push(ns) - 1);
  else account.nsByNumber[number]! += ns;
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function firstEndingAfter(pieces: readonly PathPiece[], t: Nanos): number {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pieces[middle]!.endNs > t) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** One for each layer, component, cause and evidence. */
class Accounts {
  readonly all: Account[] = [];
  readonly #byCause = new Map<string, Account[]>();

  of(piece: PathPiece): Account {
    const { layer, component, cause, evidence } = piece;
    const alike = this.#byCause.get(cause) ?? [];
    if (alike.length === 0) this.#byCause.set(cause, alike);
    for (const account of alike) {
      const { first } = account;
      if (first.component === component && first.layer === layer && first.evidence === evidence)
        return account;
    }
    const account = { first: piece, ns: 0, numberBySpanId: new Map<string, number>(), nsByNumber: [] };
    alike.push(account);
    this.all.push(account);
    return account;
  }
}

function entryOf({ first, ns, numberBySpanId, nsByNumber }: Account): LedgerEntry {
  const ids = [...numberBySpanId.keys()];
  const mostFirst = Uint32Array.from(ids.keys()).sort((a, b) => nsByNumber[b]! - nsByNumber[a]! || a - b);
  const spanIds = Array.from(mostFirst, (number) => ids[number]!);
  const { layer, component, cause, evidence } = first;
  return { layer, component, cause, ns, evidence, spanIds };
}
