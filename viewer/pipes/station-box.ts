/** A station as a button: its name, what went through, and how much of the run's time was there, so far or in all. */
import type { Pipe, Place, Station, Valve } from '../../src/model/pipes.ts';
import { formatDuration, type Nanos } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';
import { causeInWords } from '../panel/cause.ts';
import type { PipesState } from './pipes-state.ts';
import { valveSign } from './valve-sign.ts';
import { KIND_NAME, nameOf, pressureOf, share, times, VALVE_SHORT, valveInWords } from './words.ts';

export interface PlaceElement {
  readonly element: HTMLElement;
  /** Says again how much of the time was here. */
  draw(): void;
}

const LONGEST_NAME = 120;

export function stationBox(station: Station, state: PipesState): PlaceElement {
  const time = el('span', { class: 'time' });
  const part = el('span', { class: 'part' });
  const fill = el('i', {});
  const { wallNs } = state.pipes.report;
  const isGuilty = state.pipes.guilty === station.id;
  const signs = station.valves
    .filter((valve) => isPressed(valve, wallNs))
    .map((valve) => valveTag(valve, station));
  const element = el(
    'button',
    {
      type: 'button',
      class: `station ${station.kind}${isGuilty ? ' guilty' : ''}${station.folded ? ' folded' : ''}`,
      'data-place': station.id,
      'data-layer': station.layer,
    },
    isGuilty && flag(station),
    el('bdi', { class: 'name', title: shorten(station.name, 400) }, shorten(station.name, LONGEST_NAME)),
    el('span', { class: 'what' }, whatOf(station)),
    el('span', { class: 'spent' }, time, part),
    el('span', { class: 'meter', 'aria-hidden': true }, fill),
    signs.length > 0 && el('span', { class: 'tags' }, ...signs),
    spoken(station, [KIND_NAME[station.kind], 'of the run'], wallNs, isGuilty),
  );
  let shown: Nanos | undefined;
  const draw = (): void => {
    const ns = state.spentNs(station.id);
    if (ns === shown) return;
    shown = ns;
    time.textContent = formatDuration(ns);
    part.textContent = share(ns, wallNs);
    fill.style.width = `${(100 * ns) / (wallNs || 1)}%`;
  };
  draw();
  return { element, draw };
}

/** On the pipe: how many calls, how long; and its valves. */
export function pipeSign(pipe: Pipe, state: PipesState): PlaceElement {
  const time = el('span', { class: 'time' });
  const isGuilty = state.pipes.guilty === pipe.id;
  const { wallNs } = state.pipes.report;
  const valves = pipe.valves.map((valve) =>
    isPressed(valve, wallNs) ? valveTag(valve, pipe) : openTag(valve),
  );
  const element = el(
    'button',
    {
      type: 'button',
      class: `pipe-sign${isGuilty ? ' guilty' : ''}`,
      'data-place': pipe.id,
    },
    isGuilty && !pipe.valves.some((valve) => valve.isBlamed) && flag(pipe),
    ...valves,
    el('span', { class: 'calls' }, `${pipe.calls.toLocaleString('en')} ×`),
    pipe.errors > 0 && el('span', { class: 'failed' }, `${pipe.errors} failed`),
    time,
    spoken(pipe, ['pipe', shorten(nameOf(pipe, state.stationById), LONGEST_NAME)], wallNs, isGuilty),
  );
  let shown: Nanos | undefined;
  const draw = (): void => {
    const ns = state.spentNs(pipe.id);
    if (ns === shown) return;
    shown = ns;
    time.textContent = ns > 0 || pipe.pathNs > 0 ? formatDuration(ns) : '';
  };
  draw();
  return { element, draw };
}

/** Of the run's time, and of a queue's length: below it a valve is drawn open; its story still tells of every wait. */
const [WAIT_SHOWN_FROM, QUEUE_SHOWN_FROM] = [0.01, 0.1];

function isPressed({ isBlamed, waits, waitedNs, peak = 0, limit = 0 }: Valve, wallNs: Nanos): boolean {
  if (isBlamed || (waits > 0 && waitedNs >= WAIT_SHOWN_FROM * wallNs)) return true;
  return peak > 0 && peak >= QUEUE_SHOWN_FROM * limit;
}

function valveTag(valve: Valve, place: Place): HTMLElement {
  const figure =
    valve.peak === undefined
      ? formatDuration(valve.waitedNs)
      : `${valve.peak}${valve.limit ? ` / ${valve.limit}` : ''}`;
  return el(
    'span',
    { class: `valve${valve.isBlamed ? ' blamed' : ''}`, title: valveInWords(valve) },
    valveSign(pressureOf(valve, place), valve.isBlamed === true),
    el('span', {}, VALVE_SHORT[valve.kind]),
    el('b', {}, figure),
  );
}

const openTag = (valve: Valve): HTMLElement =>
  el('span', { class: 'valve open', title: valveInWords(valve) }, valveSign(0, false));

/** `255 ms: pool wait` over the place that the verdict names. */
function flag(place: Place): HTMLElement {
  const cause = place.times.find(({ ns }) => ns === place.blamedNs) ?? place.times[0];
  const words = [
    place.blamedNs !== undefined && formatDuration(place.blamedNs),
    cause && causeInWords(cause.cause),
  ];
  return el('span', { class: 'flag' }, words.filter(Boolean).join(' '));
}

function whatOf({ kind, calls, errors, processes, folded }: Station): string {
  const parts = [
    kind === 'browser' ? KIND_NAME.browser : times(calls, kind === 'names' ? 'question' : 'call'),
    errors > 0 && `${errors} failed`,
    processes > 1 && !folded && `${processes} processes`,
    kind === 'host' && KIND_NAME.host,
  ];
  return parts.filter(Boolean).join(' · ');
}

/** What eyes see by place, colour and shape, said after the words that are there to be read. */
function spoken(place: Place, words: readonly string[], wallNs: Nanos, isGuilty: boolean): HTMLElement {
  const waits = place.valves.filter((valve) => isPressed(valve, wallNs)).map(valveInWords);
  return el(
    'span',
    { class: 'spoken' },
    `, ${[...words, ...(isGuilty ? ['the verdict names it'] : []), ...waits].join(', ')}`,
  );
}
