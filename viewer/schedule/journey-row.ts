/** One scheduled journey: when it is next, what it does now, how it went last, and what can be done about it. */
import type { JourneyStanding, SkippedSlots, WalkedSlot } from '../../src/model/schedule.ts';
import { SKIP_WORDS } from '../../src/model/schedule.ts';
import { formatDuration } from '../../src/model/time.ts';
import { type Child, el, shorten } from '../element.ts';
import { formatJourneyAddress } from '../journey/journey-address.ts';
import { statusSign } from '../runs/run-sign.ts';

export interface RowActs {
  pause(journey: string): void;
  resume(journey: string): void;
  runNow(journey: string): void;
}

/** @param isAllPaused it is resumed with everything else only */
export function journeyRow(one: JourneyStanding, isAllPaused: boolean, acts: RowActs): HTMLElement {
  const { journey, timing, timeZone, running, waiting } = one;
  const isNow = running !== null || waiting > 0;
  const name = el('a', { href: formatJourneyAddress({ journey }), 'data-link': true }, shorten(journey, 80));
  return el(
    'tr',
    { 'data-journey': journey },
    el('th', { scope: 'row' }, el('bdi', {}, name), el('small', {}, `${timing}, ${timeZone}`)),
    el('td', { class: 'nowrap', 'data-head': isNow ? 'Now' : 'Next' }, ...nextCell(one)),
    el('td', { 'data-head': 'Last' }, ...lastCell(one)),
    el('td', { class: 'row-acts' }, ...buttons(one, isAllPaused, acts)),
  );
}

function nextCell({ paused, running, nextUnixMs, waiting }: JourneyStanding): Child[] {
  const now = running
    ? [statusSign('running'), el('small', {}, 'since ', clock(running.begunUnixMs))]
    : waiting > 0 && [el('span', {}, waiting === 1 ? 'waits for a place' : `${waiting} runs wait`)];
  if (now) return now;
  if (paused) return [el('span', { class: 'paused' }, 'paused')];
  return nextUnixMs === null ? ['never'] : [clock(nextUnixMs)];
}

function lastCell({ last, skipped }: JourneyStanding): Child[] {
  return [last ? walked(last) : 'not walked yet', skipped && el('small', {}, skippedInWords(skipped))];
}

function walked({ state, tries, begunUnixMs }: WalkedSlot): HTMLElement {
  const one = tries.at(-1);
  const sentence = shorten(one?.sentence ?? one?.error ?? '', 240);
  return el(
    'span',
    {},
    state === 'broken_off' || !one ? 'broken off' : statusSign(one.status),
    ' ',
    one?.wallNs !== undefined && `${formatDuration(one.wallNs)} `,
    'at ',
    clock(begunUnixMs),
    tries.length > 1 && ` (try ${tries.length})`,
    el(
      'span',
      { class: 'sentence' },
      one?.traceId ? el('a', { href: `/run/${one.traceId}`, 'data-link': true }, sentence) : sentence,
    ),
  );
}

export const skippedInWords = ({ untilSlotUnixMs, count, why }: SkippedSlots): string =>
  `skipped ${clockText(untilSlotUnixMs)}: ${SKIP_WORDS[why]}${count > 1 ? ` (${count} ×)` : ''}`;

/** Of today the clock, else with the day. */
function clockText(unixMs: number): string {
  const time = new Date(unixMs);
  const isToday = time.toDateString() === new Date().toDateString();
  return isToday ? time.toLocaleTimeString() : time.toLocaleString();
}

export function clock(unixMs: number): HTMLElement {
  const time = new Date(unixMs);
  return el('time', { datetime: time.toISOString(), title: time.toLocaleString() }, clockText(unixMs));
}

function buttons(
  { journey, paused, running }: JourneyStanding,
  isAllPaused: boolean,
  acts: RowActs,
): HTMLElement[] {
  const button = (act: string, text: string, title: string, isOff: boolean, press: () => void): HTMLElement =>
    el(
      'button',
      {
        ...{ type: 'button', title, disabled: isOff, 'data-act': act },
        ...{ 'aria-label': `${text}: ${shorten(journey, 80)}`, on: { click: press } },
      },
      text,
    );
  return [
    paused
      ? button('pause', 'Resume', 'Resume (p)', isAllPaused, () => acts.resume(journey))
      : button('pause', 'Pause', 'Pause (p)', false, () => acts.pause(journey)),
    button('run', 'Run now', 'Run now (r)', running !== null, () => acts.runNow(journey)),
  ];
}
