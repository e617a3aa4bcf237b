/** Sizes as people write them in a configuration (`500MB`, `5GB`), and as they are told. 1 GB is a thousand MB. */

const BYTES_BY_UNIT = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const;
type Unit = keyof typeof BYTES_BY_UNIT;
const SIZE = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|TB)$/i;

/** @returns undefined for anything else */
export function bytesOf(text: string): number | undefined {
  const [, count, unit] = SIZE.exec(text.trim()) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  return Math.round(Number(count) * BYTES_BY_UNIT[unit.toUpperCase() as Unit]);
}

/** `0 B`, `812 B`, `4.1 KB`, `87 MB`, `5 GB`. */
export function formatBytes(bytes: number): string {
  const units = Object.keys(BYTES_BY_UNIT) as Unit[];
  const unit = units.findLast((name) => Math.abs(bytes) >= BYTES_BY_UNIT[name]) ?? 'B';
  const count = bytes / BYTES_BY_UNIT[unit];
  const figures = Math.abs(count) >= 10 || Number.isInteger(count) ? 0 : 1;
  return `${count.toFixed(figures).replace(/\.0$/, '')} ${unit}`;
}
