/** What every small drawing is: how high it is, how it is drawn at a width, and the same in words. */
import type { Nanos } from '../../src/model/time.ts';

export interface Sketch {
  readonly caption: string;
  readonly words: readonly string[];
  /** @param width px */
  draw(width: number): SVGSVGElement;
}

/** From an instant to px. Nothing is wider than its time, but what is there can be seen. */
export function scaleOf(startNs: Nanos, endNs: Nanos, fromPx: number, toPx: number): (ns: Nanos) => number {
  const length = endNs - startNs || 1;
  return (ns) => fromPx + (Math.min(Math.max(ns - startNs, 0), length) / length) * (toPx - fromPx);
}

/** Width at which a stretch of time can still be seen, px. */
export const SEEN_PX = 2;
