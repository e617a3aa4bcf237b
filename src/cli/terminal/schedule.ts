/** The schedule told in a terminal: what comes, what was walked or skipped, and how it stands. Returns text. */
import {
  type JourneyStanding,
  type ScheduleStanding,
  SKIP_WORDS,
  type SkippedSlots,
  type Try,
  type WalkedSlot,
} from '../../model/schedule.ts';
import { formatDuration } from '../../model/time.ts';
import type { Upcoming } from '../../schedule/upcoming.ts';
import { wallTime } from '../../schedule/zone.ts';
import { type Colours, plain, toWidth } from './colour.ts';

const JOURNEY_WIDTH = 18;
const STATUS_WIDTH = 9;
const WALL_WIDTH = 9;

/** `2026-11-28 20:15:03  sign-in   ✓ ok   1.23 s  sign-in took …` */
export function renderTry(slot: WalkedSlot, one: Try, zone: string, colours: Colours): string {
  const isOk = one.status === 'ok';
  const mark = isOk ? colours.green('✓ ok') : colours.red('✖ failed');
  const wall = one.wallNs === undefined ? '' : formatDuration(one.wallNs);
  const attempt = slot.tries.length > 1 ? colours.yellow(`(try ${slot.tries.length}) `) : '';
  const words = [one.error, one.sentence].filter(Boolean).join(' ');
  return line(one.begunUnixMs, zone, slot.journey, padded(mark, isOk ? 4 : 8), wall, attempt + plain(words));
}

const padded = (text: string, visible: number): string =>
  text + ' '.repeat(Math.max(0, STATUS_WIDTH - visible));

const line = (
  unixMs: number,
  zone: string,
  journey: string,
  status: string,
  wall: string,
  words: string,
): string =>
  `${wallTime(zone, unixMs).slice(0, 19)}  ${toWidth(journey, JOURNEY_WIDTH)}  ${status} ${wall.padStart(WALL_WIDTH)}  ${words}`;

export function renderSkipped(slots: SkippedSlots, zone: string, colours: Colours): string {
  const { slotUnixMs, untilSlotUnixMs, count, why } = slots;
  const since = count > 1 ? ` (${count} since ${wallTime(zone, slotUnixMs).slice(0, 19)})` : '';
  const mark = padded(colours.yellow('– skipped'), STATUS_WIDTH);
  return line(untilSlotUnixMs, zone, slots.journey, mark, '', `${SKIP_WORDS[why]}${since}`);
}

/** Each journey with its times, by day and by what its wall clock is from UTC. */
export function renderUpcoming(all: readonly Upcoming[], width: number, colours: Colours): string {
  return all
    .map((one) => {
      const count = `${one.unixMs.length} run${one.unixMs.length === 1 ? '' : 's'}`;
      const head = `${colours.bold(plain(one.journey))}  ${plain(one.timing)}, ${one.timeZone}: ${count}`;
      return [head, ...timeLines(one, width, colours)].join('\n');
    })
    .join('\n\n');
}

function timeLines({ unixMs, timeZone }: Upcoming, width: number, colours: Colours): string[] {
  const timesByDay = new Map<string, string[]>();
  for (const time of unixMs) {
    const [day = '', clock = '', offset = ''] = wallTime(timeZone, time).split(' ');
    const key = `${day} ${offset}`;
    timesByDay.set(key, [...(timesByDay.get(key) ?? []), clock]);
  }
  const perLine = Math.max(1, Math.floor((width - 22) / 9));
  return [...timesByDay].flatMap(([day, times]) =>
    chunks(times, perLine).map(
      (some, i) => `  ${i === 0 ? colours.dim(day) : ' '.repeat(day.length)}  ${some.join(' ')}`,
    ),
  );
}

const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

export function renderStanding(standing: ScheduleStanding, colours: Colours): string {
  const { journeys, state, paused, concurrency } = standing;
  const head = [
    state === 'on' ? colours.green('The schedule is on.') : colours.yellow('The schedule is being stopped.'),
    paused && colours.yellow('Everything is paused.'),
    `${journeys.length} journey${journeys.length === 1 ? '' : 's'}, ${concurrency} at once.`,
  ];
  return [head.filter(Boolean).join(' '), '', ...journeys.map((one) => renderJourney(one, colours))].join(
    '\n',
  );
}

function renderJourney(one: JourneyStanding, colours: Colours): string {
  const at = (unixMs: number): string => wallTime(one.timeZone, unixMs);
  const next = one.paused ? colours.yellow('paused') : one.nextUnixMs === null ? 'never' : at(one.nextUnixMs);
  const rows: (string | false)[] = [
    `${colours.bold(plain(one.journey))}  ${plain(one.timing)}, ${one.timeZone}`,
    `  next     ${next}${one.waiting > 0 ? `, ${one.waiting} waiting` : ''}`,
    one.running !== null && `  running  since ${at(one.running.begunUnixMs)}`,
    one.last !== null && `  last     ${lastInWords(one.last, at)}`,
    one.skipped !== null &&
      `  skipped  ${at(one.skipped.untilSlotUnixMs)}: ${SKIP_WORDS[one.skipped.why]} (${one.skipped.count})`,
  ];
  return rows.filter((row) => row !== false).join('\n');
}

function lastInWords({ tries, begunUnixMs, state }: WalkedSlot, at: (unixMs: number) => string): string {
  const last = tries.at(-1);
  if (state === 'broken_off' || !last) return `${at(begunUnixMs)}  broken off`;
  const wall = last.wallNs === undefined ? '' : ` in ${formatDuration(last.wallNs)}`;
  return `${at(begunUnixMs)}  ${last.status}${wall}  ${plain(last.sentence ?? last.error ?? '')}`;
}
