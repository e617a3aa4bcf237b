/** The drawing of a stop with its caption, and the same in words for whoever cannot see it. It is drawn anew when its width changes. */
import type { Drawing } from '../../src/model/walk.ts';
import { el, replace } from '../element.ts';
import { barSketch, riderSketch, shareSketch } from './bar-sketches.ts';
import { planSketch, queueSketch } from './line-sketches.ts';
import { messageSketch } from './message-sketch.ts';
import type { Sketch } from './sketch.ts';

/** Wider, a drawing of a few bars only gets emptier. */
const WIDEST_PX = 860;

export interface Figure {
  readonly element: HTMLElement;
  stop(): void;
}

export function createFigure(drawing: Drawing, layer: string | undefined): Figure {
  const sketch = sketchOf(drawing);
  const canvas = el('div', { class: 'canvas' });
  const words = el(
    'details',
    {},
    el('summary', {}, 'The drawing in words'),
    el('ul', {}, ...sketch.words.map((word) => el('li', {}, el('bdi', {}, word)))),
  );
  const element = el(
    'figure',
    { class: 'walk-figure', 'data-layer': layer },
    canvas,
    el('figcaption', {}, sketch.caption),
    words,
  );
  let drawnPx = 0;
  const observer = new ResizeObserver(() => {
    const width = Math.min(WIDEST_PX, Math.floor(canvas.clientWidth));
    if (width === drawnPx || width <= 0) return;
    drawnPx = width;
    replace(canvas, sketch.draw(width));
  });
  observer.observe(canvas);
  return { element, stop: () => observer.disconnect() };
}

function sketchOf(drawing: Drawing): Sketch {
  switch (drawing.kind) {
    case 'shares':
      return shareSketch(drawing);
    case 'messages':
      return messageSketch(drawing);
    case 'queue':
      return queueSketch(drawing);
    case 'bars':
      return barSketch(drawing);
    case 'plan':
      return planSketch(drawing);
    case 'riders':
      return riderSketch(drawing);
  }
}
