/** The few statistics that the accuracy page needs. */

/** Linear between the two nearest ranks (R's type 7); undefined of nothing. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (sorted.length - 1) * share;
  const below = sorted[Math.floor(rank)];
  const above = sorted[Math.ceil(rank)];
  return below === undefined || above === undefined ? undefined : below + (above - below) * (rank % 1);
}

export const median = (values: readonly number[]): number | undefined => quantile(values, 0.5);

/** The 97.5 % point of the normal distribution: intervals of 95 %. */
const Z = 1.959964;

/** Wilson's interval for a rate that was seen `hits` times in `total`; the whole range when nothing was seen. */
export function wilson(hits: number, total: number): { low: number; high: number } {
  if (total === 0) return { low: 0, high: 1 };
  const rate = hits / total;
  const middle = rate + Z ** 2 / (2 * total);
  const reach = Z * Math.sqrt((rate * (1 - rate)) / total + Z ** 2 / (4 * total ** 2));
  const width = 1 + Z ** 2 / total;
  return { low: Math.max(0, (middle - reach) / width), high: Math.min(1, (middle + reach) / width) };
}
