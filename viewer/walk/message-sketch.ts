/**
 * Messages to and fro between two parties, time running down. The left party is the one who told: its end of an arrow
 * lies at the true time. When the other party sent or got it nobody saw, so that end lies where there is room.
 */
import { formatDuration } from '../../src/model/time.ts';
import type { Drawing, Message } from '../../src/model/walk.ts';
import { type Sketch, scaleOf } from './sketch.ts';
import { fitting, svg } from './svg.ts';

type Messages = Extract<Drawing, { kind: 'messages' }>;

const TOP_PX = 40;
const BOTTOM_PX = 26;
/** Between two arrows at the far side: a line of text. */
const GAP_PX = 24;
const LEAST_PX = 130;
/** How much lower an arrow arrives than it leaves, where there is room. */
const SLANT_PX = 12;
const TIME_PX = 66;

export function messageSketch(drawing: Messages): Sketch {
  const { startNs, endNs, left, right, messages } = drawing;
  return {
    caption: `Time runs down, to scale: ${formatDuration(endNs - startNs)} from top to bottom. Times are true at the left; when it was at the right nobody saw, so that end of an arrow lies where there is room.`,
    words: messages.map(
      ({ toRight, atNs, text, failed }) =>
        `After ${formatDuration(Math.max(0, atNs - startNs))}: ${toRight ? `${left} to ${right}` : `${right} to ${left}`}: ${text}${failed ? ' (failed)' : ''}`,
    ),
    draw: (width) => draw(drawing, width),
  };
}

function draw({ startNs, endNs, left, right, messages }: Messages, width: number): SVGSVGElement {
  const height = TOP_PX + BOTTOM_PX + Math.max(LEAST_PX, messages.length * (GAP_PX + 6));
  const bottom = height - BOTTOM_PX;
  const [x0, x1] = [TIME_PX, width - 16];
  const y = scaleOf(startNs, endNs, TOP_PX, bottom);
  const far = spread(messages, y, bottom);
  const lifelines = [x0, x1].map((x) =>
    svg('line', { class: 'lifeline', x1: x, x2: x, y1: TOP_PX - 8, y2: bottom + 8 }),
  );
  return svg(
    'svg',
    { width, height, 'aria-hidden': 'true', class: 'sketch' },
    svg('text', { class: 'party', x: x0, y: 16, 'text-anchor': 'start' }, fitting(left, width / 2 - TIME_PX)),
    svg('text', { class: 'party', x: x1, y: 16, 'text-anchor': 'end' }, fitting(right, width / 2 - 20)),
    ...lifelines,
    ...timesBeside(messages, startNs, endNs, y, x0),
    ...messages.map((message, i) => arrow(message, y(message.atNs), far[i] ?? 0, x0, x1)),
    ...messages.map((message, i) => label(message, far[i] ?? 0, x0, x1)),
  );
}

/** Where each arrow ends at the far side: near its own time, in order, a line of text apart. */
function spread(messages: readonly Message[], y: (ns: number) => number, bottom: number): number[] {
  const far = messages.map(({ toRight, atNs }) => y(atNs) + (toRight ? SLANT_PX : -SLANT_PX));
  let above = TOP_PX - GAP_PX + 8;
  for (const [i, at] of far.entries()) {
    far[i] = Math.max(at, above + GAP_PX);
    above = far[i]!;
  }
  let below = bottom + GAP_PX + 4;
  for (let i = far.length - 1; i >= 0; i--) {
    far[i] = Math.min(far[i]!, below - GAP_PX);
    below = far[i]!;
  }
  return far;
}

function arrow({ toRight, failed }: Message, y: number, farY: number, x0: number, x1: number): SVGGElement {
  const [fromX, fromY, toX, toY] = toRight ? [x0, y, x1, farY] : [x1, farY, x0, y];
  const angle = Math.atan2(toY - fromY, toX - fromX);
  const back = (turn: number, length: number): string =>
    `${toX - length * Math.cos(angle + turn)},${toY - length * Math.sin(angle + turn)}`;
  return svg(
    'g',
    { class: failed ? 'message failed' : 'message' },
    svg('line', { x1: fromX, y1: fromY, x2: toX, y2: toY }),
    svg('polygon', { points: `${toX},${toY} ${back(0.4, 9)} ${back(-0.4, 9)}` }),
    svg('circle', { cx: x0, cy: y, r: 3 }),
  );
}

/** Over all arrows: words stay readable where one passes behind them. */
const label = ({ text, failed }: Message, farY: number, x0: number, x1: number): SVGElement =>
  svg(
    'g',
    { class: failed ? 'message failed' : 'message' },
    svg(
      'text',
      { x: x1 - 12, y: farY - 5, 'text-anchor': 'end' },
      fitting(failed ? `✕ ${text}` : text, x1 - x0 - 30),
    ),
  );

/** Beginning and end always, and those between that have room. */
function timesBeside(
  messages: readonly Message[],
  startNs: number,
  endNs: number,
  y: (ns: number) => number,
  x0: number,
): SVGTextElement[] {
  const room = 15;
  const shown = [startNs, endNs];
  for (const { atNs } of messages)
    if (shown.every((other) => Math.abs(y(other) - y(atNs)) >= room)) shown.push(atNs);
  return shown.map((ns) =>
    svg(
      'text',
      { class: 'time', x: x0 - 8, y: y(ns) + 4, 'text-anchor': 'end' },
      formatDuration(Math.max(0, ns - startNs)),
    ),
  );
}
