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

/** The pieces, and by piece the place of its span: numbers are quicker to add up by than ids. */
export interface PathPieces {
  readonly pieces: PathPiece[];
  readonly places: number[];
}

export function piecesOf(segments: readonly Segment[], tree: Tree): PathPieces {
  const pieces: PathPiece[] = [];
  const places: number[] = [];
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i]!;
    const place = tree.placeOf(segment.span);
    const blame = blameOf(segment, tree);
    const { usual } = blame;
    const usualNs = usual ? Math.min(Math.round(usual.ns), segment.endNs - segment.startNs) : 0;
    if (!usual || usualNs <= 0) {
      pieces.push(pieceOf(segment, blame));
      places.push(place);
      continue;
    }
    const [first, rest] = cut(segment, usualNs);
    pieces.push({ ...pieceOf(first, usual), evidence: 'inferred' });
    places.push(place);
    if (rest.endNs <= rest.startNs) continue;
    pieces.push(pieceOf(rest, blame));
    places.push(place);
  }
  return { pieces, places };
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

/** What one layer, component, cause and evidence had. */
interface Account {
  readonly number: number;
  readonly first: PathPiece;
  ns: Nanos;
  pieces: number;
}

/** Adds up the pieces inside [startNs, endNs], most time first. `pieces` are by time and do not overlap. */
export const ledgerOf = (pieces: readonly PathPiece[], startNs: Nanos, endNs: Nanos): LedgerEntry[] =>
  new PathLedger({ pieces, places: numbered(pieces) }).between(startNs, endNs);

/** One number for each span, counted from 0. */
function numbered(pieces: readonly PathPiece[]): number[] {
  const numberById = new Map<string, number>();
  for (const { spanId } of pieces) if (!numberById.has(spanId)) numberById.set(spanId, numberById.size);
  return pieces.map(({ spanId }) => numberById.get(spanId)!);
}

/**
 * The same for several stretches of one path.
 * ```
 * // pieces      db  web  db  net  web     each with its account
 * // byAccount    0    2   1    4   3      numbers of pieces, those of one account side by side
 * ```
 */
export class PathLedger {
  readonly #pieces: readonly PathPiece[];
  readonly #places: readonly number[];
  /** By piece. */
  readonly #accountOf: Int32Array;
  readonly #byAccount: Int32Array;
  /** By place of a span: which entry had it last, and where there. */
  readonly #entryOf: Int32Array;
  readonly #rankOf: Int32Array;
  #entries = 0;

  constructor({
    pieces,
    places,
  }: { readonly pieces: readonly PathPiece[]; readonly places: readonly number[] }) {
    this.#pieces = pieces;
    this.#places = places;
    this.#accountOf = int32s(pieces.length);
    this.#byAccount = int32s(pieces.length);
    let most = -1;
    for (let i = 0; i < places.length; i++) if (places[i]! > most) most = places[i]!;
    this.#entryOf = int32s(most + 1);
    this.#rankOf = int32s(most + 1);
  }

  between(startNs: Nanos, endNs: Nanos): LedgerEntry[] {
    const pieces = this.#pieces;
    const accounts = new Accounts();
    const from = firstEndingAfter(pieces, startNs);
    let to = from;
    for (; to < pieces.length && pieces[to]!.startNs < endNs; to++) {
      const piece = pieces[to]!;
      const ns = Math.min(piece.endNs, endNs) - Math.max(piece.startNs, startNs);
      if (ns <= 0) {
        this.#accountOf[to] = NO_ACCOUNT;
        continue;
      }
      const account = accounts.of(piece);
      account.ns += ns;
      account.pieces++;
      this.#accountOf[to] = account.number;
    }
    const firsts = this.#groupByAccount(accounts.all, from, to);
    return accounts.all
      .map((account) => this.#entry(account, firsts[account.number]!, startNs, endNs))
      .sort((a, b) => b.ns - a.ns || order(a.cause, b.cause));
  }

  /** @returns by account, where its pieces begin */
  #groupByAccount(accounts: readonly Account[], from: number, to: number): number[] {
    const firsts: number[] = [];
    let first = 0;
    for (const { pieces } of accounts) {
      firsts.push(first);
      first += pieces;
    }
    const nexts = [...firsts];
    for (let i = from; i < to; i++) {
      const account = this.#accountOf[i]!;
      if (account !== NO_ACCOUNT) this.#byAccount[nexts[account]!++] = i;
    }
    return firsts;
  }

  /** A span that had several pieces is named once. */
  #entry({ first, ns, pieces }: Account, from: number, startNs: Nanos, endNs: Nanos): LedgerEntry {
    const entry = ++this.#entries;
    const firstPieces: number[] = [];
    const nsOfSpan: Nanos[] = [];
    for (let at = from; at < from + pieces; at++) {
      const i = this.#byAccount[at]!;
      const piece = this.#pieces[i]!;
      const pieceNs = Math.min(piece.endNs, endNs) - Math.max(piece.startNs, startNs);
      const place = this.#places[i]!;
      if (this.#entryOf[place] === entry) nsOfSpan[this.#rankOf[place]!]! += pieceNs;
      else {
        this.#entryOf[place] = entry;
        this.#rankOf[place] = firstPieces.push(i) - 1;
        nsOfSpan.push(pieceNs);
      }
    }
    const mostFirst = new Uint32Array(firstPieces.length);
    for (let rank = 0; rank < mostFirst.length; rank++) mostFirst[rank] = rank;
    mostFirst.sort((a, b) => nsOfSpan[b]! - nsOfSpan[a]! || a - b);
    const spanIds: string[] = new Array(mostFirst.length);
    for (let i = 0; i < spanIds.length; i++) spanIds[i] = this.#pieces[firstPieces[mostFirst[i]!]!]!.spanId;
    const { layer, component, cause, evidence } = first;
    return { layer, component, cause, ns, evidence, spanIds };
  }
}

const NO_ACCOUNT = -1;

/** What nobody saw of it. */
export const unknownNsIn = (ledger: readonly LedgerEntry[]): Nanos =>
  ledger.reduce((sum, { layer, ns }) => (layer === 'unknown' ? sum + ns : sum), 0);

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
    const account = { number: this.all.length, first: piece, ns: 0, pieces: 0 };
    alike.push(account);
    this.all.push(account);
    return account;
  }
}
