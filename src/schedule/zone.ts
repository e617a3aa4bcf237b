/** Wall clocks of time zones, by what the platform knows of them. */
const formatterByZone = new Map<string, Intl.DateTimeFormat>();

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatterByZone.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  formatterByZone.set(zone, made);
  return made;
}

/** `GMT`, `GMT+02:00`, `GMT-00:25:21`. */
const OFFSET = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;

/** Clocks of our time are changed at a quarter of an hour of UTC: in between, what was read once still holds. */
const QUARTER_MS = 15 * 60_000;
/** Quarters remembered: a hundred days of one zone. */
const MOST_REMEMBERED = 10_000;
const offsetByQuarter = new Map<string, number>();

/** What the zone's wall clock is ahead of UTC at an instant, ms. */
export function offsetMs(zone: string, unixMs: number): number {
  const quarter = Math.floor(unixMs / QUARTER_MS);
  const key = `${zone} ${quarter}`;
  const known = offsetByQuarter.get(key);
  if (known !== undefined) return known;
  if (offsetByQuarter.size >= MOST_REMEMBERED) offsetByQuarter.clear();
  const read = readOffset(zone, quarter * QUARTER_MS);
  offsetByQuarter.set(key, read);
  return read;
}

function readOffset(zone: string, unixMs: number): number {
  const [, sign, hours, minutes, seconds = 0] = OFFSET.exec(formatterOf(zone).format(unixMs)) ?? [];
  if (sign === undefined) return 0;
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  return sign === '-' ? -ms : ms;
}

/** `2026-03-29 03:00:00 +02:00`: what the wall clock shows, and how far it is from UTC. */
export function wallTime(zone: string, unixMs: number): string {
  const offset = offsetMs(zone, unixMs);
  const minutes = Math.abs(Math.round(offset / 60_000));
  const pad = (n: number): string => String(n).padStart(2, '0');
  const away = `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
  return `${new Date(unixMs + offset).toISOString().slice(0, 19).replace('T', ' ')} ${away}`;
}

/** Clocks are changed at night, by two hours at most; what is further from a change than this is not touched by it. */
const NEAR_A_CHANGE_MS = 4 * 3_600_000;

/** Offsets shortly before and after an instant: two different ones near a change of the clocks. */
export const offsetsAround = (zone: string, unixMs: number): readonly [before: number, after: number] => [
  offsetMs(zone, unixMs - NEAR_A_CHANGE_MS),
  offsetMs(zone, unixMs + NEAR_A_CHANGE_MS),
];

/**
 * When a wall clock shows a time: once; twice in the hour that is repeated; never in the hour that is jumped over.
 *
 * @param wallMs the wall clock's time as if it were UTC
 * @returns instants, in order, and where the clocks were put forward when there are none
 */
export function instantsOf(zone: string, wallMs: number): { instants: number[]; jumpMs?: number } {
  const [before, after] = offsetsAround(zone, wallMs - offsetMs(zone, wallMs));
  const instants = [...new Set([wallMs - before, wallMs - after])]
    .filter((unixMs) => unixMs + offsetMs(zone, unixMs) === wallMs)
    .sort((a, b) => a - b);
  if (instants.length > 0) return { instants };
  return { instants, jumpMs: changeBetween(zone, wallMs - after, wallMs - before) };
}

/** The first instant with the later offset. */
function changeBetween(zone: string, fromMs: number, toMs: number): number {
  const later = offsetMs(zone, toMs);
  let [low, high] = [fromMs, toMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMs(zone, middle) === later) high = middle;
    else low = middle;
  }
  return high;
}
