/**
 * The shapes of marks, around (0, 0): a shape a kind, so that they can be told apart without colour.
 *
 * ```
 * //  error  ✕ on a disc     warning  △     milestone  ◆     note  ●
 * ```
 */
import type { MarkKind } from '../trace/marks.ts';
import type { Palette } from './palette.ts';
import type { Pen } from './pen.ts';

const RADIUS_PX = 4.5;

export function drawMark(pen: Pen, palette: Palette, kind: MarkKind): void {
  pen.beginPath();
  outline(pen, kind);
  pen.fillStyle = kind === 'error' ? palette.error : kind === 'milestone' ? palette.ink : palette.background;
  pen.strokeStyle = kind === 'error' || kind === 'milestone' ? palette.background : palette.ink;
  pen.lineWidth = 1.5;
  pen.fill();
  pen.stroke();
  if (kind !== 'error') return;
  pen.beginPath();
  for (const side of [-1, 1]) {
    pen.moveTo(-2 * side, -2);
    pen.lineTo(2 * side, 2);
  }
  pen.stroke();
}

function outline(pen: Pen, kind: MarkKind): void {
  const r = RADIUS_PX;
  if (kind === 'error') pen.arc(0, 0, r + 0.5, 0, 2 * Math.PI);
  else if (kind === 'note') pen.arc(0, 0, r - 1.5, 0, 2 * Math.PI);
  else if (kind === 'warning')
    polygon(pen, [
      [0, -r],
      [r, r - 1],
      [-r, r - 1],
    ]);
  else
    polygon(pen, [
      [0, -r],
      [r, 0],
      [0, r],
      [-r, 0],
    ]);
}

function polygon(pen: Pen, points: readonly (readonly [number, number])[]): void {
  for (const [x, y] of points) pen.lineTo(x, y);
  pen.closePath();
}
