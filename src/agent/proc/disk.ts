/**
 * `/proc/diskstats`: one line a block device: major, minor, name, then counters. Read: field 12, requests in flight, and
 * field 13, ms during which the device was busy. Ignored: loop and RAM devices, and those that never did anything.
 * A partition has no queue of its own: only names in `devices` are read, where that is known.
 * https://docs.kernel.org/admin-guide/iostats.html
 */
import { countOf, fieldsOf, put, type ReadProc } from './readings.ts';

const NO_DISK = /^(loop|ram|zram|sr|fd)\d/;
const [IN_FLIGHT, BUSY_MS] = [11, 12];

export const readDisks =
  (devices?: ReadonlySet<string>): ReadProc =>
  (text, into) => {
    for (const line of text.split('\n')) {
      const fields = fieldsOf(line);
      const name = fields[2] ?? '';
      if (name === '' || NO_DISK.test(name) || (devices && !devices.has(name))) continue;
      const busyMs = countOf(fields[BUSY_MS]);
      if (!busyMs) continue;
      put(into, `disk.${name}.in_flight`, countOf(fields[IN_FLIGHT]));
      put(into, `disk.${name}.busy_ms`, busyMs);
    }
  };
