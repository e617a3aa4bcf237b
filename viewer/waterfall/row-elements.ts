/** The rows as DOM: names that can be read, searched, focused and spoken. One element a visible row. */
import type { ScaleLinear } from 'd3';
import { LAYER_NAME } from '../../src/model/layer.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el, plainText, shorten } from '../element.ts';
import type { RunState } from '../run/run-state.ts';
import { leadOf, type Row, rowExtent } from '../trace/rows.ts';
import { at, spanAt } from '../trace/span-index.ts';
import type { Geometry } from './geometry.ts';
import { isStruck } from './row-bars.ts';
import { labelOf, spokenOf } from './row-label.ts';

const LONGEST_NAME = 160;
const INDENT_PX = 12;
const DURATION_GAP_PX = 6;
/** Room that a duration's label needs right of a bar; else it stands left of it. */
const DURATION_PX = 58;

interface Shown {
  readonly element: HTMLElement;
  readonly duration: HTMLElement;
  readonly row: Row;
}

export class RowElements {
  private shownByKey = new Map<string, Shown>();

  constructor(
    private readonly parent: HTMLElement,
    private readonly tree: HTMLElement,
    private readonly state: RunState,
  ) {}

  show(
    first: number,
    last: number,
    scrollTop: number,
    geometry: Geometry,
    x: ScaleLinear<number, number>,
  ): void {
    const next = new Map<string, Shown>();
    for (let i = first; i < last; i++) {
      const row = this.state.rows[i];
      if (!row) continue;
      const shown = this.shownByKey.get(row.key) ?? this.create(row);
      const current = shown.row === row ? shown : this.renew(shown, row);
      next.set(row.key, current);
      current.element.style.transform = `translateY(${i * geometry.rowHeight - scrollTop}px)`;
      this.mark(current, i);
      placeDuration(current, this.state, geometry, x);
    }
    for (const [key, { element }] of this.shownByKey) if (!next.has(key)) element.remove();
    this.shownByKey = next;
    this.tree.setAttribute(
      'aria-activedescendant',
      next.has(this.state.selected ?? '') ? rowId(this.state.selected) : '',
    );
    if (!next.has(this.state.selected ?? '')) this.tree.removeAttribute('aria-activedescendant');
  }

  private create(row: Row): Shown {
    const { name, note } = labelOf(row, this.state.index, this.state.connections);
    const span = spanAt(this.state.index, leadOf(row));
    const duration = el('span', { class: 'duration' });
    const onPath = row.kind === 'span' ? at(this.state.path.subtreeNs, row.span) : 0;
    const element = el(
      'div',
      { class: 'row', role: 'treeitem', id: rowId(row.key), 'data-key': row.key, 'data-layer': span.layer },
      el(
        'span',
        { class: 'label', style: { 'padding-left': `${8 + (row.level - 1) * INDENT_PX}px` } },
        el('span', { class: 'twisty', 'data-twisty': row.expandable }),
        el('bdi', { class: 'name', title: shorten(name, 2000) }, shorten(name, LONGEST_NAME)),
        note && el('bdi', { class: 'note' }, shorten(note, 80)),
      ),
      duration,
      el(
        'span',
        { class: 'spoken' },
        `, ${row.kind === 'span' ? spokenOf(span, onPath) : LAYER_NAME[span.layer]}`,
      ),
    );
    element.setAttribute('aria-level', String(row.level));
    this.parent.append(element);
    const shown = { element, duration, row };
    element.classList.toggle('off-path', onPath === 0 && row.kind === 'span');
    element.classList.toggle('failed', span.status.code === 'error' && row.kind === 'span');
    element.classList.toggle('guilty', row.kind === 'span' && this.state.guilty.has(row.span));
    return this.renew(shown, row);
  }

  private renew(shown: Shown, row: Row): Shown {
    if (row.expandable) shown.element.setAttribute('aria-expanded', String(row.expanded));
    return { ...shown, row };
  }

  private mark({ element, row }: Shown, i: number): void {
    const selected = row.key === this.state.selected;
    element.classList.toggle('selected', selected);
    element.setAttribute('aria-selected', String(selected));
    element.setAttribute('aria-posinset', String(i + 1));
    element.setAttribute('aria-setsize', String(this.state.rows.length));
    const { lit, matches } = this.state;
    element.classList.toggle('dimmed', lit !== undefined && !this.hasLit(row));
    element.classList.toggle('found', matches !== undefined && row.kind === 'span' && matches.has(row.span));
  }

  private hasLit(row: Row): boolean {
    const { lit } = this.state;
    if (!lit) return false;
    if (row.kind === 'group') return row.group.members.some((member) => lit.within(member) > 0);
    return row.expanded ? lit.has(row.span) : lit.within(row.span) > 0;
  }
}

export const rowId = (key: string | undefined): string => `row-${key}`;

/**
 * ```
 * //   [=====bar=====] 431 ms          right of the bar,
 * //          431 ms [=======bar=====| left of it where the screen ends,
 * //   |===========bar===========|     nowhere when the bar fills the screen: the panel has it
 * ```
 */
function placeDuration(
  { duration, row }: Shown,
  state: RunState,
  geometry: Geometry,
  x: ScaleLinear<number, number>,
): void {
  const { startNs, endNs } = rowExtent(row, state.index);
  const text = plainText(formatDuration(endNs - startNs));
  if (duration.textContent !== text) duration.textContent = text;
  // The cross of a struck bar is as wide as the bar is high, at least.
  const struckPx = row.kind === 'span' && isStruck(spanAt(state.index, row.span)) ? geometry.barHeight : 0;
  const [left, right] = [x(startNs), Math.max(x(endNs), x(startNs) + struckPx)];
  const offScreen = right < geometry.chartLeft || left > geometry.width;
  const fitsRight = right + DURATION_GAP_PX + DURATION_PX <= geometry.width;
  const fitsLeft = left - DURATION_GAP_PX - DURATION_PX >= geometry.chartLeft;
  duration.hidden = offScreen || (!fitsRight && !fitsLeft);
  if (geometry.stacked) duration.hidden = false;
  const at = geometry.stacked
    ? geometry.width - 8
    : fitsRight
      ? Math.max(right, geometry.chartLeft) + DURATION_GAP_PX
      : left - DURATION_GAP_PX;
  const shift = geometry.stacked || !fitsRight ? ' translateX(-100%)' : '';
  duration.style.transform = `translateX(${Math.round(at)}px)${shift}`;
}
