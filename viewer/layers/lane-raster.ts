/**
 * What a row of a lane looks like at this window: bars that are wide enough are drawn as bars; those thinner than that
 * share their pixels, and each pixel shows the most telling of what lies in it. Every span is looked at; none is left out.
 *
 * ```
 * // spans    |==a==|  ||||| | ||     |=====b=====|
 * // drawn    [bar a]  [thin][ ]      [bar b      ]
 * ```
 */
import type { Nanos } from '../../src/model/time.ts';
import type { TimeWindow } from '../waterfall/time-window.ts';
import type { LaneRow } from './lane-rows.ts';
import type { LayerLane } from './layer-lanes.ts';

/** From so many pixels on a bar can be seen to have two ends. */
export const BAR_FROM_PX = 2;

/** What a pixel of thin bars shows, the most telling last. */
export const THIN = ['none', 'own', 'path', 'failed'] as const;
const OWN = THIN.indexOf('own');
const PATH = THIN.indexOf('path');
const FAILED = THIN.indexOf('failed');
/** Added for what stands out while the rest is dimmed. */
const LIT = 4;

export interface ThinRun {
  /** Pixels from the left edge of the chart. */
  readonly from: number;
  readonly to: number;
  readonly shows: (typeof THIN)[number];
  readonly lit: boolean;
}

export interface RasterRow {
  /** Positions of spans that are drawn as bars. */
  readonly bars: readonly number[];
  readonly thin: readonly ThinRun[];
}

export interface RasterInput {
  readonly window: TimeWindow;
  /** Of the chart, in pixels. */
  readonly width: number;
  readonly ownPathNs: Float64Array;
  readonly path: { readonly startNs: Float64Array; readonly endNs: Float64Array };
  readonly failed: (span: number) => boolean;
  readonly lit: ((span: number) => boolean) | undefined;
}

export const rasterOf = ({ lane, track }: LaneRow, input: RasterInput): RasterRow =>
  track === undefined
    ? { bars: [], thin: runsIn(closedPixels(lane, input)) }
    : trackRaster(lane, track, input);

function trackRaster(lane: LayerLane, track: number, input: RasterInput): RasterRow {
  const { window, ownPathNs, failed, lit } = input;
  const { spans, startNs, endNs, firstOf } = lane;
  const pixels = new Uint8Array(Math.ceil(input.width) + 1);
  const perNs = input.width / (window.endNs - window.startNs);
  const bars: number[] = [];
  const end = firstOf[track + 1]!;
  let place = firstEndingAfter(endNs, firstOf[track]!, end, window.startNs);
  for (; place < end && startNs[place]! <= window.endNs; place++) {
    const span = spans[place]!;
    const from = (startNs[place]! - window.startNs) * perNs;
    const to = (endNs[place]! - window.startNs) * perNs;
    if (to - from >= BAR_FROM_PX) {
      bars.push(span);
      continue;
    }
    const shows = failed(span) ? FAILED : ownPathNs[span]! > 0 ? PATH : OWN;
    const value = lit?.(span) ? shows + LIT : shows;
    const first = Math.max(0, Math.floor(from));
    const last = Math.max(first, Math.ceil(to) - 1);
    for (let px = first; px <= last; px++) if (pixels[px]! < value) pixels[px] = value;
  }
  return { bars, thin: runsIn(pixels) };
}

/** Spans of a track do not overlap, so their ends ascend too: found by halving. */
function firstEndingAfter(endNs: Float64Array, from: number, to: number, ns: Nanos): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (endNs[middle]! < ns) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** All tracks in one row: where any span lay, where the path went, where something failed. */
function closedPixels(lane: LayerLane, input: RasterInput): Uint8Array {
  const { path, failed, lit } = input;
  const { spans, startNs, endNs, pieces } = lane;
  const pixels = new Uint8Array(Math.ceil(input.width) + 1);
  mark(pixels, covered(startNs, endNs, input), OWN);
  if (lit)
    mark(
      pixels,
      covered(startNs, endNs, input, (place) => lit(spans[place]!)),
      OWN + LIT,
    );
  const onPath = covered(path.startNs, path.endNs, input, undefined, pieces);
  for (let px = 0; px < pixels.length; px++)
    if (onPath[px]! > 0) pixels[px] = pixels[px]! >= LIT ? PATH + LIT : PATH;
  const broken = covered(
    startNs,
    endNs,
    input,
    (place) => isThin(lane, place, input) && failed(spans[place]!),
  );
  for (let px = 0; px < pixels.length; px++)
    if (broken[px]! > 0) pixels[px] = pixels[px]! >= LIT ? FAILED + LIT : FAILED;
  return pixels;
}

const isThin = ({ startNs, endNs }: LayerLane, place: number, { window, width }: RasterInput): boolean =>
  ((endNs[place]! - startNs[place]!) * width) / (window.endNs - window.startNs) < width / FAILED_SHARE;

/** A span that failed and fills more of the screen than this would say that all below it failed. */
const FAILED_SHARE = 20;

function mark(pixels: Uint8Array, counts: Int32Array, value: number): void {
  for (let px = 0; px < pixels.length; px++) if (counts[px]! > 0 && pixels[px]! < value) pixels[px] = value;
}

/**
 * How many of the intervals lie in each pixel.
 *
 * ```
 * // intervals   |-----|      |--|        begun +1, ended −1, summed up:
 * //               |-----|
 * // counts     1 1 2 2 1 1 0 1 1
 * ```
 */
function covered(
  startNs: Float64Array,
  endNs: Float64Array,
  { window, width }: RasterInput,
  counts?: (place: number) => boolean,
  chosen?: Int32Array,
): Int32Array {
  const pixels = Math.ceil(width) + 1;
  const changes = new Int32Array(pixels + 1);
  const perNs = width / (window.endNs - window.startNs);
  const length = chosen?.length ?? startNs.length;
  for (let i = 0; i < length; i++) {
    const place = chosen ? chosen[i]! : i;
    if (endNs[place]! < window.startNs || startNs[place]! > window.endNs) continue;
    if (counts && !counts(place)) continue;
    const from = Math.max(0, Math.floor((startNs[place]! - window.startNs) * perNs));
    const to = Math.min(pixels, Math.max(from + 1, Math.ceil((endNs[place]! - window.startNs) * perNs)));
    changes[from]!++;
    changes[to]!--;
  }
  for (let px = 1; px < pixels; px++) changes[px]! += changes[px - 1]!;
  return changes;
}

function runsIn(pixels: Uint8Array): ThinRun[] {
  const runs: ThinRun[] = [];
  let from = 0;
  for (let px = 1; px <= pixels.length; px++) {
    const value = pixels[from]!;
    if (px < pixels.length && pixels[px] === value) continue;
    if (value > 0) runs.push({ from, to: px, shows: THIN[value % LIT] ?? 'own', lit: value >= LIT });
    from = px;
  }
  return runs;
}
