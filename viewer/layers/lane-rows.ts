/** The rows of the lanes: a closed lane is one, an open one has a row a track. Numbers, no pixels. */
import type { LaneLayout, LayerLane } from './layer-lanes.ts';

export interface LaneRow {
  readonly lane: LayerLane;
  /** All tracks of a closed lane in one row: undefined. */
  readonly track: number | undefined;
  /** The lane's name stands in its first row. */
  readonly isFirst: boolean;
}

export class LaneRows {
  private readonly firstRows: readonly number[];
  readonly length: number;

  constructor(
    readonly layout: LaneLayout,
    private readonly open: ReadonlySet<number>,
  ) {
    let rows = 0;
    this.firstRows = layout.lanes.map((lane) => {
      const first = rows;
      rows += this.isOpen(lane) ? lane.tracks : 1;
      return first;
    });
    this.length = rows;
  }

  /** One track is as much as there is to see, open or not. */
  isOpen = ({ code, tracks }: LayerLane): boolean => tracks === 1 || this.open.has(code);

  at(row: number): LaneRow | undefined {
    const { lanes } = this.layout;
    const number = this.firstRows.findLastIndex((first) => first <= row);
    const lane = lanes[number];
    if (!lane || row >= this.length) return undefined;
    const track = row - (this.firstRows[number] ?? 0);
    return { lane, track: this.isOpen(lane) ? track : undefined, isFirst: track === 0 };
  }

  firstRowOf(lane: LayerLane): number {
    return this.firstRows[this.layout.lanes.indexOf(lane)] ?? -1;
  }

  /** −1 for a span that is not drawn. */
  rowOf(span: number): number {
    const lane = this.layout.laneOf(span);
    if (!lane) return -1;
    return this.firstRowOf(lane) + (this.isOpen(lane) ? (this.layout.trackOf[span] ?? 0) : 0);
  }
}

/** Which lanes are open at first: the one that is to be seen, then those in which most time went, while the screen has room. */
export function firstOpen({ lanes }: LaneLayout, wanted: LayerLane | undefined, room: number): Set<number> {
  const open = new Set<number>();
  let rows = lanes.length;
  const byTime = [...lanes].sort((a, b) => b.pathNs - a.pathNs);
  for (const lane of wanted ? [wanted, ...byTime] : byTime) {
    if (open.has(lane.code) || rows + lane.tracks - 1 > room) continue;
    open.add(lane.code);
    rows += lane.tracks - 1;
  }
  return open;
}
