/**
 * The spans of both runs as one tree: how long each took here and there, and the change. Works by keyboard: one row is
 * selected, and offers the ways into both waterfalls.
 */
import { signedDuration } from '../../src/analyse/compare/sentence.ts';
import type { Comparison, SpanChange, SpanOccurrence } from '../../src/model/comparison.ts';
import { LAYER_NAME } from '../../src/model/layer.ts';
import { formatDuration } from '../../src/model/time.ts';
import { type Child, el, replace, shorten } from '../element.ts';
import { changeText } from './change-bar.ts';
import { spanLink } from './change-tables.ts';
import type { CompareState } from './compare-state.ts';
import type { SpanRow } from './span-rows.ts';

/** So many rows are drawn at first, and at each press for more: a screen has room for about thirty. */
const ROWS_AT_ONCE = 200;
const LONGEST_NAME = 160;

export interface SpanTable {
  readonly element: HTMLElement;
  draw(): void;
  focus(): void;
  /** Into the ways to the waterfalls of the selected row. */
  focusLinks(): void;
  showSelected(): void;
}

export function createSpanTable(state: CompareState, spans: readonly SpanChange[], other: string): SpanTable {
  let drawn = ROWS_AT_ONCE;
  const body = el('div', { role: 'rowgroup', class: 'span-rows' });
  const grid = el(
    'div',
    { class: 'span-table', role: 'treegrid', tabindex: 0, 'aria-label': 'Spans of both runs' },
    headings(other),
    body,
  );
  const more = el('button', { type: 'button' }, 'Show more');
  const said = el('p', { class: 'mute no-spans', role: 'status' });
  const element = el('div', {}, grid, said, more);
  const draw = (): void => {
    const { rows } = state.rows;
    drawn = Math.max(drawn, rows.findIndex(({ place }) => place === state.selected) + 1);
    const scaleNs = Math.max(1, state.comparison.a.wallNs, state.comparison.b.wallNs);
    replace(body, ...rows.slice(0, drawn).map((row) => rowElement(row, spans, state, scaleNs)));
    const isSelected = rows.some(({ place }) => place === state.selected);
    if (isSelected) grid.setAttribute('aria-activedescendant', rowId(state.selected));
    else grid.removeAttribute('aria-activedescendant');
    grid.hidden = rows.length === 0;
    more.hidden = rows.length <= drawn;
    more.textContent = `Show more (${rows.length - drawn} rows)`;
    said.textContent = rows.length === 0 ? nothingFound(state) : '';
  };
  more.addEventListener('click', () => {
    drawn += ROWS_AT_ONCE;
    draw();
  });
  body.addEventListener('click', (event) => press(event, state));
  return {
    element,
    draw,
    focus: () => grid.focus({ preventScroll: true }),
    focusLinks: () => body.querySelector<HTMLElement>('.span-row.selected a')?.focus(),
    showSelected: () => document.getElementById(rowId(state.selected))?.scrollIntoView({ block: 'nearest' }),
  };
}

function nothingFound({ query, minNs }: CompareState): string {
  const what = query ? `No span with “${shorten(query, 60)}” in its name` : 'No span';
  return minNs === 0
    ? `${what}.`
    : `${what} changed by ${formatDuration(minNs)} or more. A smaller amount shows more.`;
}

const rowId = (place: number | undefined): string => `span-row-${place}`;

const headings = (other: string): HTMLElement =>
  el(
    'div',
    { role: 'rowgroup', class: 'span-heads' },
    el(
      'div',
      { role: 'row', class: 'span-row' },
      ...['Span', 'this run', other, 'change', 'on the path', 'when'].map((name, i) =>
        el('span', { role: 'columnheader', class: `cell ${CELLS[i]}` }, name),
      ),
    ),
  );

const CELLS = ['span-name', 'number of-a', 'number of-b', 'number delta', 'number own', 'span-bars'] as const;
const cell = (column: number, ...children: Child[]): HTMLElement =>
  el('span', { role: 'gridcell', class: `cell ${CELLS[column]}` }, ...children);

function rowElement(
  row: SpanRow,
  spans: readonly SpanChange[],
  state: CompareState,
  scaleNs: number,
): HTMLElement | undefined {
  const span = spans[row.place];
  if (!span) return undefined;
  const isSelected = row.place === state.selected;
  return el(
    'div',
    {
      role: 'row',
      id: rowId(row.place),
      class: `span-row ${span.kind}${isSelected ? ' selected' : ''}${row.isAbove ? ' above' : ''}`,
      'data-layer': span.layer,
      'data-place': row.place,
      'aria-level': row.depth + 1,
      'aria-selected': isSelected,
      'aria-expanded': row.hasChildren ? row.isOpen : undefined,
      style: { '--depth': String(row.depth) },
    },
    cell(0, ...nameCell(row, span, isSelected, state.comparison)),
    cell(1, lengthOf(span.a)),
    cell(2, lengthOf(span.b)),
    cell(3, changeText(span.deltaNs)),
    cell(4, span.ownDeltaNs === 0 ? '' : signedDuration(span.ownDeltaNs)),
    cell(5, occurrenceBar(span.a, 'here', scaleNs), occurrenceBar(span.b, 'there', scaleNs)),
  );
}

const lengthOf = (occurrence: SpanOccurrence | null): string =>
  occurrence ? formatDuration(occurrence.ns) : '—';

const PRESENCE = { both: '', added: '+ only in this run', removed: '− only in the other' } as const;

function nameCell(
  row: SpanRow,
  { name, component, otherComponent, kind, layer, a, b }: SpanChange,
  isSelected: boolean,
  comparison: Comparison,
): Child[] {
  const links = isSelected
    ? [
        spanLink(comparison.a.traceId, a?.spanId ?? null, 'Open in this run'),
        spanLink(comparison.b.traceId, b?.spanId ?? null, 'Open in the other'),
      ]
    : [];
  const who = otherComponent === undefined ? component : `${component}, the other by ${otherComponent}`;
  return [
    el(
      'span',
      { class: 'span-fold', 'data-twisty': row.hasChildren, 'aria-hidden': true },
      row.hasChildren ? (row.isOpen ? '▾' : '▸') : '',
    ),
    el('i', { class: 'swatch', 'aria-hidden': true }),
    el('span', { class: 'spoken' }, `${LAYER_NAME[layer]} `),
    el('bdi', {}, shorten(name, LONGEST_NAME)),
    kind !== 'both' && el('span', { class: 'presence' }, PRESENCE[kind]),
    el('bdi', { class: 'mute who' }, shorten(who, LONGEST_NAME)),
    links.length > 0 && el('span', { class: 'sources' }, ...links),
  ];
}

/** Where in its run the span lay: both on one scale. */
function occurrenceBar(occurrence: SpanOccurrence | null, which: 'here' | 'there', scaleNs: number): Child {
  if (!occurrence) return undefined;
  const share = (ns: number): string => `${Math.min(100, Math.max(0, (ns / scaleNs) * 100))}%`;
  return el('i', {
    class: which,
    'aria-hidden': true,
    style: { left: share(occurrence.startNs), width: share(occurrence.ns) },
  });
}

function press(event: Event, state: CompareState): void {
  const target = event.target instanceof Element ? event.target : undefined;
  const row = target?.closest<HTMLElement>('[data-place]');
  if (!target || !row || target.closest('a')) return;
  const place = Number(row.dataset.place);
  state.select(place);
  if (target.closest('[data-twisty]')) state.toggle(place);
}
