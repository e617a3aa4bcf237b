/**
 * The sign of a valve: open (two triangles, as on a plan of pipes), or a gauge whose needle says how much of the time
 * was spent waiting. Told apart by shape; the words beside it say the same.
 */
import { arc } from 'd3';
import { shape } from './svg.ts';

const RADIUS = 12;
/** The gauge's scale goes over three quarters of a circle. */
const [FROM, OVER] = [-0.75 * Math.PI, 1.5 * Math.PI];
/** From here on the needle is in the red. */
export const HIGH_PRESSURE = 0.5;

export function valveSign(pressure: number, isBlamed: boolean): SVGSVGElement {
  const isOpen = pressure === 0 && !isBlamed;
  const tone = isBlamed ? 'blamed' : pressure >= HIGH_PRESSURE ? 'high' : isOpen ? 'open' : 'some';
  const svg = shape('svg', { viewBox: '-15 -15 30 30', class: `valve-sign ${tone}`, 'aria-hidden': 'true' });
  svg.append(...(isOpen ? [openValve()] : gauge(pressure)));
  return svg;
}

const openValve = (): SVGElement => shape('path', { class: 'bow', d: 'M-9 -7L9 7V-7L-9 7Z' });

function gauge(pressure: number): SVGElement[] {
  const band = (from: number, to: number): string =>
    arc<null>()
      .innerRadius(RADIUS - 4)
      .outerRadius(RADIUS)
      .startAngle(FROM + OVER * from)
      .endAngle(FROM + OVER * to)(null) ?? '';
  const angle = FROM + OVER * pressure - Math.PI / 2;
  return [
    shape('circle', { class: 'dial', r: RADIUS + 2 }),
    shape('path', { class: 'scale', d: band(0, 1) }),
    shape('path', { class: 'reading', d: band(0, pressure) }),
    shape('line', {
      class: 'needle',
      x1: 0,
      y1: 0,
      x2: (RADIUS - 3) * Math.cos(angle),
      y2: (RADIUS - 3) * Math.sin(angle),
    }),
  ];
}
