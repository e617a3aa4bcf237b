/** The rows as DOM: names that can be read, searched, focused and spoken. One element a visible row. */
import type { ScaleLinear } from 'd3';
import { LAYER_NAME } from '../../src/model/layer.ts';
import { el, shorten } from '../element.ts';
import type { RunState } from '../run/run-state.ts';
import { leadOf, type Row } from '../trace/rows.ts';
import { at, spanAt } from '../trace/span-index.ts';
import { durationPlace } from './duration-place.ts';
import type { Geometry } from './geometry.ts';
import { labelOf, spokenOf } from './row-label.ts';

export const LONGEST_NAME = 160;
export const INDENT_PX = 12;

/** Rows lie below the one that the container begins with; further from it than this, pixels would be rounded. */
const ANCHORED_PX = 1_000_000;

interface Shown {
  readonly element: HTMLElement;
  readonly duration: HTMLElement;
  readonly row: Row;
}

export class RowElements {
  private shownByKey = new Map<string, Shown>();
  /** The row at the container's top. */
  private anchor = 0;

  constructor(
    private readonly parent: HTMLElement,
    private readonly tree: HTMLElement,
    private readonly state: RunState,
  ) {}

  /** The same rows as before, at another place; those that came into sight are made. */
  scroll(
    first: number,
    last: number,
    scrollTop: number,
    geometry: Geometry,
    x: ScaleLinear<number, number>,
  ): void {
    this.show(first, last, scrollTop, geometry, x, true);
  }

  show(
    first: number,
    last: number,
    scrollTop: number,
    geometry: Geometry,
    x: ScaleLinear<number, number>,
    scrolledOnly = false,
  ): void {
    const isAnchored = Math.abs(this.anchor * geometry.rowHeight - scrollTop) < ANCHORED_PX;
    if (!scrolledOnly || !isAnchored) this.anchor = first;
    this.parent.style.transform = `translateY(${this.anchor * geometry.rowHeight - scrollTop}px)`;
    const next = new Map<string, Shown>();
    for (let i = first; i < last; i++) {
      const row = this.state.rows.at(i);
      if (!row) continue;
      const known = this.shownByKey.get(row.key);
      if (known && scrolledOnly && isAnchored) {
        next.set(row.key, known);
        continue;
      }
      const shown = known ?? this.create(row);
      const current = shown.row === row ? shown : this.renew(shown, row);
      next.set(row.key, current);
      current.element.style.transform = `translateY(${(i - this.anchor) * geometry.rowHeight}px)`;
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

function placeDuration(
  { duration, row }: Shown,
  state: RunState,
  geometry: Geometry,
  x: ScaleLinear<number, number>,
): void {
  const { text, at, endsThere, hidden } = durationPlace(row, state, geometry, x);
  if (duration.textContent !== text) duration.textContent = text;
  duration.hidden = hidden;
  duration.style.transform = `translateX(${at}px)${endsThere ? ' translateX(-100%)' : ''}`;
}
