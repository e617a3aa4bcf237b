/**
 * Mann–Whitney's U, exact: are these values larger than those, whatever their distribution? Nothing is assumed but that
 * without a change every order of the values is as probable as any other.
 *
 * ```
 * // before  x xx x  xxx x
 * // after              o oo o     against: the pairs in which a value after is not above one before; here 2 of 32
 * ```
 */

/** @returns how many pairs speak against "after is larger"; equal values do */
export function pairsAgainst(before: readonly number[], after: readonly number[]): number {
  let against = 0;
  for (const b of before) for (const a of after) if (a <= b) against++;
  return against;
}

/** How probable it is by chance that so few pairs, or fewer, are against it. One-sided. */
export function chanceOf(before: number, after: number, against: number): number {
  const tail = tailOf(before, after);
  return tail[Math.min(against, tail.length - 1)] ?? 1;
}

/** Tails by sizes: the same few are asked for again and again. */
const TAILS = new Map<number, Float64Array>();
/** More runs than this are never looked at on one side. */
const MOST = 4_096;

function tailOf(before: number, after: number): Float64Array {
  const [few, many] = before < after ? [before, after] : [after, before];
  const known = TAILS.get(few * MOST + many);
  if (known) return known;
  const tail = newTail(few, many);
  TAILS.set(few * MOST + many, tail);
  return tail;
}

/**
 * Arrangements with u pairs against: the coefficients of the Gaussian binomial ∏ (1 − q^(many+i)) / (1 − q^i), i = 1 … few
 * (Mann & Whitney 1947). The small ones, which matter, are whole numbers and exact.
 */
function newTail(few: number, many: number): Float64Array {
  const counts = new Float64Array(few * many + 1);
  counts[0] = 1;
  for (let i = 1; i <= few; i++) {
    for (let u = counts.length - 1; u >= many + i; u--) counts[u]! -= counts[u - many - i]!;
    for (let u = i; u < counts.length; u++) counts[u]! += counts[u - i]!;
  }
  let arrangements = 1;
  for (let i = 1; i <= few; i++) arrangements *= (many + i) / i;
  let sum = 0;
  return counts.map((count) => {
    sum += count;
    return Math.min(1, sum / arrangements);
  });
}
