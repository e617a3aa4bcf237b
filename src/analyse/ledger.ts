/**
 * The ledger: the critical path cut into pieces, each with layer, component and cause, and then added up.
 * Integer nanoseconds throughout; Σ entries = wall time, always.
 */
import { int32s } from '../model/column-memory.ts';
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

/** What one layer, component, cause and evidence had: pieces by the numbers of their spans. */
interface Account {
  readonly first: PathPiece;
  ns: Nanos;
  readonly numbers: number[];
  readonly nsOfEach: Nanos[];
}

/** Adds up the pieces inside [startNs, endNs], most time first. `pieces` are by time and do not overlap. */
export const ledgerOf = (pieces: readonly PathPiece[], startNs: Nanos, endNs: Nanos): LedgerEntry[] =>
  new PathLedger(pieces).between(startNs, endNs);

/** The same for several stretches of one path: its spans are numbered once. */
export class PathLedger {
  readonly #pieces: readonly PathPiece[];
  readonly #numbers: Int32Array;
  readonly #spanIds: string[] = [];
  /** By number of a span: which entry had it last, and where there. */
  readonly #entryOf: Int32Array;
  readonly #placeOf: Int32Array;
  #entries = 0;

  constructor(pieces: readonly PathPiece[]) {
    this.#pieces = pieces;
    this.#numbers = int32s(pieces.length);
    const numberById = new Map<string, number>();
    for (let i = 0; i < pieces.length; i++) {
      const { spanId } = pieces[i]!;
      let number = numberById.get(spanId);
      if (number === undefined) {
        number = this.#spanIds.push(spanId) - 1;
        numberById.set(spanId, number);
      }
      this.#numbers[i] = number;
    }
    this.#entryOf = int32s(this.#spanIds.length);
    this.#placeOf = int32s(this.#spanIds.length);
  }

  between(startNs: Nanos, endNs: Nanos): LedgerEntry[] {
    const pieces = this.#pieces;
    const accounts = new Accounts();
    for (let i = firstEndingAfter(pieces, startNs); i < pieces.length; i++) {
      const piece = pieces[i]!;
      if (piece.startNs >= endNs) break;
      const ns = Math.min(piece.endNs, endNs) - Math.max(piece.startNs, startNs);
      if (ns <= 0) continue;
      const account = accounts.of(piece);
      account.ns += ns;
      account.numbers.push(this.#numbers[i]!);
      account.nsOfEach.push(ns);
    }
    return accounts.all
      .map((account) => this.#entry(account))
      .sort((a, b) => b.ns - a.ns || order(a.cause, b.cause));
  }

  /** A span that had several pieces is named once. */
  #entry({ first, ns, numbers, nsOfEach }: Account): LedgerEntry {
    const entry = ++this.#entries;
    const spans: number[] = [];
    const nsOfSpan: Nanos[] = [];
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i]!;
      if (this.#entryOf[number] === entry) nsOfSpan[this.#placeOf[number]!]! += nsOfEach[i]!;
      else {
        this.#entryOf[number] = entry;
        this.#placeOf[number] = spans.push(number) - 1;
        nsOfSpan.push(nsOfEach[i]!);
      }
    }
    const mostFirst = Uint32Array.from(spans.keys()).sort((a, b) => nsOfSpan[b]! - nsOfSpan[a]! || a - b);
    const spanIds = Array.from(mostFirst, (place) => this.#spanIds[spans[place]!]!);
    const { layer, component, cause, evidence } = first;
    return { layer, component, cause, ns, evidence, spanIds };
  }
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
    const account = { first: piece, ns: 0, numbers: [], nsOfEach: [] };
    alike.push(account);
    this.all.push(account);
    return account;
  }
}
