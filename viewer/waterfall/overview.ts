/**
 * The whole run on one scale, above the rows: the steps, the critical path as a ribbon (who had the water, in order
 * of time), one thin lane a layer below it, and a brush that chooses the window.
 */
import { brushX, type D3BrushEvent, scaleLinear, select } from 'd3';
import { CODED } from '../../src/model/columns.ts';
import { LAYERS } from '../../src/model/layer.ts';
import type { StepReport } from '../../src/model/report.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';
import type { RunState } from '../run/run-state.ts';
import { type Geometry, RIGHT_PAD_PX } from './geometry.ts';
import { type Palette, readPalette } from './palette.ts';
import { isWhole, windowAround } from './time-window.ts';

const RIBBON_PX = 12;
const LANE_PX = 3;
const HEIGHT_PX = RIBBON_PX + 3 + LAYERS.length * LANE_PX + 2;

export interface Overview {
  readonly element: HTMLElement;
  draw(geometry: Geometry): void;
}

export function createOverview(state: RunState, toolbar: HTMLElement): Overview {
  const canvas = el('canvas', { class: 'minimap', 'aria-hidden': true });
  const steps = el('div', { class: 'steps', role: 'group', 'aria-label': 'Steps of the journey' });
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'brush');
  svg.setAttribute('aria-hidden', 'true');
  const strip = el('div', { class: 'strip' }, canvas, svg);
  const element = el('div', { class: 'overview' }, toolbar, steps, strip);
  const buttons = state.report.steps.map((step) => stepButton(step, state));
  steps.append(...buttons);
  const brush = brushX<unknown>();
  const group = select(svg).append('g');
  let drawnFor = '';

  function draw(geometry: Geometry): void {
    const width = geometry.width - geometry.chartLeft - RIGHT_PAD_PX;
    if (width <= 0) return;
    const x = scaleLinear().domain([state.extent.startNs, state.extent.endNs]).range([0, width]);
    const key = `${width}|${getComputedStyle(element).getPropertyValue('--bg')}|${window.devicePixelRatio}`;
    if (key !== drawnFor) {
      drawnFor = key;
      paintMinimap(canvas, state, x, width);
      svg.setAttribute('width', String(width));
      svg.setAttribute('height', String(HEIGHT_PX));
      brush
        .extent([
          [0, 0],
          [width, HEIGHT_PX],
        ])
        .on('brush end', (event: D3BrushEvent<unknown>) => {
          if (!event.sourceEvent) return;
          const [from, to] = (event.selection as [number, number] | null) ?? [0, width];
          state.setWindow({ startNs: x.invert(from), endNs: x.invert(to) });
        });
      group.call(brush);
      for (const [i, step] of state.report.steps.entries()) placeStep(buttons[i], step, x, width);
    }
    group.call(
      brush.move,
      isWhole(state.window, state.extent) ? null : [x(state.window.startNs), x(state.window.endNs)],
    );
  }
  return { element, draw };
}

function stepButton(step: StepReport, state: RunState): HTMLButtonElement {
  const text = `${step.name} ${formatDuration(step.wallNs)}`;
  const failed = step.status === 'failed';
  const onClick = (): void => {
    state.setWindow(windowAround(step.startNs, step.startNs + step.wallNs, state.extent));
    const span = state.index.positionOf.get(step.spanId);
    if (span !== undefined) state.reveal(span);
  };
  return el(
    'button',
    {
      type: 'button',
      class: failed ? 'step failed' : 'step',
      title: shorten(`${text}${failed ? ', failed' : ''}`, 300),
      on: { click: onClick },
    },
    failed && el('span', { class: 'cross', 'aria-hidden': true }, '✕ '),
    el('bdi', {}, shorten(step.name, 60)),
    el('span', { class: 'figure' }, ` ${formatDuration(step.wallNs)}`),
    failed && el('span', { class: 'spoken' }, ', failed'),
  );
}

type TimeScale = (ns: number) => number;

function placeStep(button: HTMLElement | undefined, step: StepReport, x: TimeScale, width: number): void {
  if (!button) return;
  const left = x(step.startNs);
  button.style.left = `${left}px`;
  button.style.width = `${Math.max(Math.min(x(step.startNs + step.wallNs), width) - left - 2, 6)}px`;
}

function paintMinimap(canvas: HTMLCanvasElement, state: RunState, x: TimeScale, width: number): void {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(HEIGHT_PX * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${HEIGHT_PX}px`;
  const pen = canvas.getContext('2d');
  if (!pen) return;
  const palette = readPalette(canvas);
  pen.scale(ratio, ratio);
  const lanes = busyPixels(state.index, x, Math.ceil(width) + 1);
  LAYERS.forEach((layer, i) => {
    pen.fillStyle = palette.fill[layer].path;
    for (const [from, to] of runsOf(lanes[i] ?? new Uint8Array())) {
      pen.fillRect(from, RIBBON_PX + 3 + i * LANE_PX, to - from, LANE_PX - 1);
    }
  });
  paintRibbon(pen, palette, state.path.columns, x);
}

/** For each layer, a byte a pixel: whether it worked there. */
function busyPixels(index: RunState['index'], x: TimeScale, width: number): Uint8Array[] {
  const lanes = CODED.layer.map(() => new Uint8Array(width));
  // The scale is a straight line; asking it two million times would take longer than the drawing.
  const [origin, perNs] = [x(0), (x(1e9) - x(0)) / 1e9];
  for (let i = 0; i < index.size; i++) {
    const lane = lanes[index.columns.spans.layer[i]!];
    if (index.aside[i] === 1 || !lane) continue;
    const from = Math.max(0, Math.floor(origin + index.startNs[i]! * perNs));
    const to = Math.max(1, Math.ceil(origin + index.endNs[i]! * perNs));
    if (to - from <= 1) lane[from] = 1;
    else lane.fill(1, from, to);
  }
  return lanes;
}

/** Pieces too short to be told apart share their pixel; the one that reaches furthest into it gives the colour. */
const LEAST_RIBBON_PX = 0.5;

function paintRibbon(
  pen: CanvasRenderingContext2D,
  palette: Palette,
  { startNs, endNs, layer }: RunState['path']['columns'],
  x: TimeScale,
): void {
  for (let i = 0; i < startNs.length; ) {
    const left = x(startNs[i]!);
    let longest = i;
    let last = i;
    for (; last + 1 < startNs.length && x(endNs[last]!) - left < LEAST_RIBBON_PX; last++)
      if (endNs[last + 1]! - startNs[last + 1]! > endNs[longest]! - startNs[longest]!) longest = last + 1;
    pen.fillStyle = palette.fill[CODED.layer[layer[longest]!] ?? 'unknown'].path;
    pen.fillRect(left, 0, Math.max(x(endNs[last]!) - left, LEAST_RIBBON_PX), RIBBON_PX);
    i = last + 1;
  }
}

/** Stretches of ones. */
function* runsOf(pixels: Uint8Array): Generator<[number, number]> {
  let from = -1;
  for (let i = 0; i <= pixels.length; i++) {
    if (pixels[i] === 1 && from < 0) from = i;
    else if (pixels[i] !== 1 && from >= 0) {
      yield [from, i];
      from = -1;
    }
  }
}
