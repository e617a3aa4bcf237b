/** The lanes on screen as a picture: names as in the waterfall's, bars by the painter of the lanes. */
import { LAYERS } from '../../src/model/layer.ts';
import { type LaneChart, laneFont } from '../layers/lane-chart.ts';
import type { RunState } from '../run/run-state.ts';
import type { RowBars } from '../waterfall/bars.ts';
import type { Picture, PictureRow } from './picture.ts';
import { frameOf } from './shown-picture.ts';

const NAME_PX = 20;
const NO_BARS: RowBars = {
  bars: [],
  line: [],
  thin: false,
  failed: false,
  struck: false,
  spare: false,
  marks: [],
};

export function pictureOfLanes(state: RunState, chart: LaneChart): Picture {
  const frame = frameOf(state, chart.geometry, chart.scale);
  const { lanes } = chart.layout;
  const font = laneFont(frame.fontFamily);
  return {
    ...frame,
    rows: chart.shownNames.map(nameRow),
    layers: LAYERS.filter((layer) => lanes.some((lane) => lane.layer === layer)),
    over: (painting, measure) =>
      chart.paintOn({ ...painting, font, measure: (text) => measure(text, font) }, chart.firstTop),
  };
}

const nameRow = ({ name, note }: { name: string; note: string }): PictureRow => ({
  name,
  note,
  indentPx: NAME_PX,
  open: undefined,
  selected: false,
  guilty: false,
  quiet: false,
  failed: false,
  duration: undefined,
  bars: NO_BARS,
});
