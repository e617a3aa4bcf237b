/** The time axis of the window (d3-axis), and what a wheel or a drag over it means. */
import { axisTop, scaleLinear, select } from 'd3';
import { el } from '../element.ts';
import type { RunState } from '../run/run-state.ts';
import { type Geometry, RIGHT_PAD_PX } from './geometry.ts';
import { formatTick, tickCount } from './ticks.ts';
import { zoomWindow } from './time-window.ts';

const HEIGHT_PX = 22;
/** One notch of a usual wheel (100 px) zooms by a quarter. */
const ZOOM_PER_PX = 0.0022;

export interface TimeAxis {
  readonly element: HTMLElement;
  draw(geometry: Geometry): void;
}

export function createTimeAxis(state: RunState, tools: HTMLElement): TimeAxis {
  const svg = select(document.createElementNS('http://www.w3.org/2000/svg', 'svg'));
  svg.attr('class', 'axis').attr('height', HEIGHT_PX).attr('aria-hidden', 'true');
  const group = svg.append('g').attr('transform', `translate(0,${HEIGHT_PX - 1})`);
  const node = svg.node();
  const element = el('div', { class: 'timeline' }, tools, node);
  const x = scaleLinear();

  function draw(geometry: Geometry): void {
    const width = geometry.width - geometry.chartLeft;
    const { startNs, endNs } = state.window;
    x.domain([startNs, endNs]).range([0, width - RIGHT_PAD_PX]);
    svg.attr('width', width);
    const ticks = x.ticks(tickCount(width));
    const step = (ticks[1] ?? endNs) - (ticks[0] ?? startNs);
    group.call(
      axisTop(x)
        .tickValues(ticks)
        .tickSize(5)
        .tickPadding(2)
        .tickFormat((ns) => formatTick(Number(ns), step, endNs)),
    );
    // The first label would be cut in half by the names' edge.
    group
      .selectAll<SVGTextElement, number>('text')
      .attr('text-anchor', (ns) => (x(ns) < 20 ? 'start' : 'middle'));
  }

  node?.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const around = x.invert(event.clientX - node.getBoundingClientRect().left);
      state.setWindow(zoomWindow(state.window, Math.exp(-event.deltaY * ZOOM_PER_PX), around, state.extent));
    },
    { passive: false },
  );
  return { element, draw };
}
