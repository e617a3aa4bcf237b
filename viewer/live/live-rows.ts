/** The rows of a run in progress. A row stays the same element while it grows, so focus and scrolling stay too. */
import { LAYER_NAME } from '../../src/model/layer.ts';
import type { LivePiece, LiveRow, LiveRun } from '../../src/model/live.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';

export interface LiveRows {
  readonly element: HTMLElement;
  update(run: LiveRun, scaleNs: number): void;
  /** Span id of the row that a person chose. */
  readonly selected: string | undefined;
}

/** Indent of a level, px. */
const INDENT = 14;

export function createLiveRows(first: string | undefined): LiveRows {
  const element = el('ol', { class: 'live-rows' });
  const drawn = new Map<string, { text: string; readonly row: HTMLElement }>();
  let selected = first;
  const choose = (spanId: string): void => {
    selected = selected === spanId ? undefined : spanId;
    for (const [id, { row }] of drawn) mark(row, id === selected);
  };
  const rowOf = (spanId: string): HTMLElement => {
    const row = el('li', {});
    row.addEventListener('click', () => choose(spanId));
    return row;
  };
  return {
    element,
    get selected() {
      return selected;
    },
    update({ rows }, scaleNs) {
      const gone = new Set(drawn.keys());
      rows.forEach((data, i) => {
        const known = drawn.get(data.spanId) ?? { text: '', row: rowOf(data.spanId) };
        drawn.set(data.spanId, known);
        gone.delete(data.spanId);
        const text = `${scaleNs} ${JSON.stringify(data)}`;
        if (known.text !== text) fill(known.row, data, scaleNs);
        known.text = text;
        mark(known.row, data.spanId === selected);
        if (element.children[i] !== known.row) element.insertBefore(known.row, element.children[i] ?? null);
      });
      for (const id of gone) {
        drawn.get(id)?.row.remove();
        drawn.delete(id);
      }
    },
  };
}

function mark(row: HTMLElement, isSelected: boolean): void {
  row.classList.toggle('selected', isSelected);
  row.querySelector('button')?.setAttribute('aria-pressed', String(isSelected));
}

/** The button is kept: it may have the focus. */
function fill(row: HTMLElement, data: LiveRow, scaleNs: number): void {
  const button = row.querySelector('button') ?? el('button', { type: 'button', class: 'live-row' });
  row.className = `live-${data.kind}${data.open ? ' goes-on' : ''}`;
  const lasted = formatDuration(data.endNs - data.startNs);
  const name = el(
    'span',
    { class: 'live-name', style: { 'padding-left': `${(data.level - 1) * INDENT}px` } },
    data.error !== undefined && el('b', { class: 'bad', title: shorten(data.error, 300) }, '✕ '),
    el('bdi', {}, shorten(data.name, 120)),
    data.error !== undefined && el('span', { class: 'spoken' }, ` failed: ${shorten(data.error, 200)}`),
  );
  const bar = el(
    'span',
    { class: 'live-bar', style: place(data, scaleNs), 'aria-hidden': true },
    ...data.pieces.map((piece) => pieceOf(piece, data)),
  );
  button.replaceChildren(
    name,
    el('span', { class: 'live-took' }, data.open ? `${lasted} …` : lasted),
    el('span', { class: 'live-track' }, bar),
  );
  if (!button.isConnected) row.append(button);
}

const place = ({ startNs, endNs }: Pick<LiveRow, 'startNs' | 'endNs'>, scaleNs: number) => ({
  left: `${(startNs / scaleNs) * 100}%`,
  width: `${Math.max(0, ((endNs - startNs) / scaleNs) * 100)}%`,
});

/** Held inside the bar: a server's clock may be off before the run is whole. */
function pieceOf({ layer, evidence, startNs, endNs }: LivePiece, row: LiveRow): HTMLElement {
  const whole = Math.max(1, row.endNs - row.startNs);
  const from = Math.min(Math.max(0, startNs - row.startNs), whole);
  const to = Math.min(Math.max(from, endNs - row.startNs), whole);
  return el('i', {
    class: evidence === 'inferred' ? 'hatched' : '',
    'data-layer': layer,
    title: `${LAYER_NAME[layer]} ${formatDuration(endNs - startNs)}`,
    style: { left: `${(from / whole) * 100}%`, width: `${((to - from) / whole) * 100}%` },
  });
}
