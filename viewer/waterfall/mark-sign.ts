/** The shapes of marks as pictures beside text: the same four as on the canvas. No font need have them. */
import { el } from '../element.ts';
import type { MarkKind } from '../trace/marks.ts';

const SVG = 'http://www.w3.org/2000/svg';
/** In a box of 12 × 12. */
const SHAPE: Readonly<Record<MarkKind, string>> = {
  error: 'M6 .8a5.2 5.2 0 1 0 0 10.4a5.2 5.2 0 1 0 0-10.4ZM4 4l4 4M8 4l-4 4',
  warning: 'M6 1.5L11 10.5H1Z',
  milestone: 'M6 1L11 6L6 11L1 6Z',
  note: 'M6 3a3 3 0 1 0 0 6a3 3 0 1 0 0-6Z',
};

export function markSign(kind: MarkKind): HTMLElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 12 12');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', SHAPE[kind]);
  svg.append(path);
  return el('span', { class: `mark-sign ${kind}`, 'aria-hidden': true }, svg);
}
