/**
 * Wheel, pinch and drag over the bars, as changes of the time window (d3-zoom does the work).
 * A plain wheel scrolls the rows; with Ctrl or ⌘ it zooms, and a sideways wheel pans. One finger scrolls, two zoom.
 */
import { type D3ZoomEvent, scaleLinear, select, type ZoomTransform, zoom, zoomIdentity } from 'd3';
import type { RunState } from '../run/run-state.ts';
import { type Geometry, RIGHT_PAD_PX } from './geometry.ts';
import { panWindow, type TimeWindow, widthOf } from './time-window.ts';

const DEEPEST_ZOOM = 1e7;

/** Rows on a time axis: the tree, or the lanes. */
export interface RowsView {
  readonly element: HTMLElement;
  readonly stage: HTMLElement;
  readonly scroller: HTMLElement;
  readonly geometry: Geometry;
}

export function connectGestures(view: RowsView, state: RunState): void {
  const base = () => {
    const { chartLeft, width } = view.geometry;
    return scaleLinear()
      .domain([state.extent.startNs, state.extent.endNs])
      .range([chartLeft, width - RIGHT_PAD_PX]);
  };
  const windowOf = (transform: ZoomTransform): TimeWindow => {
    const [startNs = 0, endNs = 0] = transform.rescaleX(base()).domain();
    return { startNs, endNs };
  };
  /** The transform that shows the window: the inverse of `windowOf`. */
  const transformOf = (window: TimeWindow): ZoomTransform => {
    const x = base();
    const k = widthOf(state.extent) / widthOf(window);
    return zoomIdentity.translate((x.range()[0] ?? 0) - k * x(window.startNs), 0).scale(k);
  };
  const behaviour = zoom<HTMLElement, unknown>()
    .scaleExtent([1, DEEPEST_ZOOM])
    .filter((event: Event) => isGesture(event, view))
    .on('zoom', (event: D3ZoomEvent<HTMLElement, unknown>) => {
      if (event.sourceEvent) state.setWindow(windowOf(event.transform));
    });
  const stage = select<HTMLElement, unknown>(view.stage).call(behaviour).on('dblclick.zoom', null);
  // A gesture starts from where the window is, however it got there; transform() itself would end a running gesture.
  const synchronise = (): void => {
    view.stage.__zoom = transformOf(state.window);
  };
  stage.on('pointerdown.sync', synchronise);
  view.stage.addEventListener('wheel', synchronise, { capture: true, passive: true });
  view.stage.addEventListener('touchstart', synchronise, { capture: true, passive: true });
  view.stage.addEventListener('mousedown', synchronise, { capture: true });
  view.scroller.addEventListener('wheel', (event) => panSideways(event, view, state), { passive: false });
}

declare global {
  interface HTMLElement {
    /** Where d3-zoom keeps an element's transform. */
    __zoom?: ZoomTransform;
  }
}

function isGesture(event: Event, view: RowsView): boolean {
  if (event instanceof WheelEvent) return event.ctrlKey || event.metaKey;
  if (event.type.startsWith('touch')) return (event as TouchEvent).touches.length > 1;
  const mouse = event as MouseEvent;
  const inChart = mouse.clientX - view.stage.getBoundingClientRect().left >= view.geometry.chartLeft;
  return inChart && mouse.button === 0 && !mouse.ctrlKey;
}

function panSideways(event: WheelEvent, view: RowsView, state: RunState): void {
  const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
  if (event.ctrlKey || event.metaKey || Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY))
    return;
  event.preventDefault();
  const { width, chartLeft } = view.geometry;
  state.setWindow(panWindow(state.window, sideways / (width - chartLeft), state.extent));
}
