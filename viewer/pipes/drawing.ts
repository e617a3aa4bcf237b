/**
 * The plumbing on screen: pipes as SVG below, stations and the signs of pipes as buttons above, so that they can be
 * read, focused and pressed. While it plays, whoever has the water stands out and a drop shows where in a pipe it is.
 */
import { el } from '../element.ts';
import { type Drawn, geometryOf, thicknessOf } from './geometry.ts';
import type { PipesState } from './pipes-state.ts';
import { type PlaceElement, pipeSign, stationBox } from './station-box.ts';
import { shape } from './svg.ts';

export interface Drawing {
  readonly element: HTMLElement;
  /** Lays out anew for the width that there is. */
  resize(): void;
  /** Puts the focus on a place, and brings it into sight. */
  focus(place: string): void;
  /** On arrival: the place that the reader came for, or that is blamed. */
  bringIntoSight(): void;
  /** The place beside the one that has the focus. */
  neighbour(direction: Direction): string | undefined;
}

export type Direction = 'left' | 'right' | 'up' | 'down';

interface PipeShapes {
  readonly group: SVGGElement;
  readonly water: SVGPathElement;
}

export function createDrawing(state: PipesState): Drawing {
  const svg = shape('svg', { class: 'pipe-lines', 'aria-hidden': 'true' });
  const board = el('div', { class: 'board' });
  const more = el(
    'p',
    { class: 'more-beside', hidden: true },
    'There is more beside: scroll sideways, or use the arrow keys.',
  );
  const element = el(
    'div',
    { class: 'plumbing', role: 'group', 'aria-label': 'Stations and pipes' },
    more,
    board,
  );
  const places = new Map<string, PlaceElement>();
  for (const station of state.pipes.stations) places.set(station.id, stationBox(station, state));
  for (const pipe of state.pipes.pipes) places.set(pipe.id, pipeSign(pipe, state));
  const drop = shape('circle', { class: 'drop', r: 7 });
  let pipes = new Map<string, PipeShapes>();
  let widthPx = 0;
  let isDown = false;

  const resize = (): void => {
    if (element.clientWidth === widthPx || element.clientWidth === 0) return;
    widthPx = element.clientWidth;
    const drawn = geometryOf(state.pipes, Math.floor(widthPx / growthFor(widthPx)));
    const zoom = Math.max(LEAST_ZOOM, Math.min(growthFor(widthPx), widthPx / drawn.width));
    board.style.zoom = String(zoom);
    more.hidden = drawn.width * zoom <= widthPx + 1;
    isDown = drawn.isDown;
    board.classList.toggle('runs-down', drawn.isDown);
    board.style.width = `${drawn.width}px`;
    board.style.height = `${drawn.height}px`;
    svg.setAttribute('viewBox', `0 0 ${drawn.width} ${drawn.height}`);
    pipes = drawPipes(state, drawn);
    svg.replaceChildren(hatch(), ...[...pipes.values()].map(({ group }) => group), drop);
    for (const [id, { element: place }] of places) put(place, id, drawn);
    drawMoment();
    drawSelection();
    scrollSideways(element, places.get(sought())?.element);
  };
  const sought = (): string => state.selected ?? state.pipes.guilty ?? state.pipes.source;

  const drawMoment = (): void => {
    const { piece, atNs } = state;
    element.classList.toggle('at-a-moment', atNs !== undefined);
    for (const [id, place] of places) {
      place.draw();
      place.element.classList.toggle('has-water', piece?.place === id);
    }
    for (const [id, { group }] of pipes) group.classList.toggle('has-water', piece?.place === id);
    const water = piece && pipes.get(piece.place)?.water;
    drop.style.display = water ? '' : 'none';
    if (!water || !piece || atNs === undefined) return;
    const done = (atNs - piece.startNs) / (piece.endNs - piece.startNs || 1);
    const spot = water.getPointAtLength(water.getTotalLength() * (piece.isBack ? 1 - done : done));
    drop.setAttribute('cx', String(spot.x));
    drop.setAttribute('cy', String(spot.y));
  };
  const drawSelection = (): void => {
    for (const [id, { element: place }] of places)
      place.setAttribute('aria-pressed', String(state.selected === id));
    for (const [id, { group }] of pipes) group.classList.toggle('selected', state.selected === id);
    rove(places, sought());
  };
  state.onChange((aspect) => {
    if (aspect === 'moment') drawMoment();
    if (aspect !== 'selection') return;
    drawSelection();
    // The story that opens takes room: where the place is then, is known once that is laid out.
    if (state.selected !== undefined) requestAnimationFrame(() => show(places.get(sought())?.element));
  });
  element.addEventListener('click', (event) => {
    const id =
      event.target instanceof Element
        ? event.target.closest<HTMLElement | SVGElement>('[data-place]')?.dataset.place
        : undefined;
    if (id !== undefined) state.select(id);
  });
  board.append(svg, ...[...places.values()].map((place) => place.element));
  return {
    element,
    resize,
    focus: (id) => {
      const place = places.get(id)?.element;
      if (!place) return;
      rove(places, id);
      place.focus();
    },
    bringIntoSight: () => {
      // On a narrow screen the verdict stands above: it is read first, and leads to what it blames.
      if (!isDown || state.selected !== undefined) show(places.get(sought())?.element);
    },
    neighbour: (direction) => nearest(places, direction),
  };
}

/** One of all takes part in the order of the Tab key; the arrows go to the others. */
function rove(places: ReadonlyMap<string, PlaceElement>, current: string): void {
  for (const [id, { element }] of places) element.tabIndex = id === current ? 0 : -1;
}

function put(place: HTMLElement, id: string, drawn: Drawn): void {
  const box = drawn.boxes.get(id);
  const sign = drawn.lines.get(id)?.sign;
  place.hidden = !box && !sign;
  const at = box ?? sign;
  if (!at) return;
  place.style.left = `${Math.round(at.x)}px`;
  place.style.top = `${Math.round(at.y)}px`;
  if (sign) keepInside(place, drawn.width);
  if (!box) return;
  place.style.width = `${drawn.stationWidth}px`;
  place.style.height = `${drawn.stationHeight}px`;
  place.classList.toggle('at-end', at.x + WIDEST_FLAG_PX > drawn.width);
}

const show = (place: HTMLElement | undefined): void =>
  place?.scrollIntoView({ block: 'nearest', inline: 'nearest' });

/** Only sideways: whoever makes the window narrower does not want to be taken elsewhere on the page. */
function scrollSideways(scroller: HTMLElement, place: HTMLElement | undefined): void {
  if (!place) return;
  const [view, box] = [scroller.getBoundingClientRect(), place.getBoundingClientRect()];
  if (box.right + BESIDE_PX > view.right) scroller.scrollLeft += box.right + BESIDE_PX - view.right;
  else if (box.left - BESIDE_PX < view.left) scroller.scrollLeft -= view.left - box.left + BESIDE_PX;
}

/** A sign stands around its middle; one with many words would stick out at the side of a narrow screen. */
function keepInside(place: HTMLElement, width: number): void {
  const half = place.offsetWidth / 2;
  const left = Number.parseFloat(place.style.left);
  place.style.left = `${Math.round(Math.max(half, Math.min(left, width - half)))}px`;
}

/** Screens this wide are looked at from further away, or hold more than the drawing needs. */
const GROWS_FROM_PX = 1_800;
const MOST_ZOOM = 1.8;
/** Where there is too little room the drawing shrinks; its smallest letters, 12 px, cannot be read below this. */
const LEAST_ZOOM = 0.7;
/** A place in sight has so much room beside it: the glow of what is blamed. */
const BESIDE_PX = 12;
/** The widest flag of what is blamed; one that would stick out hangs to the left. */
const WIDEST_FLAG_PX = 276;
const growthFor = (widthPx: number): number => Math.min(MOST_ZOOM, Math.max(1, widthPx / GROWS_FROM_PX));

/** Wide pipes first, so that a thin one is never hidden below. */
function drawPipes(state: PipesState, { lines }: Drawn): Map<string, PipeShapes> {
  const thickness = thicknessOf(state.pipes.pipes);
  const { wallNs } = state.pipes.report;
  const drawn = new Map<string, PipeShapes>();
  for (const pipe of [...state.pipes.pipes].sort((a, b) => b.calls - a.calls)) {
    const d = lines.get(pipe.id)?.d;
    if (d === undefined) continue;
    const width = thickness(pipe.calls);
    const water = shape('path', { class: 'water', d, 'stroke-width': width });
    // A tenth of the run is as deep a colour as it gets: most pipes have far less.
    water.style.setProperty('--depth', String(Math.min(1, 0.3 + (7 * pipe.pathNs) / (wallNs || 1))));
    const isInferred = pipe.times.some(
      ({ evidence, ns }) => evidence === 'inferred' && ns >= pipe.pathNs / 2,
    );
    const isBlamed = pipe.blamedNs !== undefined || pipe.valves.some((valve) => valve.isBlamed);
    const group = shape(
      'g',
      { class: `pipe${isBlamed ? ' blamed' : ''}` },
      shape('path', { class: 'casing', d, 'stroke-width': width + 5 }),
      water,
      ...(isInferred ? [shape('path', { class: 'inferred', d, 'stroke-width': width })] : []),
      shape('path', { class: 'flow', d }),
      shape('path', { class: 'press', d, 'stroke-width': Math.max(24, width) }),
    );
    group.dataset.place = pipe.id;
    drawn.set(pipe.id, { group, water });
  }
  return drawn;
}

const hatch = (): SVGElement =>
  shape(
    'defs',
    {},
    shape(
      'pattern',
      {
        id: 'pipe-hatch',
        width: 5,
        height: 5,
        patternUnits: 'userSpaceOnUse',
        patternTransform: 'rotate(45)',
      },
      shape('rect', { class: 'hatch-stroke', width: 1.6, height: 5 }),
    ),
  );

/** Sideways counts double: the place straight on is meant, even where another is a little nearer. */
function nearest(places: ReadonlyMap<string, PlaceElement>, direction: Direction): string | undefined {
  const here = document.activeElement?.getBoundingClientRect();
  if (!here) return undefined;
  const middle = (box: DOMRect) => ({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
  const from = middle(here);
  let best: { id: string; distance: number } | undefined;
  for (const [id, { element }] of places) {
    if (element === document.activeElement || element.hidden) continue;
    const to = middle(element.getBoundingClientRect());
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const isAcross = direction === 'left' || direction === 'right';
    const forward = isAcross ? dx * (direction === 'left' ? -1 : 1) : dy * (direction === 'up' ? -1 : 1);
    const aside = Math.abs(isAcross ? dy : dx);
    if (forward < 4) continue;
    const distance = forward + 2 * aside;
    if (!best || distance < best.distance) best = { id, distance };
  }
  return best?.id;
}
