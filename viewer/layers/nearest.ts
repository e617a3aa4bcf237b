/** The span of a row of lanes that is nearest to an instant. */
import type { Nanos } from '../../src/model/time.ts';
import type { LaneRows } from './lane-rows.ts';

export function nearestInRow(rows: LaneRows, row: number, ns: Nanos): number | undefined {
  const found = rows.at(row);
  if (!found) return undefined;
  const { lane, track } = found;
  const [from, to] =
    track === undefined ? [0, lane.spans.length] : [lane.firstOf[track]!, lane.firstOf[track + 1]!];
  let [best, distance] = [-1, Number.POSITIVE_INFINITY];
  for (let place = from; place < to; place++) {
    const apart = Math.max(lane.startNs[place]! - ns, ns - lane.endNs[place]!, 0);
    if (apart >= distance) continue;
    [best, distance] = [place, apart];
    if (apart === 0) break;
  }
  return lane.spans[best];
}
