/**
 * The ledger: the critical path cut into pieces, each with layer, component and cause, and then added up.
 * Integer nanoseconds throughout; Σ entries = wall time, always.
 */
import type { LedgerEntry, PathPiece } from '../model/report.ts';
import type { Nanos } from '../model/time.ts';
import { blameOf } from './causes/index.ts';
import type { Segment } from './segment.ts';
import type { Tree } from './tree.ts';

export function piecesOf(segments: readonly Segment[], tree: Tree): PathPiece[] {
  return segments.map((segment) => {
    const blame = blameOf(segment, tree);
    const inferred = segment.situation !== 'self' && segment.situation !== 'uncovered';
    return {
      startNs: segment.startNs,
      endNs: segment.endNs,
      layer: blame.layer ?? segment.span.layer,
      component: blame.component ?? segment.span.component,
      cause: blame.cause,
      evidence: inferred ? 'inferred' : segment.span.evidence,
      spanId: segment.span.spanId,
    };
  });
}

interface Account {
  readonly first: PathPiece;
  ns: Nanos;
  readonly nsBySpanId: Map<string, Nanos>;
}

/** Adds up the pieces inside [startNs, endNs], most time first. */
export function ledgerOf(pieces: readonly PathPiece[], startNs: Nanos, endNs: Nanos): LedgerEntry[] {
  const accounts = new Map<string, Account>();
  for (const piece of pieces) {
    const ns = Math.min(piece.endNs, endNs) - Math.max(piece.startNs, startNs);
    if (ns <= 0) continue;
    const key = `${piece.layer}\u0000${piece.component}\u0000${piece.cause}\u0000${piece.evidence}`;
    const account = accounts.get(key) ?? { first: piece, ns: 0, nsBySpanId: new Map<string, Nanos>() };
    accounts.set(key, account);
    account.ns += ns;
    account.nsBySpanId.set(piece.spanId, (account.nsBySpanId.get(piece.spanId) ?? 0) + ns);
  }
  return [...accounts.values()].map(entryOf).sort((a, b) => b.ns - a.ns || (a.cause < b.cause ? -1 : 1));
}

function entryOf({ first, ns, nsBySpanId }: Account): LedgerEntry {
  const spanIds = [...nsBySpanId].sort((a, b) => b[1] - a[1]).map(([spanId]) => spanId);
  const { layer, component, cause, evidence } = first;
  return { layer, component, cause, ns, evidence, spanIds };
}
