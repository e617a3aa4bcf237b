/** The screen of one run as plumbing: verdict, drawing, the story of a place, and the play. */
import { foldPipes } from '../../src/analyse/pipes/fold.ts';
import type { Pipes } from '../../src/model/pipes.ts';
import { formatDuration } from '../../src/model/time.ts';
import { ask } from '../api.ts';
import { el, replace, shorten } from '../element.ts';
import { type KeyWords, keyHelp } from '../key-help.ts';
import { replacePlace } from '../place.ts';
import { headline } from '../run/headline.ts';
import { runHeader } from '../run/run-header.ts';
import { readAndShow, type Screen, type TakeDown } from '../screen.ts';
import { createDrawing } from './drawing.ts';
import { connectPipesKeys, PIPES_KEYS } from './keyboard.ts';
import { formatPipesAddress, type PipesAddress, parsePipesAddress } from './pipes-address.ts';
import { PipesState } from './pipes-state.ts';
import { createPlacePanel } from './place-panel.ts';
import { createPlaceTable } from './place-table.ts';
import { connectPlayer, fittingSpeed } from './player.ts';
import { createTransport } from './transport.ts';

/** From here on the story fits beside the drawing, and the guilty part's is open from the start. */
const PANEL_BESIDE = '(min-width: 1200px)';
const ADDRESS_DELAY_MS = 150;

export const pipesScreen: Screen = ({ page, path, query, navigate }) => {
  const address = parsePipesAddress(path, query);
  if (!address) return undefined;
  return readAndShow(page, {
    waiting: 'Reading where the water ran…',
    failed: 'This run cannot be drawn as pipes',
    ask: () => ask<Pipes>(`/api/runs/${encodeURIComponent(address.traceId)}/pipes`),
    show: (pipes) => showPipes(page, pipes, { ...address, traceId: pipes.report.traceId }, navigate),
  });
};

function showPipes(
  page: HTMLElement,
  all: Pipes,
  address: PipesAddress,
  navigate: (to: string) => void,
): TakeDown {
  const state = new PipesState(address.isUnfolded ? all : foldPipes(all));
  const isFolded = state.pipes.stations.length < all.stations.length;
  restore(state, address);
  document.title = `${shorten(all.report.journey, 60)}: pipes · Headwater`;
  const unfold = (isUnfolded: boolean) => () => navigate(addressOf(state, { ...address, isUnfolded }));
  const drawing = createDrawing(state);
  const panel = createPlacePanel(state, unfold(true));
  const transport = createTransport(state);
  const showGuilty = (): void => {
    if (state.pipes.guilty !== undefined) drawing.focus(state.pipes.guilty);
  };
  const main = el(
    'main',
    { class: 'pipes' },
    verdictOver(all, showGuilty),
    el('div', { class: 'pipes-body' }, drawing.element, panel.element),
    transport.element,
    el(
      'div',
      { class: 'pipes-foot' },
      keyLine(),
      (isFolded || address.isUnfolded) &&
        el(
          'button',
          { type: 'button', on: { click: unfold(isFolded) } },
          isFolded ? `Draw all ${all.stations.length} stations` : 'Fold the small ones',
        ),
      createPlaceTable(state),
    ),
  );
  replace(page, runHeader(all.report, 'pipes', [keyHelp(keyWords())]), main);
  const resize = (): void => {
    drawing.resize();
    transport.resize();
  };
  const resized = new ResizeObserver(resize);
  resized.observe(drawing.element);
  resized.observe(transport.element);
  resize();
  drawing.bringIntoSight();
  const stops = [
    connectPlayer(state),
    connectPipesKeys({ state, drawing, focusPanel: panel.focus }),
    keepAddress(state, address),
    () => resized.disconnect(),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function restore(state: PipesState, { selected, atNs, speed }: PipesAddress): void {
  state.speed = speed ?? fittingSpeed(state.pipes.report.wallNs);
  if (selected !== undefined && state.placeById.has(selected)) state.select(selected);
  else if (selected === undefined && matchMedia(PANEL_BESIDE).matches) state.select(state.pipes.guilty);
  if (atNs !== undefined && state.pipes.play.length > 0) state.moveTo(atNs);
}

function verdictOver({ report, stations, guilty }: Pipes, showGuilty: () => void): HTMLElement {
  const took = formatDuration(report.wallNs);
  return headline(report, [
    guilty !== undefined &&
      el('button', { type: 'button', class: 'link show-guilty', on: { click: showGuilty } }, 'Show it'),
    el(
      'span',
      {},
      stations.length > 1
        ? `${took} along the critical path. Thickness: calls. Depth of colour: share of the time. A gauge: something had to wait.`
        : `${took}, and nobody else was asked in this run.`,
    ),
  ]);
}

const keyWords = (): KeyWords =>
  PIPES_KEYS.filter(({ shown }) => shown !== '').map(({ shown, does }) => [shown, does]);

function keyLine(): HTMLElement {
  const keys = keyWords().map(([shown, does]) => el('span', {}, el('kbd', {}, shown), does));
  return el('p', { class: 'key-line' }, ...keys);
}

const addressOf = (state: PipesState, address: PipesAddress): string =>
  formatPipesAddress({
    ...address,
    // Where a story would be open by itself, that none is must be said.
    selected: state.selected ?? (state.pipes.guilty === undefined ? undefined : ''),
    atNs: state.atNs,
    speed: state.speed === fittingSpeed(state.pipes.report.wallNs) ? undefined : state.speed,
  });

/** Writes the state into the address a moment after it last changed; not while it plays, for that never rests. */
function keepAddress(state: PipesState, address: PipesAddress): TakeDown {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let written = addressOf(state, address);
  state.onChange(() => {
    clearTimeout(timer);
    if (state.isPlaying) return;
    timer = setTimeout(() => {
      const now = addressOf(state, address);
      if (now !== written) replacePlace(now);
      written = now;
    }, ADDRESS_DELAY_MS);
  });
  return () => clearTimeout(timer);
}
