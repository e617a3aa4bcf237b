/** Below the drawing: play, step, speed, the scrubber, what happens at this moment, and what the page looked like. */
import { formatDuration } from '../../src/model/time.ts';
import { el, replace, shorten } from '../element.ts';
import { frameUrl } from '../waterfall/filmstrip.ts';
import type { PipesState } from './pipes-state.ts';
import { speedsFor } from './player.ts';
import { createScrubber, momentInWords } from './scrubber.ts';
import { shape } from './svg.ts';
import { nameOf, pieceInWords } from './words.ts';

export interface Transport {
  readonly element: HTMLElement;
  resize(): void;
}

/** Before and after the piece, in the waterfall: a part of the piece's own length, so that it stands in the middle. */
const AROUND = 0.5;
/** A window in the waterfall is at least so long. */
const LEAST_WINDOW_NS = 1e6;

export function createTransport(state: PipesState): Transport {
  const scrubber = createScrubber(state);
  const play = button('play', () => state.play(!state.isPlaying), PLAY, 'Play (Space)');
  const before = button('hop', () => state.step(-1), PREVIOUS, 'The piece before (,)');
  const next = button('hop', () => state.step(1), NEXT, 'The next piece (.)');
  const whole = el(
    'button',
    { type: 'button', class: 'whole', title: 'Show the whole run again (Home)' },
    'Whole run',
  );
  whole.addEventListener('click', () => {
    state.play(false);
    state.moveTo(undefined);
  });
  const speed = speedChoice(state);
  const clock = el('span', { class: 'clock' });
  const moment = el('p', { class: 'moment-words' });
  const picture = createPicture(state);
  const element = el(
    'section',
    { class: 'transport', 'aria-label': 'Play the run' },
    picture.element,
    el('div', { class: 'controls' }, before, play, next, speed, clock, whole),
    scrubber.element,
    moment,
  );
  const draw = (): void => {
    const sentence = sentenceOf(state);
    scrubber.draw(sentence);
    replace(moment, el('bdi', {}, sentence), ...linkOf(state));
    clock.textContent = `${momentInWords(state.atNs ?? state.startNs, state)} / ${formatDuration(state.endNs - state.startNs)}`;
    whole.hidden = state.atNs === undefined;
    picture.draw();
  };
  const drawPlay = (): void => {
    setIcon(play, state.isPlaying ? PAUSE : PLAY);
    const name = state.isPlaying ? 'Pause (Space)' : 'Play (Space)';
    play.setAttribute('aria-label', name);
    play.title = name;
    // Spoken only while it stands: sixty sentences a second would drown each other.
    moment.setAttribute('aria-live', state.isPlaying ? 'off' : 'polite');
  };
  state.onChange((aspect) => {
    if (aspect === 'moment') draw();
    if (aspect === 'playing') drawPlay();
    if (aspect === 'speed') speed.querySelector('select')!.value = String(state.speed);
  });
  draw();
  drawPlay();
  return { element, resize: scrubber.resize };
}

/** In a box of 14 × 14; no font need have them. */
const PLAY = 'M3 1L12 7L3 13Z';
const PAUSE = 'M2 1H5.5V13H2ZM8.5 1H12V13H8.5Z';
const NEXT = 'M2 2L8.5 7L2 12ZM9.5 2H12V12H9.5Z';
const PREVIOUS = 'M12 2L5.5 7L12 12ZM2 2H4.5V12H2Z';

function button(name: string, press: () => void, icon: string, title: string): HTMLButtonElement {
  const element = el('button', {
    type: 'button',
    class: name,
    title,
    'aria-label': title,
    on: { click: press },
  });
  setIcon(element, icon);
  return element;
}

const setIcon = (element: HTMLElement, d: string): void =>
  element.replaceChildren(
    shape('svg', { viewBox: '0 0 14 14', class: 'play-icon', 'aria-hidden': 'true' }, shape('path', { d })),
  );

function speedChoice(state: PipesState): HTMLElement {
  const speeds = speedsFor(state.pipes.report.wallNs, state.speed);
  const select = el(
    'select',
    { on: { change: () => state.setSpeed(Number(select.value)) } },
    ...speeds.map((speed) =>
      el('option', { value: String(speed), selected: speed === state.speed }, `${speed}×`),
    ),
  );
  return el(
    'label',
    { class: 'speed', title: 'Times real time (+ and −)' },
    el('span', { class: 'spoken' }, 'Speed'),
    select,
  );
}

/** `At 412 ms, in “Sign in”: postgresql reads orders row by row, 301 ms.` */
function sentenceOf(state: PipesState): string {
  const { piece, atNs } = state;
  if (!piece || atNs === undefined) {
    return state.pipes.play.length === 0
      ? 'Nothing of this run is on a critical path: there is nothing to play.'
      : 'Press play, and see where the water was.';
  }
  const place = state.placeById.get(piece.place);
  const step = state.pipes.steps.find(({ startNs, endNs }) => startNs <= atNs && atNs < endNs)?.name;
  const where = step === undefined ? '' : `, in “${shorten(step, 60)}”`;
  const name = place ? shorten(nameOf(place, state.stationById), 80) : piece.component;
  return `At ${momentInWords(piece.startNs, state)}${where}: ${pieceInWords(piece, name, state.pipes.words)}.`;
}

function linkOf(state: PipesState): Node[] {
  const { piece } = state;
  if (!piece) return [];
  const around = Math.max(LEAST_WINDOW_NS, (piece.endNs - piece.startNs) * AROUND);
  const from = Math.round(Math.max(state.startNs, piece.startNs - around));
  const to = Math.round(Math.min(state.endNs, piece.endNs + around));
  const query = new URLSearchParams({ sel: piece.spanId, t: `${from}-${to}` });
  const href = `/run/${state.pipes.report.traceId}?${query}`;
  return [document.createTextNode(' '), el('a', { href, 'data-link': true }, 'In the waterfall')];
}

function createPicture(state: PipesState) {
  const { frames, report } = state.pipes;
  const image = el('img', { alt: '', decoding: 'async' });
  const element = el('figure', { class: 'page-then', hidden: true }, image);
  image.addEventListener('error', () => {
    element.hidden = true;
  });
  let shown: string | undefined;
  const draw = (): void => {
    const at = state.atNs;
    const frame = at === undefined ? undefined : frames.findLast(({ timeNs }) => timeNs <= at);
    const url = frame && frameUrl(report.traceId, frame);
    if (url === shown) return;
    shown = url;
    element.hidden = url === undefined;
    if (url === undefined || !frame) return;
    image.src = url;
    image.alt = `The page at ${formatDuration(frame.timeNs)}`;
  };
  return { element, draw };
}
