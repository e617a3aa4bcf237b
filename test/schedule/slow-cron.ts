/**
 * Cron by brute force: every minute of real time is looked at, and what the wall clock shows then. Shares nothing with
 * the code under test. Fields: `*`, numbers, ranges, lists and steps.
 */
const MINUTE_MS = 60_000;
/** Longest jump of a wall clock that is looked at. */
const LONGEST_JUMP_MINUTES = 180;

type Wall = readonly [minute: number, hour: number, day: number, month: number, weekday: number];

const formatters = new Map<string, Intl.DateTimeFormat>();
function wallNumber(zone: string, unixMs: number): number {
  let format = formatters.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      ...({ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const),
    });
    formatters.set(zone, format);
  }
  const part = Object.fromEntries(
    format.formatToParts(unixMs).map(({ type, value }) => [type, Number(value)]),
  );
  return Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute) / MINUTE_MS;
}

const wallOf = (minute: number): Wall => {
  const date = new Date(minute * MINUTE_MS);
  return [
    date.getUTCMinutes(),
    date.getUTCHours(),
    date.getUTCDate(),
    date.getUTCMonth() + 1,
    date.getUTCDay(),
  ];
};

const fits = (field: string, value: number): boolean =>
  field.split(',').some((part) => {
    const [range = '', step = '1'] = part.split('/');
    const [low, high = low] = range === '*' ? [0, 99] : range.split('-').map(Number);
    return value >= low! && value <= high! && (value - low!) % Number(step) === 0;
  });

/** Instants in [from, to), Unix ms. */
export function slotsByMinutes(line: string, zone: string, from: number, to: number): number[] {
  const fields = line.split(' ');
  const matches = (minute: number): boolean => wallOf(minute).every((value, i) => fits(fields[i]!, value));
  const isEveryHour = fields[1] === '*';
  const slots: number[] = [];
  let before = wallNumber(zone, from - MINUTE_MS);
  let latest = before;
  for (let back = 1; back <= LONGEST_JUMP_MINUTES; back++)
    latest = Math.max(latest, wallNumber(zone, from - back * MINUTE_MS));
  for (let time = from; time < to; time += MINUTE_MS) {
    const now = wallNumber(zone, time);
    const isShownAgain = now <= latest;
    let isSlot = matches(now) && (isEveryHour || !isShownAgain);
    for (let jumped = before + 1; jumped < now && !isEveryHour; jumped++) isSlot ||= matches(jumped);
    if (isSlot) slots.push(time);
    before = now;
    latest = Math.max(latest, now);
  }
  return slots;
}
