/** Chooses the pictures that a strip has room for. */
import type { Frame } from '../../src/model/report.ts';
import type { Nanos } from '../../src/model/time.ts';

export interface PlacedFrame {
  readonly frame: Frame;
  readonly left: number;
}

/**
 * Each at its own time, none over another; at the left edge what the page looked like when the window begins, at the
 * right edge the last one, moved left until it fits.
 *
 * ```
 * // frames  | ||| |      |||||     | |
 * // shown   [f ][f ]     [f ]     [f ]
 * ```
 */
export function thinFrames(
  frames: readonly Frame[],
  x: (ns: Nanos) => number,
  width: number,
  frameWidth: number,
): PlacedFrame[] {
  const placed: PlacedFrame[] = [];
  const before = frames.findLast((frame) => x(frame.timeNs) < 0);
  let free = 0;
  for (const frame of before ? [before, ...frames] : frames) {
    const left = frame === before && placed.length === 0 ? 0 : x(frame.timeNs);
    if (left < free || left + frameWidth > width) continue;
    placed.push({ frame, left });
    free = left + frameWidth;
  }
  const last = frames.findLast((frame) => x(frame.timeNs) >= 0 && x(frame.timeNs) <= width);
  const edge = width - frameWidth;
  if (last && placed.at(-1)?.frame !== last && edge >= 0) {
    if (edge < free) placed.pop();
    placed.push({ frame: last, left: edge });
  }
  return placed;
}

/** The picture that was on screen at an instant. */
export const frameAt = (frames: readonly Frame[], ns: Nanos): Frame | undefined =>
  frames.findLast((frame) => frame.timeNs <= ns);
