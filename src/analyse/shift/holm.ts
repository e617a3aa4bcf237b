/** Holm's correction: how probable each finding is by chance when so many questions were asked at once. */

/** In the order of the questions. @see Holm 1979, "A simple sequentially rejective multiple test procedure" */
export function holm(chances: readonly number[]): number[] {
  const order = chances.map((_, i) => i).sort((a, b) => chances[a]! - chances[b]!);
  const adjusted = new Array<number>(chances.length).fill(1);
  let least = 0;
  order.forEach((i, rank) => {
    least = Math.max(least, Math.min(1, chances[i]! * (chances.length - rank)));
    adjusted[i] = least;
  });
  return adjusted;
}
