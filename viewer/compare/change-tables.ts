/** Layers, parts, steps and connections as tables: both figures, the change, and a bar left or right of zero. */
import { partInWords } from '../../src/analyse/compare/sentence.ts';
import type {
  Change,
  Comparison,
  ConnectionChange,
  PartChange,
  SetupPaid,
  StepChange,
} from '../../src/model/comparison.ts';
import { LAYER_NAME } from '../../src/model/layer.ts';
import { formatDuration } from '../../src/model/time.ts';
import { type Child, el, shorten } from '../element.ts';
import { type BarPiece, changeBar, changeText } from './change-bar.ts';

/** More rows than this are not read; all of them are one press away. */
const PARTS_FIRST = 8;
/** A part that moved less is left out, unless nothing moved more: it is noise beside the rest. */
const PART_WORTH_NS = 1e6;
const LONGEST_NAME = 120;

export interface Named {
  /** `run d08197fc`, `what is usual`. */
  readonly other: string;
}

const head = (what: string, other: string): HTMLElement =>
  el(
    'thead',
    {},
    el(
      'tr',
      {},
      el('th', { scope: 'col' }, what),
      el('th', { scope: 'col', class: 'number' }, 'this run'),
      el('th', { scope: 'col', class: 'number' }, other),
      el('th', { scope: 'col', class: 'number' }, 'change'),
      el('td', { class: 'bar-cell' }),
    ),
  );

function row(
  name: readonly Child[],
  change: Change,
  pieces: readonly BarPiece[],
  mostNs: number,
): HTMLElement {
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, ...name),
    el('td', { class: 'number' }, formatDuration(change.aNs)),
    el('td', { class: 'number' }, formatDuration(change.bNs)),
    el('td', { class: 'number' }, changeText(change.deltaNs)),
    el('td', { class: 'bar-cell' }, changeBar(pieces, mostNs)),
  );
}

const section = (title: string, ...children: Child[]): HTMLElement =>
  el('section', { class: 'changes' }, el('h2', {}, title), ...children);

const mostOf = (changes: readonly Change[]): number =>
  Math.max(1, ...changes.map(({ deltaNs }) => Math.abs(deltaNs)));

export function layerTable({ layers }: Comparison, other: string): HTMLElement {
  const mostNs = mostOf(layers);
  const rows = layers.map((change) =>
    row([swatch(change.layer), LAYER_NAME[change.layer]], change, [change], mostNs),
  );
  return section(
    'By layer',
    el('table', { class: 'change-table' }, head('Layer', other), el('tbody', {}, ...rows)),
  );
}

const swatch = (layer: string): HTMLElement =>
  el('span', { 'data-layer': layer }, el('i', { class: 'swatch', 'aria-hidden': true }));

export function partTable({ parts, restNs, a, b }: Comparison, other: string): HTMLElement {
  const moved = parts.filter(({ deltaNs }) => Math.abs(deltaNs) >= PART_WORTH_NS);
  const worth = moved.length > 0 ? moved : parts.filter(({ deltaNs }) => deltaNs !== 0);
  if (worth.length === 0)
    return section('What changed', el('p', { class: 'mute' }, 'No part of the time changed.'));
  const mostNs = mostOf(worth);
  const rows = worth.map((part) => partRow(part, mostNs, a.traceId, b.traceId));
  const body = el('tbody', {}, ...rows.slice(0, PARTS_FIRST));
  const more = rows.length - PARTS_FIRST;
  const button = el('button', { type: 'button', class: 'link' }, `Show ${more} smaller ones`);
  button.addEventListener('click', () => {
    body.append(...rows.slice(PARTS_FIRST));
    button.remove();
  });
  return section(
    'What changed',
    el('table', { class: 'change-table' }, head('Part', other), body),
    more > 0 && button,
    restNs !== 0 &&
      el(
        'p',
        { class: 'mute' },
        changeText(restNs),
        ' left over: medians of parts do not add up to the median of the whole.',
      ),
  );
}

function partRow(
  part: PartChange,
  mostNs: number,
  traceA: string | null,
  traceB: string | null,
): HTMLElement {
  const { aSpanId, bSpanId } = part;
  const inferred = part.aInferred || part.bInferred;
  const links = [spanLink(traceA, aSpanId, 'this run'), spanLink(traceB, bSpanId, 'the other')].filter(
    Boolean,
  );
  const words = partInWords(part);
  const layer = words.includes(LAYER_NAME[part.layer]) ? undefined : LAYER_NAME[part.layer];
  const notes = [layer, inferred ? 'inferred' : undefined].filter(Boolean).join(', ');
  const name = [
    swatch(part.layer),
    el('bdi', {}, shorten(words, LONGEST_NAME)),
    notes !== '' && el('span', { class: 'mute' }, ` ${notes} `),
    links.length > 0 && el('span', { class: 'sources' }, ...links),
  ];
  return row(name, part, [part], mostNs);
}

/** To where most of the time was spent, in the waterfall of its run. */
export function spanLink(
  traceId: string | null,
  spanId: string | null,
  text: string,
): HTMLElement | undefined {
  if (traceId === null || spanId === null) return undefined;
  const href = `/run/${traceId}?sel=${encodeURIComponent(spanId)}`;
  return el('a', { href, 'data-link': true }, text);
}

const STEP_KIND = { both: '', added: ' + only in this run', removed: ' − only in the other' } as const;

export function stepTable({ steps, b }: Comparison, other: string): HTMLElement {
  const reach = ({ layers }: StepChange): number =>
    Math.max(
      layers.reduce((sum, { deltaNs }) => sum + Math.max(0, deltaNs), 0),
      layers.reduce((sum, { deltaNs }) => sum + Math.max(0, -deltaNs), 0),
    );
  const mostNs = Math.max(1, ...steps.map(reach));
  const rows = steps.map((step) => row(stepName(step), step, step.layers, mostNs));
  return section(
    'Step by step',
    el('table', { class: 'change-table' }, head('Step', other), el('tbody', {}, ...rows)),
    b.kind === 'usual' &&
      el('p', { class: 'mute' }, 'What is usual for a step is the sum of its parts’ medians.'),
  );
}

const stepName = ({ name, kind, layers }: StepChange): Child[] => [
  el('bdi', {}, name === null ? 'outside of steps' : shorten(name, LONGEST_NAME)),
  kind !== 'both' && el('span', { class: 'presence' }, STEP_KIND[kind]),
  el(
    'span',
    { class: 'spoken' },
    layers
      .filter(({ deltaNs }) => deltaNs !== 0)
      .map(({ layer, deltaNs }) => ` ${LAYER_NAME[layer]} ${changeText(deltaNs).textContent}`)
      .join(','),
  ),
];

const SETUP = {
  dns: 'DNS look-ups',
  tcp: 'connects',
  tls: 'TLS handshakes',
  socket: 'connections opened',
  cache: 'answers from a cache',
} as const;

/** Undefined when both paid for the same. */
export function connectionTable({ connections }: Comparison, other: string): HTMLElement | undefined {
  if (connections.length === 0) return undefined;
  const rows = connections.map((each) =>
    el(
      'tr',
      {},
      el(
        'th',
        { scope: 'row' },
        el('bdi', {}, shorten(each.host, LONGEST_NAME)),
        el('span', { class: 'mute' }, ` ${SETUP[each.phase]}`),
      ),
      el('td', { class: 'number' }, paid(each.a)),
      el('td', { class: 'number' }, paid(each.b)),
      el('td', {}, warmth(each)),
    ),
  );
  const heads = ['Host', 'this run', other].map((name, i) =>
    el('th', { scope: 'col', class: i > 0 ? 'number' : undefined }, name),
  );
  return section(
    'Connections',
    el(
      'table',
      { class: 'change-table' },
      el('thead', {}, el('tr', {}, ...heads, el('td', {}))),
      el('tbody', {}, ...rows),
    ),
  );
}

const paid = ({ times, ns }: SetupPaid): string =>
  times === 0 ? 'none' : ns === 0 ? String(times) : `${times} × (${formatDuration(ns)})`;

/** Only of setting up: a cache and a socket are neither cold nor warm. */
function warmth({ phase, a, b }: ConnectionChange): string {
  if (phase === 'cache' || phase === 'socket') return '';
  return b.times === 0 ? 'cold here, warm there' : a.times === 0 ? 'warm here, cold there' : '';
}
