/**
 * `/proc/meminfo` (kibibytes) and `/proc/vmstat` (pages since boot).
 * Read: what is there, what is available, and pages swapped in and out. Ignored: everything else.
 * https://man7.org/linux/man-pages/man5/proc_meminfo.5.html
 */
import { countOf, put, type ReadProc } from './readings.ts';

const BYTES_PER_KIB = 1024;

export const readMemory: ReadProc = (text, into) => {
  for (const [, name, kib] of text.matchAll(/^Mem(Total|Available):\s+(\d+) kB$/gm)) {
    const count = countOf(kib);
    put(into, `memory.${name!.toLowerCase()}_bytes`, count === undefined ? undefined : count * BYTES_PER_KIB);
  }
};

export const readSwapping: ReadProc = (text, into) => {
  for (const [, way, pages] of text.matchAll(/^pswp(in|out) (\d+)$/gm))
    put(into, `swap.${way}_pages`, countOf(pages));
};
