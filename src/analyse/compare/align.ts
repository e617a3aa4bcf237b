/**
 * Finds for each span of one run the same span of another: from the root down, by what it is, never by its number.
 * Where several below one parent are the same, the first begun belongs to the first begun, and so on:
 * ```
 * // a   query |--|   query |--|   query |--|
 * // b   query |--|   query |----|                 the third of a is added
 * ```
 */
import type { Span, Trace } from '../../model/trace.ts';
import { familyOf } from './family.ts';
import { Identities, type Identity } from './identity.ts';

export interface AlignedSpan {
  /** Place of the parent in the list; −1 for the root. */
  readonly parent: number;
  readonly a: Span | undefined;
  readonly b: Span | undefined;
}

type Comparable = Pick<Trace, 'spans' | 'rootId'>;
/** Places in the lists of the two traces; −1 for nobody. */
type Pair = readonly [a: number, b: number];

const NOBODY = -1;

/** All spans of both, depth first; siblings by when they began after their parent. Without recursion. */
export function align(a: Comparable, b: Comparable): AlignedSpan[] {
  const [familyA, familyB] = [familyOf(a), familyOf(b)];
  const identities = new Identities();
  const aligned: AlignedSpan[] = [];
  const ahead: { pair: Pair; parent: number }[] = [{ pair: [familyA.root, familyB.root], parent: NOBODY }];
  for (let next = ahead.pop(); next; next = ahead.pop()) {
    const [placeA, placeB] = next.pair;
    const place = aligned.length;
    aligned.push({ parent: next.parent, a: a.spans[placeA], b: b.spans[placeB] });
    const pairs = pairUp(
      familyA.childrenOf(placeA),
      familyB.childrenOf(placeB),
      (child) => identities.of(a.spans[child]!),
      (child) => identities.of(b.spans[child]!),
    );
    const since = (pair: Pair): number => beganAfter(pair, a, b, placeA, placeB);
    pairs.sort((x, y) => since(y) - since(x));
    for (const pair of pairs) ahead.push({ pair, parent: place });
  }
  return aligned;
}

/** The earlier of both: how long after its parent it began. */
function beganAfter([x, y]: Pair, a: Comparable, b: Comparable, parentA: number, parentB: number): number {
  const inA = x < 0 ? Number.POSITIVE_INFINITY : a.spans[x]!.startNs - (a.spans[parentA]?.startNs ?? 0);
  const inB = y < 0 ? Number.POSITIVE_INFINITY : b.spans[y]!.startNs - (b.spans[parentB]?.startNs ?? 0);
  return Math.min(inA, inB);
}

function pairUp(
  ofA: readonly number[],
  ofB: readonly number[],
  identityA: (place: number) => Identity,
  identityB: (place: number) => Identity,
): Pair[] {
  if (ofA.length === 0) return ofB.map((place): Pair => [NOBODY, place]);
  if (ofB.length === 0) return ofA.map((place): Pair => [place, NOBODY]);
  const inA = ofA.map((place) => ({ place, identity: identityA(place) }));
  const inB = ofB.map((place) => ({ place, identity: identityB(place) }));
  const pairs: Pair[] = [];
  let [restA, restB] = [inA, inB];
  for (const width of ['literal', 'exact', 'loose'] as const) {
    const found = pairBy(restA, restB, (identity) => identity[width]);
    for (const pair of found.pairs) pairs.push(pair);
    [restA, restB] = [found.restA, found.restB];
  }
  for (const { place } of restA) pairs.push([place, NOBODY]);
  for (const { place } of restB) pairs.push([NOBODY, place]);
  return pairs;
}

interface Candidate {
  readonly place: number;
  readonly identity: Identity;
}

function pairBy(
  inA: readonly Candidate[],
  inB: readonly Candidate[],
  keyOf: (identity: Identity) => string,
): { pairs: Pair[]; restA: Candidate[]; restB: Candidate[] } {
  const waiting = new Map<string, { list: Candidate[]; taken: number }>();
  for (const candidate of inB) {
    const key = keyOf(candidate.identity);
    const queue = waiting.get(key);
    if (queue) queue.list.push(candidate);
    else waiting.set(key, { list: [candidate], taken: 0 });
  }
  const pairs: Pair[] = [];
  const restA: Candidate[] = [];
  for (const candidate of inA) {
    const queue = waiting.get(keyOf(candidate.identity));
    const match = queue?.list[queue.taken];
    if (queue && match) {
      queue.taken++;
      pairs.push([candidate.place, match.place]);
    } else restA.push(candidate);
  }
  const taken = new Set(pairs.map(([, b]) => b));
  return { pairs, restA, restB: inB.filter(({ place }) => !taken.has(place)) };
}
