/** When a run was, as people say it. */

const STEPS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
];

/** `just now`, `3 minutes ago`, `2 hours ago`; the date once it is more than a week. */
export function ago(unixMs: number, nowUnixMs: number): string {
  const seconds = (nowUnixMs - unixMs) / 1_000;
  if (seconds > 7 * 86_400) return new Date(unixMs).toLocaleDateString();
  for (const [size, name] of STEPS) {
    const count = Math.floor(seconds / size);
    if (count >= 1) return `${count} ${name}${count === 1 ? '' : 's'} ago`;
  }
  return 'just now';
}
