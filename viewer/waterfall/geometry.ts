/** Where things lie in the waterfall, in CSS pixels. */

export interface Geometry {
  readonly width: number;
  /** Names end and bars begin here. */
  readonly chartLeft: number;
  readonly rowHeight: number;
  readonly barTop: number;
  readonly barHeight: number;
  /** Name above its bar instead of beside it. */
  readonly stacked: boolean;
}

/** Below this width names beside bars would leave room for neither. */
const STACKED_BELOW_PX = 620;
const NAMES_SHARE = 0.34;
/** Room at the right for the last tick's label. */
export const RIGHT_PAD_PX = 18;

export function geometryFor(width: number): Geometry {
  if (width < STACKED_BELOW_PX) {
    return { width, chartLeft: 12, rowHeight: 40, barTop: 23, barHeight: 10, stacked: true };
  }
  const chartLeft = Math.round(Math.min(Math.max(width * NAMES_SHARE, 240), 460));
  return { width, chartLeft, rowHeight: 24, barTop: 4, barHeight: 13, stacked: false };
}

/** Of rows that are lanes: bars high enough for a name inside, and names of lanes in a strip above them on a phone. */
export function laneGeometryFor(width: number): Geometry {
  const usual = geometryFor(width);
  if (usual.stacked) return { ...usual, rowHeight: 44, barTop: 20, barHeight: 18 };
  return { ...usual, rowHeight: 26, barTop: 3, barHeight: 18 };
}
