/**
 * The ledger: the run's wall time as one bar, cut by layer and inside a layer by cause, and the same in words below.
 * Pointing at a piece lights what it is made of in the waterfall; pressing it keeps the light on.
 */
import { LAYER_NAME, type Layer } from '../../src/model/layer.ts';
import type { LedgerEntry } from '../../src/model/report.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el, replace, shorten } from '../element.ts';
import { causeInWords } from '../panel/cause.ts';
import type { RunState } from './run-state.ts';

/** Of one layer, in the line that says what it is made of. */
const PIECES_LISTED = 6;
/** Per cent. Smaller shares are noise beside the figure itself. */
const SHARE_SHOWN_FROM = 5;

export function createLedger(state: RunState): HTMLElement {
  const { ledger, wallNs } = state.report;
  const layers = state.layerTotals();
  const bar = el('div', { class: 'ledger-bar', 'aria-hidden': true });
  for (const { layer, ns } of layers) bar.append(layerPiece(layer, ns, ledger, state));
  const keys = layers.map(({ layer, ns }) => legendKey(layer, ns, wallNs, state));
  const legend = el(
    'div',
    { class: 'legend', role: 'group', 'aria-label': 'Where the time went, by layer' },
    ...keys,
  );
  const made = el('p', { class: 'made-of', 'aria-live': 'polite', hidden: true });
  state.onChange((changed) => {
    if (!changed.has('light')) return;
    for (const key of keys) key.setAttribute('aria-pressed', String(key.dataset.layer === state.pinned));
    bar.classList.toggle('choosing', state.pinned !== undefined);
    for (const piece of bar.children)
      piece.classList.toggle('chosen', piece.getAttribute('data-layer') === state.pinned);
    made.hidden = state.pinned === undefined;
    if (state.pinned) replace(made, ...madeOf(state.pinned, state));
  });
  return el('section', { class: 'ledger', 'aria-label': 'Ledger' }, bar, legend, made);
}

function layerPiece(layer: Layer, ns: number, ledger: readonly LedgerEntry[], state: RunState): HTMLElement {
  const entries = ledger.filter((entry) => entry.layer === layer).sort((a, b) => b.ns - a.ns);
  const piece = el(
    'div',
    {
      class: entries.some((entry) => isBlamed(entry, state)) ? 'piece blamed' : 'piece',
      'data-layer': layer,
      style: { 'flex-grow': String(ns) },
      on: lightOn(() => state.spansOfLayer(layer), state),
    },
    ...entries.map((entry) => entryPiece(entry, state)),
    el(
      'span',
      { class: 'words' },
      LAYER_NAME[layer],
      el('span', { class: 'amount' }, ` ${formatDuration(ns)}`),
    ),
  );
  piece.addEventListener('click', () => state.pin(layer));
  return piece;
}

/** What the verdict speaks of: marked below the bar. When nothing stands out, nothing is. */
const isBlamed = ({ layer, cause }: LedgerEntry, { report: { verdict } }: RunState): boolean =>
  verdict.confidence !== undefined && verdict.layer === layer && verdict.cause === cause;

function entryPiece(entry: LedgerEntry, state: RunState): HTMLElement {
  const title = `${LAYER_NAME[entry.layer]} · ${shorten(entry.component, 80)} · ${causeInWords(entry.cause)}: ${formatDuration(entry.ns)}`;
  const hatched = entry.evidence === 'inferred' || entry.layer === 'unknown';
  const classes = ['entry', hatched && 'hatched', isBlamed(entry, state) && 'blamed'];
  return el('div', {
    class: classes.filter(Boolean).join(' '),
    title,
    'data-cause': entry.cause,
    style: { 'flex-grow': String(entry.ns) },
    on: lightOn(() => state.spansOfEntry(entry), state),
  });
}

function lightOn(spans: () => ReturnType<RunState['spansOfLayer']>, state: RunState) {
  return {
    pointerover: (event: PointerEvent) => {
      event.stopPropagation();
      state.hover(spans());
    },
    pointerleave: () => state.hover(undefined),
  };
}

function legendKey(layer: Layer, ns: number, wallNs: number, state: RunState): HTMLButtonElement {
  const share = Math.round((ns / (wallNs || 1)) * 100);
  return el(
    'button',
    {
      type: 'button',
      class: 'key',
      'data-layer': layer,
      'aria-pressed': false,
      on: { click: () => state.pin(layer), ...lightOn(() => state.spansOfLayer(layer), state) },
    },
    el('i', { class: 'swatch', 'aria-hidden': true }),
    LAYER_NAME[layer],
    el('b', {}, ` ${formatDuration(ns)}`),
    share >= SHARE_SHOWN_FROM && el('span', { class: 'share' }, ` ${share} %`),
  );
}

/** `database 1.38 s: sequential scan 1.30 s (postgresql), index scan 74 ms (postgresql)`, each a way to its span. */
function madeOf(layer: Layer, state: RunState): (Node | string)[] {
  const entries = state.report.ledger.filter((entry) => entry.layer === layer).sort((a, b) => b.ns - a.ns);
  const total = entries.reduce((sum, entry) => sum + entry.ns, 0);
  const parts = entries.slice(0, PIECES_LISTED).flatMap((entry, i) => {
    const span = state.index.positionOf.get(entry.spanIds[0] ?? '');
    const text = `${causeInWords(entry.cause)} ${formatDuration(entry.ns)}`;
    const where = ` (${shorten(entry.component, 60)})`;
    const link =
      span === undefined
        ? text
        : el('button', { type: 'button', class: 'link', on: { click: () => state.reveal(span) } }, text);
    return [i > 0 ? ' · ' : '', link, where];
  });
  const rest = entries.length - PIECES_LISTED;
  return [
    el('b', {}, `${LAYER_NAME[layer]} ${formatDuration(total)}`),
    ' = ',
    ...parts,
    rest > 0 ? ` · and ${rest} more` : '',
  ];
}
