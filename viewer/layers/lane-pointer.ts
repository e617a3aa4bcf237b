/** The pointer over lanes: says whose bar is under it, selects it, opens lanes, zooms with a double press. */
import { formatDuration } from '../../src/model/time.ts';
import { el, plainText, shorten } from '../element.ts';
import type { RunState } from '../run/run-state.ts';
import { rowExtent, spanKey } from '../trace/rows.ts';
import { spanAt } from '../trace/span-index.ts';
import { RIGHT_PAD_PX } from '../waterfall/geometry.ts';
import { nameOf } from '../waterfall/row-label.ts';
import { windowAround } from '../waterfall/time-window.ts';
import type { LaneChart } from './lane-chart.ts';

/** A bar this near is meant: nobody hits a pixel. */
const NEAR_PX = 3;
const LONGEST_NAME = 120;
const TIP_BELOW_PX = 16;

/** The span under the pointer; undefined over names and gaps. */
function spanUnder(event: MouseEvent, chart: LaneChart, state: RunState): number | undefined {
  const box = chart.stage.getBoundingClientRect();
  const { chartLeft, width } = chart.geometry;
  const px = event.clientX - box.left;
  if (px < chartLeft - NEAR_PX) return undefined;
  const { startNs, endNs } = state.window;
  const nsPerPx = (endNs - startNs) / Math.max(1, width - RIGHT_PAD_PX - chartLeft);
  return chart.spanAt(event.clientY - box.top, startNs + (px - chartLeft) * nsPerPx, NEAR_PX * nsPerPx);
}

export function connectLanePointer(chart: LaneChart, state: RunState, openPanel: () => void): void {
  const { scroller } = chart;
  scroller.addEventListener('click', (event) => {
    scroller.focus({ preventScroll: true });
    const span = spanUnder(event, chart, state);
    if (span !== undefined) {
      openPanel();
      state.select(spanKey(span));
      return;
    }
    const label = event.target instanceof Element ? event.target.closest('.label') : null;
    const code = label?.closest<HTMLElement>('[data-lane]')?.dataset.lane;
    const lane = chart.layout.lanes.find((one) => String(one.code) === code);
    if (lane) chart.toggle(lane);
  });
  scroller.addEventListener('dblclick', (event) => {
    const span = spanUnder(event, chart, state);
    if (span === undefined) return;
    const { startNs, endNs } = rowExtent(state.rowAlone(span), state.index);
    state.setWindow(windowAround(startNs, endNs, state.extent));
  });
}

/** Names the bar under the pointer: in lanes most are too short for their names. */
export function createLaneTip(chart: LaneChart, state: RunState): HTMLElement {
  const tip = el('div', { class: 'lane-tip', hidden: true, 'aria-hidden': true });
  chart.scroller.addEventListener('pointermove', (event) => {
    const span = spanUnder(event, chart, state);
    tip.hidden = span === undefined;
    chart.scroller.classList.toggle('over-bar', span !== undefined);
    if (span === undefined) return;
    const { startNs, endNs } = spanAt(state.index, span);
    const name = plainText(shorten(nameOf(state.index, span), LONGEST_NAME));
    tip.textContent = `${name} · ${formatDuration(endNs - startNs)}`;
    place(tip, event);
  });
  chart.scroller.addEventListener('pointerleave', () => {
    tip.hidden = true;
  });
  return tip;
}

function place(tip: HTMLElement, { clientX, clientY }: MouseEvent): void {
  const box = tip.offsetParent?.getBoundingClientRect();
  if (!box) return;
  const left = Math.min(clientX - box.left + TIP_BELOW_PX, box.width - tip.offsetWidth - TIP_BELOW_PX);
  const below = clientY - box.top + TIP_BELOW_PX;
  const top = below + tip.offsetHeight > box.height ? below - tip.offsetHeight - 2 * TIP_BELOW_PX : below;
  tip.style.transform = `translate(${Math.round(Math.max(0, left))}px, ${Math.round(top)}px)`;
}
