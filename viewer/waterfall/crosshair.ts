/** The instant under the pointer, as one line through everything that shares the time axis. */
import { el } from '../element.ts';
import type { RunState } from '../run/run-state.ts';
import type { Geometry } from './geometry.ts';
import { stripScale } from './strip.ts';

export interface Crosshair {
  readonly element: HTMLElement;
  draw(geometry: Geometry): void;
}

export function createCrosshair(area: HTMLElement, state: RunState, geometryNow: () => Geometry): Crosshair {
  const element = el('div', { class: 'crosshair', hidden: true, 'aria-hidden': true });
  area.addEventListener('pointermove', (event) => {
    const geometry = geometryNow();
    const { width } = stripScale(geometry, state.window);
    const share = (event.clientX - area.getBoundingClientRect().left - geometry.chartLeft) / width;
    const { startNs, endNs } = state.window;
    state.point(share < 0 || share > 1 ? undefined : Math.round(startNs + share * (endNs - startNs)));
  });
  area.addEventListener('pointerleave', () => state.point(undefined));
  return {
    element,
    draw(geometry) {
      element.hidden = state.pointerNs === undefined;
      if (state.pointerNs === undefined) return;
      const { x } = stripScale(geometry, state.window);
      element.style.transform = `translateX(${Math.round(geometry.chartLeft + x(state.pointerNs))}px)`;
    },
  };
}
