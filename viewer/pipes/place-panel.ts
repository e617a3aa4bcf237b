/** The story of one station or pipe, in words from its own numbers, with ways into the waterfall. */
import type { Pipe, Place, PlaceTime, SpanTime, Station } from '../../src/model/pipes.ts';
import { formatDuration } from '../../src/model/time.ts';
import { type Child, el, replace, shorten } from '../element.ts';
import { causeInWords } from '../panel/cause.ts';
import type { PipesState } from './pipes-state.ts';
import { isPipe, KIND_NAME, nameOf, share, times, VALVE_EXPLAINED, valveInWords } from './words.ts';

export interface PlacePanel {
  readonly element: HTMLElement;
  focus(): void;
}

/** Of what the time is made of, and of what is folded: the rest is said in words. */
const LISTED = 8;
const FOLDED_LISTED = 60;
const LONGEST_NAME = 200;

export function createPlacePanel(state: PipesState, unfold: () => void): PlacePanel {
  const content = el('div', { class: 'panel-content' });
  const close = el(
    'button',
    {
      type: 'button',
      class: 'icon close',
      'aria-label': 'Close the panel',
      title: 'Close (Esc)',
      on: { click: () => state.select(undefined) },
    },
    '✕',
  );
  const element = el(
    'aside',
    { class: 'panel pipes-panel', 'aria-label': 'Details', tabindex: -1 },
    close,
    content,
  );
  const show = (): void => {
    const place = state.placeById.get(state.selected ?? '');
    element.hidden = place === undefined;
    if (place) replace(content, ...storyOf(place, state, unfold));
    element.scrollTop = 0;
  };
  state.onChange((aspect) => {
    if (aspect === 'selection') show();
  });
  show();
  return { element, focus: () => content.querySelector('h2')?.focus() };
}

function storyOf(place: Station | Pipe, state: PipesState, unfold: () => void): Child[] {
  const { wallNs, verdict } = state.pipes.report;
  const isGuilty = state.pipes.guilty === place.id;
  return [
    el('h2', { tabindex: -1 }, el('bdi', {}, shorten(nameOf(place, state.stationById), LONGEST_NAME))),
    el('p', { class: 'under-title' }, isPipe(place) ? 'pipe' : KIND_NAME[place.kind]),
    isGuilty &&
      section('Why it is marked', el('p', {}, shorten(verdict.evidence, 600)), nextLine(verdict.next)),
    section('What went through', ...throughput(place)),
    section('What the run waited for here', ...waited(place, wallNs, state)),
    place.valves.length > 0 &&
      section(
        'Where something had to wait',
        ...place.valves.flatMap((valve) => [
          el(
            'p',
            { class: valve.isBlamed ? 'blamed' : '' },
            `${upper(valveInWords(valve))}. ${valve.pathNs > 0 ? `${formatDuration(valve.pathNs)} of it held the run up. ` : ''}`,
            valve.longest && spanLink(valve.longest, state, 'the longest wait'),
          ),
          el('p', { class: 'hint' }, VALVE_EXPLAINED[valve.kind]),
        ]),
      ),
    place.slowest &&
      section(
        'Slowest call',
        el('p', {}, spanLink(place.slowest, state), ` ${formatDuration(place.slowest.ns)}`),
      ),
    !isPipe(place) && section('Pipes', ...neighbours(place, state)),
    !isPipe(place) && place.folded && section('Drawn as one', ...foldedList(place.folded, unfold)),
  ];
}

const upper = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
const nextLine = (next: string): Child =>
  next !== '' && el('p', { class: 'next' }, el('b', {}, 'Look next: '), shorten(next, 400));

const section = (title: string, ...children: Child[]): HTMLElement =>
  el('section', {}, el('h3', {}, title), ...children);

function throughput(place: Station | Pipe): Child[] {
  if (!isPipe(place) && place.kind === 'browser')
    return [
      el('p', {}, 'The journey runs here; every other station is asked from here, or by one that was.'),
    ];
  const said = [
    `${times(place.calls, 'call')}, ${formatDuration(place.totalNs)} added up`,
    place.errors > 0 && `${place.errors} of them failed`,
    isPipe(place) && place.retries > 0 && `${times(place.retries, 'new try', 'new tries')} after a failure`,
    isPipe(place) &&
      place.setups > 0 &&
      `${times(place.setups, 'connection')} made for it, ${formatDuration(place.setupNs)} for TCP and TLS`,
    !isPipe(place) && place.processes > 1 && `${place.processes} processes answered as it`,
  ].filter((part): part is string => typeof part === 'string');
  const untraced = !isPipe(place) && place.kind === 'host';
  return [
    el('p', {}, `${said.join('; ')}.`),
    untraced &&
      el(
        'p',
        { class: 'hint' },
        'No span of it came: what it did inside is not known, only how long its callers waited.',
      ),
  ];
}

function waited(place: Place, wallNs: number, state: PipesState): Child[] {
  if (place.pathNs === 0)
    return [
      el(
        'p',
        {},
        'Nothing: what happened here ran beside the critical path, or while others were waited for deeper down.',
      ),
    ];
  const listed = place.times.slice(0, LISTED);
  const rest = place.times.length - listed.length;
  return [
    el('p', {}, el('b', {}, formatDuration(place.pathNs)), `, ${share(place.pathNs, wallNs)} of the run:`),
    el('ul', { class: 'times' }, ...listed.map((time) => timeItem(time, state))),
    rest > 0 && el('p', { class: 'hint' }, `and ${times(rest, 'smaller piece')}`),
  ];
}

const timeItem = ({ layer, cause, ns, evidence, spanId }: PlaceTime, state: PipesState): HTMLElement =>
  el(
    'li',
    { 'data-layer': layer },
    el('i', {
      class: evidence === 'inferred' || layer === 'unknown' ? 'swatch hatched' : 'swatch',
      'aria-hidden': true,
    }),
    el(
      'a',
      { href: waterfallAt(state, spanId), 'data-link': true },
      layer === 'unknown' ? 'nobody saw it' : causeInWords(cause),
    ),
    ` ${formatDuration(ns)}`,
    evidence === 'inferred' && el('span', { class: 'mute' }, ' inferred'),
  );

const waterfallAt = (state: PipesState, spanId: string): string =>
  `/run/${state.pipes.report.traceId}?sel=${encodeURIComponent(spanId)}`;

const spanLink = (span: SpanTime, state: PipesState, text = shorten(span.name, 80)): HTMLElement =>
  el('a', { href: waterfallAt(state, span.spanId), 'data-link': true }, el('bdi', {}, text));

function neighbours(station: Station, state: PipesState): Child[] {
  const links = state.pipes.pipes
    .filter(({ from, to }) => from === station.id || to === station.id)
    .map((pipe) =>
      el(
        'li',
        {},
        el(
          'button',
          { type: 'button', class: 'link', on: { click: () => state.select(pipe.id) } },
          el('bdi', {}, shorten(nameOf(pipe, state.stationById), 100)),
        ),
        el('span', { class: 'mute' }, ` ${times(pipe.calls, 'call')}`),
      ),
    );
  return links.length > 0
    ? [el('ul', {}, ...links)]
    : [el('p', {}, 'None: nobody called it, and it called nobody.')];
}

function foldedList(folded: readonly Station[], unfold: () => void): Child[] {
  const rest = folded.length - FOLDED_LISTED;
  return [
    el(
      'ul',
      {},
      ...folded
        .slice(0, FOLDED_LISTED)
        .map(({ name, calls, pathNs }) =>
          el(
            'li',
            {},
            el('bdi', {}, shorten(name, 100)),
            el('span', { class: 'mute' }, ` ${times(calls, 'call')}, ${formatDuration(pathNs)}`),
          ),
        ),
    ),
    rest > 0 && el('p', { class: 'hint' }, `and ${rest} more`),
    el('p', {}, el('button', { type: 'button', on: { click: unfold } }, 'Draw each of them')),
  ];
}
