/**
 * Scrolls through more rows than an element can be tall. It holds one tall empty element for the scroll bar, and a
 * stage that sticks to its top, on which the rows of the screen are drawn.
 */
import { el } from '../element.ts';

/** Browsers make no element taller than 17 to 33 million pixels; beyond, the scroll bar moves faster than the rows. */
const TALLEST_PX = 16_000_000;

export class RowScroller {
  readonly element: HTMLElement;
  private readonly spacer = el('div', { class: 'spacer', role: 'presentation' });
  private rows = 0;
  private rowHeight = 1;

  constructor(
    private readonly stage: HTMLElement,
    label: string,
  ) {
    const tree = { class: 'scroller', role: 'tree', tabindex: 0, 'aria-label': label };
    this.element = el('div', tree, stage, this.spacer);
  }

  get height(): number {
    return this.element.clientHeight;
  }

  /** Whole rows that fit on the screen, less one that stays in sight. */
  get pageSize(): number {
    return Math.max(1, Math.floor(this.height / this.rowHeight) - 1);
  }

  fit(rows: number, rowHeight: number): void {
    [this.rows, this.rowHeight] = [rows, rowHeight];
    this.stage.style.height = `${this.height}px`;
    this.spacer.style.height = `${Math.max(0, Math.min(rows * rowHeight, TALLEST_PX) - this.height)}px`;
  }

  /** Pixels of rows above the screen. The scroller's own where it is tall enough for all rows. */
  get top(): number {
    return this.element.scrollTop * this.stretch;
  }

  set top(px: number) {
    this.element.scrollTop = px / this.stretch;
  }

  /** Pixels of rows to a pixel of the scroller. */
  private get stretch(): number {
    const px = this.rows * this.rowHeight;
    return px <= TALLEST_PX ? 1 : (px - this.height) / (TALLEST_PX - this.height);
  }

  /** The first row on screen, and the one after the last. */
  get onScreen(): readonly [number, number] {
    const first = Math.max(0, Math.floor(this.top / this.rowHeight));
    const last = Math.ceil((this.top + this.height) / this.rowHeight);
    return [first, Math.min(this.rows, last)];
  }

  /** Scrolls as little as needed for the row to be seen, and one beside it. */
  show(row: number): void {
    if (row < 0) return;
    const { rowHeight, height } = this;
    const [top, bottom] = [row * rowHeight, (row + 1) * rowHeight];
    if (top < this.top) this.top = Math.max(0, top - rowHeight);
    else if (bottom > this.top + height) {
      // To a whole row: half a row at the top edge looks like a mistake.
      const least = bottom + rowHeight - height;
      this.top = Math.ceil(least / rowHeight) * rowHeight;
    }
  }
}
