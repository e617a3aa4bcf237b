/** Where a run stands from left to right: by the time it began, or one beside the other. */
import { scaleTime } from 'd3';
import type { ShownRun } from './journey-state.ts';

export interface RunScale {
  /** Middle of the run's bar. */
  x(run: ShownRun): number;
  readonly barWidth: number;
  /** Unix ms at a distance from the left. */
  timeAt(x: number): number;
  readonly ticks: readonly { readonly x: number; readonly text: string }[];
}

const WIDEST_BAR = 26;
const THINNEST_BAR = 2;
/** Pixels for each label of the axis. */
const LABEL_EVERY = 90;

export function runScale(runs: readonly ShownRun[], byRun: boolean, width: number): RunScale {
  const share = width / Math.max(1, runs.length);
  const barWidth = Math.max(THINNEST_BAR, Math.min(WIDEST_BAR, share * 0.72));
  return byRun ? scaleByRun(runs, width, barWidth) : scaleByTime(runs, width, barWidth);
}

function scaleByRun(runs: readonly ShownRun[], width: number, barWidth: number): RunScale {
  const placeOf = new Map(runs.map((run, i) => [run.traceId, i]));
  const step = width / Math.max(1, runs.length);
  const x = (run: ShownRun): number => ((placeOf.get(run.traceId) ?? 0) + 0.5) * step;
  const every = Math.max(1, Math.ceil(LABEL_EVERY / 2 / step));
  const at = (px: number): ShownRun | undefined =>
    runs[Math.min(runs.length - 1, Math.max(0, Math.floor(px / step)))];
  return {
    x,
    barWidth,
    timeAt: (px) => at(px)?.startMs ?? 0,
    ticks: runs.filter((_, i) => i % every === 0).map((run) => ({ x: x(run), text: `#${run.number}` })),
  };
}

function scaleByTime(runs: readonly ShownRun[], width: number, barWidth: number): RunScale {
  const first = runs[0]?.startMs ?? 0;
  const last = runs.at(-1)?.startMs ?? first;
  // One run, or several in one instant, stand in the middle of a minute.
  const room = last > first ? 0 : 30_000;
  const scale = scaleTime([first - room, last + room], [barWidth / 2 + 2, width - barWidth / 2 - 2]);
  const format = scale.tickFormat();
  return {
    x: (run) => scale(run.startMs),
    barWidth: Math.min(barWidth, 12),
    timeAt: (px) => scale.invert(px).getTime(),
    ticks: scale
      .ticks(Math.max(2, Math.floor(width / LABEL_EVERY)))
      .map((time) => ({ x: scale(time), text: format(time) })),
  };
}
