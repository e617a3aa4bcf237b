/** Labels of the time axis: one unit for the whole axis, as many digits as the step needs. */
import type { Nanos } from '../../src/model/time.ts';

export function formatTick(ns: Nanos, stepNs: Nanos, lastNs: Nanos): string {
  if (ns === 0) return '0';
  const [unit, name] =
    lastNs >= 1e9 && stepNs >= 1e7 ? [1e9, 's'] : stepNs >= 1e4 ? [1e6, 'ms'] : [1e3, 'µs'];
  const digits = Math.max(0, Math.ceil(-Math.log10(stepNs / unit) - 1e-9));
  return `${(ns / unit).toFixed(digits)} ${name}`;
}

/** Roughly one label every so many pixels. */
const TICK_EVERY_PX = 110;
export const tickCount = (widthPx: number): number => Math.max(2, Math.floor(widthPx / TICK_EVERY_PX));
