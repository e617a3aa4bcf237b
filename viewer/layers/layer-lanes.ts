/**
 * The run as lanes: one a layer, in the order in which the water flows, each with as many tracks as had spans at the
 * same time. Sockets have a lane of their own: they tell again what the requests have told.
 */
import type { RunColumns } from '../../src/model/columns.ts';
import { LAYER_NAME, LAYERS, type Layer } from '../../src/model/layer.ts';
import type { Nanos } from '../../src/model/time.ts';
import type { SpanIndex } from '../trace/span-index.ts';
import { byStart } from './by-start.ts';
import { layOutTracks } from './tracks.ts';

export interface LayerLane {
  /** Place in the list of all lanes that there could be: its key. */
  readonly code: number;
  /** Undefined for the sockets. */
  readonly layer: Layer | undefined;
  readonly title: string;
  /** Track by track, in a track by start. */
  readonly spans: Int32Array;
  /** The same order, so that a track is read from one end to the other. */
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  /** Spans of track t: from `firstOf[t]` to `firstOf[t + 1]`. */
  readonly firstOf: Int32Array;
  readonly tracks: number;
  /** Pieces of the critical path that lie in its spans, by time. */
  readonly pieces: Int32Array;
  readonly pathNs: Nanos;
}

/** Flat arrays only: a worker can make it. */
export interface LanePlan {
  readonly lanes: readonly LayerLane[];
  /** By position: the code of the span's lane. */
  readonly codes: Uint8Array;
  /** Track of a span that is drawn, by position. */
  readonly trackOf: Int32Array;
  /** Place in its lane's lists of a span that is drawn, by position. */
  readonly placeOf: Int32Array;
}

export interface LaneLayout extends LanePlan {
  /** By position; undefined for a span that is not drawn. */
  laneOf(span: number): LayerLane | undefined;
}

/** What is laid out: times by position, which may be those that sources reported. */
export interface LaidOutSpans extends Pick<SpanIndex, 'size' | 'startNs' | 'endNs' | 'aside'> {
  readonly layer: Uint8Array;
}
export type LaidOutPath = Pick<RunColumns['path'], 'startNs' | 'endNs' | 'span'>;

const SOCKETS = LAYERS.length;
export const SOCKETS_TITLE = 'connections';

export const layOutLanes = (
  spans: LaidOutSpans,
  path: LaidOutPath,
  isShown?: (span: number) => boolean,
): LaneLayout => layoutOf(planLanes(spans, path, isShown));

export function layoutOf(plan: LanePlan): LaneLayout {
  const laneByCode = new Map(plan.lanes.map((lane) => [lane.code, lane]));
  return { ...plan, laneOf: (span) => laneByCode.get(plan.codes[span] ?? NOWHERE) };
}

export function planLanes(
  spans: LaidOutSpans,
  path: LaidOutPath,
  isShown?: (span: number) => boolean,
): LanePlan {
  const codes = codesOf(spans, isShown);
  const [trackOf, placeOf] = [new Int32Array(spans.size), new Int32Array(spans.size)];
  const lanes: LayerLane[] = [];
  const piecesByCode = piecesOf(path, codes);
  for (const [code, members] of membersOf(codes).entries()) {
    if (members.length === 0) continue;
    const lane = laneOf(code, members, spans, trackOf, placeOf);
    const pieces = piecesByCode[code] ?? new Int32Array();
    lanes.push({ ...lane, pieces, pathNs: lengthOf(path, pieces) });
  }
  return { lanes, codes, trackOf, placeOf };
}

const NOWHERE = 255;

function codesOf({ layer, size, aside }: LaidOutSpans, isShown?: (span: number) => boolean): Uint8Array {
  const codes = layer.slice();
  for (let i = 0; i < size; i++) {
    if (aside[i] === 1) codes[i] = SOCKETS;
    if (isShown && !isShown(i)) codes[i] = NOWHERE;
  }
  return codes;
}

function membersOf(codes: Uint8Array): Int32Array[] {
  const counts = new Int32Array(NOWHERE + 1);
  for (const code of codes) counts[code]!++;
  const members = Array.from({ length: SOCKETS + 1 }, (_, code) => new Int32Array(counts[code]!));
  const next = new Int32Array(NOWHERE + 1);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code <= SOCKETS) members[code]![next[code]!++] = i;
  }
  return members;
}

function laneOf(
  code: number,
  members: Int32Array,
  spans: LaidOutSpans,
  trackOf: Int32Array,
  placeOf: Int32Array,
): Omit<LayerLane, 'pieces' | 'pathNs'> {
  const ordered = byStart(spans.startNs, members);
  const startNs = Float64Array.from(ordered, (span) => spans.startNs[span]!);
  const endNs = Float64Array.from(ordered, (span) => spans.endNs[span]!);
  const { count, trackOf: tracks } = layOutTracks(startNs, endNs);
  const firstOf = new Int32Array(count + 1);
  for (const track of tracks) firstOf[track + 1]!++;
  for (let t = 1; t <= count; t++) firstOf[t]! += firstOf[t - 1]!;
  const next = firstOf.slice();
  const own = new Int32Array(ordered.length);
  for (let i = 0; i < ordered.length; i++) {
    const [span, track] = [ordered[i]!, tracks[i]!];
    const place = next[track]!++;
    own[place] = span;
    trackOf[span] = track;
    placeOf[span] = place;
  }
  for (let place = 0; place < own.length; place++) {
    startNs[place] = spans.startNs[own[place]!]!;
    endNs[place] = spans.endNs[own[place]!]!;
  }
  const layer = LAYERS[code];
  const title = layer === undefined ? SOCKETS_TITLE : LAYER_NAME[layer];
  return { code, layer, title, spans: own, startNs, endNs, firstOf, tracks: count };
}

function piecesOf({ span }: LaidOutPath, codes: Uint8Array): Int32Array[] {
  const found = Array.from({ length: SOCKETS + 1 }, (): number[] => []);
  for (let piece = 0; piece < span.length; piece++) {
    if (span[piece]! >= 0) found[codes[span[piece]!]!]?.push(piece);
  }
  return found.map((pieces) => Int32Array.from(pieces));
}

function lengthOf({ startNs, endNs }: LaidOutPath, pieces: Int32Array): Nanos {
  let sum = 0;
  for (const piece of pieces) sum += endNs[piece]! - startNs[piece]!;
  return sum;
}
