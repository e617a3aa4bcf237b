/** The stretch of time on screen. Nanoseconds since the trace's origin; pixels are somebody else's business. */
import type { Nanos } from '../../src/model/time.ts';

export interface TimeWindow {
  readonly startNs: Nanos;
  readonly endNs: Nanos;
}

/** No source tells time finer than this, so nothing is to be seen below. */
const NARROWEST_NS = 10_000;

export const widthOf = (window: TimeWindow): Nanos => window.endNs - window.startNs;

/**
 * The window, held inside the extent and kept wide enough to mean something.
 *
 * ```
 * // extent   |----------------------|
 * // asked             |------------------|     moved back, not squeezed:
 * // given         |------------------|
 * ```
 */
export function clampWindow(asked: TimeWindow, extent: TimeWindow): TimeWindow {
  const full = widthOf(extent);
  const width = Math.min(Math.max(widthOf(asked), Math.min(NARROWEST_NS, full)), full);
  const startNs = Math.min(Math.max(asked.startNs, extent.startNs), extent.endNs - width);
  return { startNs: Math.round(startNs), endNs: Math.round(startNs + width) };
}

/** `factor` 2 shows half the time. The instant `aroundNs` stays where it is on screen. */
export function zoomWindow(
  window: TimeWindow,
  factor: number,
  aroundNs: Nanos,
  extent: TimeWindow,
): TimeWindow {
  const width = widthOf(window) / factor;
  const share = (aroundNs - window.startNs) / (widthOf(window) || 1);
  const startNs = aroundNs - width * share;
  return clampWindow({ startNs, endNs: startNs + width }, extent);
}

/** `share` 0.25 moves a quarter of the window to the right. */
export function panWindow(window: TimeWindow, share: number, extent: TimeWindow): TimeWindow {
  const shift = widthOf(window) * share;
  return clampWindow({ startNs: window.startNs + shift, endNs: window.endNs + shift }, extent);
}

/** The span with a little room on both sides, so that its ends can be seen to be ends. */
export function windowAround(startNs: Nanos, endNs: Nanos, extent: TimeWindow): TimeWindow {
  const room = Math.max((endNs - startNs) * 0.08, NARROWEST_NS / 2);
  return clampWindow({ startNs: startNs - room, endNs: endNs + room }, extent);
}

/** Zooming in and out again leaves a rounding error that nobody could see. */
export const isWhole = (window: TimeWindow, extent: TimeWindow): boolean =>
  widthOf(window) > widthOf(extent) * 0.999;
