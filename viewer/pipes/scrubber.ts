/** The run's time as one bar in the colours of the ledger, in the order in which it passed; where the play is, and to move it. */
import { isLayer, LAYERS } from '../../src/model/layer.ts';
import { formatDuration, type Nanos } from '../../src/model/time.ts';
import { el } from '../element.ts';
import { onThemeChange } from '../theme.ts';
import { hatchPattern, readPalette } from '../waterfall/palette.ts';
import type { PipesState } from './pipes-state.ts';

const HEIGHT_PX = 26;
/** Of the run, for an arrow key and for a page key. */
const [STEP, PAGE] = [0.01, 0.1];

export interface Scrubber {
  readonly element: HTMLElement;
  resize(): void;
  /** @param sentence what a screen reader hears of the moment */
  draw(sentence: string): void;
}

export function createScrubber(state: PipesState): Scrubber {
  const canvas = el('canvas', { 'aria-hidden': true });
  const hand = el('i', { class: 'hand', 'aria-hidden': true });
  const element = el(
    'div',
    {
      class: 'scrubber',
      role: 'slider',
      tabindex: 0,
      'aria-label': 'Moment of the run',
      'aria-valuemin': 0,
      'aria-valuemax': Math.round((state.endNs - state.startNs) / 1e6),
    },
    canvas,
    hand,
  );
  let widthPx = 0;
  const paint = (): void => {
    const ratio = devicePixelRatio || 1;
    canvas.width = Math.round(widthPx * ratio);
    canvas.height = HEIGHT_PX * ratio;
    const pen = canvas.getContext('2d');
    if (pen) paintPieces(pen, state, widthPx, ratio, element);
  };
  connectPointer(element, state);
  connectKeys(element, state);
  onThemeChange(paint);
  return {
    element,
    resize: () => {
      if (element.clientWidth === widthPx || element.clientWidth === 0) return;
      widthPx = element.clientWidth;
      paint();
    },
    draw: (sentence) => {
      const whole = state.endNs - state.startNs || 1;
      const at = state.atNs ?? state.endNs;
      hand.hidden = state.atNs === undefined;
      hand.style.left = `${(100 * (at - state.startNs)) / whole}%`;
      element.setAttribute('aria-valuenow', String(Math.round((at - state.startNs) / 1e6)));
      element.setAttribute('aria-valuetext', sentence);
    },
  };
}

function paintPieces(
  pen: CanvasRenderingContext2D,
  state: PipesState,
  widthPx: number,
  ratio: number,
  element: Element,
): void {
  const palette = readPalette(element);
  const pattern = hatchPattern(pen, palette.hatch, ratio);
  const scale = (widthPx * ratio) / (state.endNs - state.startNs || 1);
  const x = (ns: Nanos): number => (ns - state.startNs) * scale;
  const height = HEIGHT_PX * ratio;
  const byLayer = new Map(LAYERS.map((layer) => [layer, palette.fill[layer].path]));
  for (const { startNs, endNs, layer, evidence } of state.pipes.play) {
    const [left, width] = [x(startNs), Math.max(0.5, x(endNs) - x(startNs))];
    pen.fillStyle = (isLayer(layer) && byLayer.get(layer)) || palette.mute;
    pen.fillRect(left, 0, width, height);
    if ((evidence !== 'inferred' && layer !== 'unknown') || !pattern) continue;
    pen.fillStyle = pattern;
    pen.fillRect(left, 0, width, height);
  }
}

function connectPointer(element: HTMLElement, state: PipesState): void {
  const moveTo = (event: PointerEvent): void => {
    const box = element.getBoundingClientRect();
    const part = (event.clientX - box.left) / (box.width || 1);
    state.moveTo(state.startNs + part * (state.endNs - state.startNs));
  };
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    moveTo(event);
  });
  element.addEventListener('pointermove', (event) => {
    if (element.hasPointerCapture(event.pointerId)) moveTo(event);
  });
}

function connectKeys(element: HTMLElement, state: PipesState): void {
  element.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const whole = state.endNs - state.startNs;
    const here = state.atNs ?? state.startNs;
    const to: Readonly<Record<string, Nanos>> = {
      ArrowLeft: here - STEP * whole,
      ArrowDown: here - STEP * whole,
      ArrowRight: here + STEP * whole,
      ArrowUp: here + STEP * whole,
      PageDown: here - PAGE * whole,
      PageUp: here + PAGE * whole,
      Home: state.startNs,
      End: state.endNs,
    };
    const ns = to[event.key];
    if (ns === undefined) return;
    event.preventDefault();
    state.moveTo(ns);
  });
}

export const momentInWords = (ns: Nanos, state: PipesState): string => formatDuration(ns - state.startNs);
