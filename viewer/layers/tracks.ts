/**
 * Lays intervals out in tracks so that none lies over another in its track: each goes into the first one that is free.
 * What is nested hangs below what holds it.
 *
 * ```
 * // in         |----------a----------|   |--d--|
 * //               |---b---| |--c--|
 * // track 0    |----------a----------|   |--d--|
 * // track 1       |---b---| |--c--|
 * ```
 */
import type { Nanos } from '../../src/model/time.ts';

export interface Tracks {
  readonly count: number;
  /** By place in the order that was given. */
  readonly trackOf: Int32Array;
}

/** @param startNs ascending */
export function layOutTracks(startNs: Float64Array, endNs: Float64Array): Tracks {
  const trackOf = new Int32Array(startNs.length);
  const busy = new Heap(startNs.length);
  const free = new Heap(startNs.length);
  let count = 0;
  for (let i = 0; i < startNs.length; i++) {
    while (busy.size > 0 && busy.least <= startNs[i]!) {
      const track = busy.pop();
      free.push(track, track);
    }
    const track = free.size > 0 ? free.pop() : count++;
    trackOf[i] = track;
    // What took no time holds its track for the instant, or it would be drawn over.
    busy.push(Math.max(endNs[i]!, startNs[i]! + LEAST_NS), track);
  }
  return { count, trackOf };
}

const LEAST_NS: Nanos = 1;

/** Numbers by key, the one with the least key first. */
class Heap {
  private keys: Float64Array;
  private values: Int32Array;
  size = 0;

  constructor(capacity: number) {
    this.keys = new Float64Array(capacity);
    this.values = new Int32Array(capacity);
  }

  get least(): number {
    return this.keys[0]!;
  }

  push(key: number, value: number): void {
    const { keys, values } = this;
    let place = this.size++;
    for (let above = (place - 1) >> 1; place > 0 && keys[above]! > key; above = (place - 1) >> 1) {
      keys[place] = keys[above]!;
      values[place] = values[above]!;
      place = above;
    }
    keys[place] = key;
    values[place] = value;
  }

  pop(): number {
    const { keys, values } = this;
    const first = values[0]!;
    const last = --this.size;
    const [key, value] = [keys[last]!, values[last]!];
    let place = 0;
    for (let below = 1; below < last; below = 2 * place + 1) {
      if (below + 1 < last && keys[below + 1]! < keys[below]!) below++;
      if (keys[below]! >= key) break;
      keys[place] = keys[below]!;
      values[place] = values[below]!;
      place = below;
    }
    keys[place] = key;
    values[place] = value;
    return first;
  }
}
