/**
 * Gives every draft its aligned times: its clock's move, then, for an answer, a place inside its client.
 *
 * A log that tells whole milliseconds may lie anywhere within them, so it is slid into its client's span:
 * ```
 * // client     |------------|            client     |------------|
 * // log      |-------|            ->     log        |-------|
 * ```
 * So is an answer by a clock that was set during the run, as no one offset is true of it. All others are never slid
 * (spans of one clock keep their order); what sticks out of the client is clipped.
 * Whatever moves takes along what its own source hung under it (plan nodes, a proxy's phases).
 *
 * Nobody waited for what began after its client had ended: that stays where it is.
 * ```
 * // client   |---|
 * // server          |----------|
 * ```
 */

import { SPAN_TYPES } from '../model/attributes.ts';
import { inScratch, uint8s } from '../model/column-memory.ts';
import { NOBODY, typeCode } from '../model/span-table.ts';
import { formatDuration, type Nanos } from '../model/time.ts';
import type { Cast } from './cast.ts';
import { alignedTime, type ClockMove } from './clock-offset.ts';
import type { DraftTable } from './draft-table.ts';
import { isAnswer, ROLE } from './roles.ts';

/** A log this coarse may be slid inside its own uncertainty; half a millisecond separates µs from ms sources. */
const SLIDES_FROM_PRECISION_NS = 500_000;

/** A socket of a host is looked at now and then: what a look found after the connection's end belongs to its end. */
const IS_PART_OF_PARENT = uint8s(SPAN_TYPES.length + 1);
for (const type of ['plan_node', 'proxy_phase', 'host_connection'] as const)
  IS_PART_OF_PARENT[typeCode(type)] = 1;

/** @param cast parents before their children */
export function align(cast: Cast, moveByClock: ReadonlyMap<string, ClockMove>): void {
  inScratch((scratch) => moveAll(cast, moveByClock, scratch.float64s(cast.table.size)));
}

/** @param slides of those that were moved, by row */
function moveAll(
  { table, order }: Cast,
  moveByClock: ReadonlyMap<string, ClockMove>,
  slides: Float64Array,
): void {
  const { startNs, endNs, parents, clocks, types, roles } = table;
  const moves = table.clockNames.map((clock) => moveByClock.get(clock));
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    const parent = parents[row]!;
    const isSameReport = parent !== NOBODY && clocks[parent] === clocks[row];
    const slide = isSameReport ? slides[parent]! : 0;
    const move = moves[clocks[row]!];
    startNs[row] = (move ? alignedTime(move, startNs[row]!) : startNs[row]!) + slide;
    endNs[row] = (move ? alignedTime(move, endNs[row]!) : endNs[row]!) + slide;
    slides[row] = slide;
    if (parent === NOBODY) continue;
    if (isAnswer(roles[row]!, roles[parent]!))
      slides[row] = slide + holdInside(row, parent, table, !isSameReport && move?.isBroken === true);
    else if (IS_PART_OF_PARENT[types[row]!] === 1) clipOutside(row, parent, table);
  }
}

/** Slides (when the source is coarse, or its clock was set), then clips; returns the slide. */
function holdInside(row: number, parent: number, table: DraftTable, isBroken: boolean): Nanos {
  const { startNs, endNs, reports } = table;
  const { evidence, precisionNs } = reports[row]!;
  let slide = 0;
  if (isBroken || (evidence !== 'measured' && precisionNs >= SLIDES_FROM_PRECISION_NS)) {
    if (startNs[row]! < startNs[parent]!) slide = startNs[parent]! - startNs[row]!;
    else if (endNs[row]! > endNs[parent]!)
      slide = Math.max(endNs[parent]! - endNs[row]!, startNs[parent]! - startNs[row]!);
    startNs[row]! += slide;
    endNs[row]! += slide;
    const why = isBroken ? ', as its clock was set during the run' : '';
    if (slide !== 0) table.draft(row).note(`slid by ${formatDuration(slide)} into its client's span${why}`);
  }
  if (beganAfter(row, parent, table))
    table.draft(row).note('began after its client had ended: nobody waited for it');
  else clipOutside(row, parent, table);
  return slide;
}

function beganAfter(server: number, client: number, { startNs, endNs, reports, roles }: DraftTable): boolean {
  const lateNs = startNs[server]! - endNs[client]!;
  if (lateNs <= 0 || (roles[server]! & ROLE.server) === 0) return false;
  return lateNs > reports[server]!.precisionNs + reports[client]!.precisionNs;
}

/** Most lie inside. */
function clipOutside(row: number, parent: number, table: DraftTable): void {
  const { startNs, endNs } = table;
  if (startNs[row]! >= startNs[parent]! && endNs[row]! <= endNs[parent]!) return;
  const fromNs = Math.min(Math.max(startNs[row]!, startNs[parent]!), endNs[parent]!);
  const toNs = Math.max(fromNs, Math.min(endNs[row]!, endNs[parent]!));
  const cut = fromNs - startNs[row]! + (endNs[row]! - toNs);
  if (cut > 0) table.draft(row).note(`${formatDuration(cut)} outside its parent are clipped`);
  startNs[row] = fromNs;
  endNs[row] = toNs;
}
