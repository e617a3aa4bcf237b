/**
 * What the hosts' kernels measured during the run, under the waterfall on the same axis: a line a quantity, a group a
 * host. A calm host is folded to one line that says so. Each group can be read as a table instead.
 */
import type { Lane } from '../../src/model/report.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';
import type { RunState } from '../run/run-state.ts';
import { byHost, factsOfLane, formatValue, type HostLanes, isLoud, valueAt } from '../trace/lane-facts.ts';
import type { Geometry } from '../waterfall/geometry.ts';
import { stripScale } from '../waterfall/strip.ts';
import { type LaneColours, paintLane, readLaneColours } from './lane-chart.ts';
import { laneTable } from './lane-table.ts';

/** On a smaller screen the steps need the room; the host's line says what is loud. */
const ROOM_FOR_LANES = '(min-width: 1000px) and (min-height: 760px)';
/** Of a folded host, in its line. */
const LOUD_NAMED = 3;

export interface HostPane {
  readonly element: HTMLElement;
  draw(geometry: Geometry): void;
  /** Shows the values at the pointer. */
  point(): void;
}

export function createHostPane(state: RunState): HostPane {
  const groups = byHost(state.lanes).map((host) => createHost(host, state));
  const element = el(
    'section',
    { class: 'hosts', 'aria-label': 'Hosts during the run', hidden: groups.length === 0 },
    ...groups.map((group) => group.element),
  );
  let colours: LaneColours | undefined;
  state.onChange((changed) => {
    if (changed.has('theme')) colours = undefined;
  });
  return {
    element,
    draw(geometry) {
      if (groups.length === 0) return;
      colours ??= readLaneColours(element);
      for (const group of groups) group.draw(geometry, colours);
    },
    point() {
      for (const group of groups) group.point();
    },
  };
}

function createHost(host: HostLanes, state: RunState) {
  const rows = host.lanes.map((lane) => createLane(lane, state));
  const lanes = el('div', { class: 'lanes' }, ...rows.map((row) => row.element));
  const body = el('div', { class: 'host-body' }, lanes);
  const fold = el(
    'button',
    {
      type: 'button',
      class: 'host-name',
      'aria-expanded': host.loud.length > 0 && matchMedia(ROOM_FOR_LANES).matches,
    },
    el('span', { class: 'fold', 'aria-hidden': true }),
    el('bdi', {}, shorten(host.host, 60)),
    el('span', { class: 'mute' }, ` ${noteOf(host)}`),
  );
  const table = el('button', { type: 'button', class: 'toggle small', 'aria-pressed': false }, 'Table');
  let asTable: HTMLElement | undefined;
  const isOpen = (): boolean => fold.getAttribute('aria-expanded') === 'true';
  const show = (): void => {
    body.hidden = !isOpen();
    table.hidden = !isOpen();
    lanes.hidden = asTable !== undefined;
  };
  fold.addEventListener('click', () => {
    fold.setAttribute('aria-expanded', String(!isOpen()));
    show();
    state.touch('lanes');
  });
  table.addEventListener('click', () => {
    asTable?.remove();
    asTable = asTable ? undefined : laneTable(host, state.report.steps);
    if (asTable) body.append(asTable);
    table.setAttribute('aria-pressed', String(asTable !== undefined));
    show();
    state.touch('lanes');
  });
  show();
  return {
    element: el('div', { class: 'host' }, el('div', { class: 'host-head' }, fold, table), body),
    draw(geometry: Geometry, colours: LaneColours) {
      if (isOpen() && !asTable) for (const row of rows) row.draw(geometry, colours);
    },
    point() {
      if (isOpen() && !asTable) for (const row of rows) row.point();
    },
  };
}

function noteOf({ lanes, loud }: HostLanes): string {
  const count = `${lanes.length} ${lanes.length === 1 ? 'quantity' : 'quantities'}`;
  if (loud.length === 0) return `${count}, calm`;
  const named = loud.slice(0, LOUD_NAMED).map((lane) => {
    const highest = factsOfLane(lane)?.highest ?? 0;
    return `${shorten(lane.name, 40)} up to ${formatValue(highest, lane.unit)}`;
  });
  return `${count}: ${named.join(', ')}${loud.length > LOUD_NAMED ? ' …' : ''}`;
}

function createLane(lane: Lane, state: RunState) {
  const canvas = el('canvas', { class: 'lane-chart', role: 'img', 'aria-label': laneInWords(lane) });
  const value = el('span', { class: 'figure' });
  const name = el(
    'bdi',
    { class: isLoud(lane) ? 'lane-name loud' : 'lane-name', title: shorten(lane.name, 300) },
    shorten(lane.name, 80),
  );
  const label = el('div', { class: 'lane-label' }, name, value);
  const facts = factsOfLane(lane);
  const point = (): void => {
    const here = state.pointerNs === undefined ? undefined : valueAt(lane, state.pointerNs);
    const text =
      here === undefined ? highestNote(lane, facts?.highest ?? 0) : `${formatValue(here, lane.unit)} here`;
    if (value.textContent !== text) value.textContent = text;
    value.classList.toggle('here', here !== undefined);
  };
  point();
  return {
    element: el('div', { class: 'lane' }, label, canvas),
    point,
    draw(geometry: Geometry, colours: LaneColours) {
      const { x, width } = stripScale(geometry, state.window);
      canvas.style.width = `${width}px`;
      paintLane(canvas, lane, x, width, colours);
    },
  };
}

/** `max 97 %`, `max 2 of 511 connections`, `max 9, full at 2 processes`. Percentages have their limit in their name. */
function highestNote({ limit, unit }: Lane, highest: number): string {
  if (limit === undefined || unit === '%') return `max ${formatValue(highest, unit)}`;
  const counted = unit.startsWith('{') ? '1' : unit;
  const most = `max ${formatValue(highest, counted)}`;
  return highest > limit
    ? `${most}, full at ${formatValue(limit, unit)}`
    : `${most} of ${formatValue(limit, unit)}`;
}

function laneInWords(lane: Lane): string {
  const facts = factsOfLane(lane);
  const what = `${shorten(lane.name, 120)} of ${shorten(lane.host, 60)}`;
  if (!facts) return `${what}: nothing was measured`;
  const [low, high] = [formatValue(facts.lowest, lane.unit), formatValue(facts.highest, lane.unit)];
  const limit = lane.limit === undefined ? '' : `, limit ${formatValue(lane.limit, lane.unit)}`;
  return `${what}: from ${low} to ${high}, highest at ${formatDuration(facts.highestNs)}${limit}`;
}
