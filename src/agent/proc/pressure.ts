/**
 * `/proc/pressure/{cpu,memory,io}`: for how long tasks stood still because they lacked a resource (PSI).
 * ```
 * some avg10=18.15 avg60=15.08 avg300=11.08 total=2589427596
 * full avg10=0.00 avg60=0.00 avg300=0.00 total=0
 * ```
 * Read: `total`, µs since boot, which is exact at each reading. Ignored: the averages, which lag by seconds.
 * https://docs.kernel.org/accounting/psi.html
 */
import { countOf, put, type ReadProc } from './readings.ts';

export const readPressure =
  (resource: 'cpu' | 'memory' | 'io'): ReadProc =>
  (text, into) => {
    for (const [, share, total] of text.matchAll(/^(some|full) .*\btotal=(\d+)\s*$/gm))
      put(into, `pressure.${resource}.${share}_us`, countOf(total));
  };
