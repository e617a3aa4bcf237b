/**
 * Where the critical path went from one span to another, for the threads between lanes. Only what lasted long enough on
 * screen to be followed by eye gets one: threads of pieces thinner than that would be a curtain.
 *
 * ```
 * // services   |##a##|        |##c##|
 * //                  |        |
 * // database         |###b####|
 * ```
 */
import type { Nanos } from '../../src/model/time.ts';
import type { TimeWindow } from '../waterfall/time-window.ts';

export interface Handover {
  readonly ns: Nanos;
  /** Positions of spans. */
  readonly from: number;
  readonly to: number;
}

/** One of the two pieces must be as wide as this. */
const FOLLOWED_FROM_PX = 4;

export function handoversIn(
  path: { readonly startNs: Float64Array; readonly endNs: Float64Array; readonly span: Int32Array },
  window: TimeWindow,
  width: number,
): Handover[] {
  const leastNs = (FOLLOWED_FROM_PX * (window.endNs - window.startNs)) / width;
  const { startNs, endNs, span } = path;
  const found: Handover[] = [];
  for (let i = 1; i < span.length; i++) {
    const [from, to, ns] = [span[i - 1]!, span[i]!, startNs[i]!];
    if (from === to || from < 0 || to < 0 || ns < window.startNs || ns > window.endNs) continue;
    const isLong = (piece: number): boolean => endNs[piece]! - startNs[piece]! >= leastNs;
    if (isLong(i) || isLong(i - 1)) found.push({ ns, from, to });
  }
  return found;
}
