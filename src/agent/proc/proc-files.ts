/**
 * Reads the kernel's files, all at once, again and again. They are opened once: a reading at offset 0 has the kernel make
 * the text anew, and costs microseconds. What a kernel does not have is told once and left out.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Warning } from '../../model/span.ts';
import { readCpu } from './cpu.ts';
import { readDisks } from './disk.ts';
import { readFileHandles, readOneNumber } from './limits.ts';
import { readMemory, readSwapping } from './memory.ts';
import { netCounters } from './net-counters.ts';
import { readPressure } from './pressure.ts';
import type { Readings, ReadProc } from './readings.ts';

interface ProcFile {
  readonly path: string;
  readonly read: ReadProc;
  /** What nobody can say without it; absent where its absence is normal. */
  readonly lost?: string;
  /** What changes slowly is not worth a look each time. */
  readonly isSlow?: true;
}

const filesOf = (devices: ReadonlySet<string> | undefined): readonly ProcFile[] => [
  { path: 'net/snmp', read: netCounters(), lost: 'TCP retransmits and failed connects' },
  { path: 'net/netstat', read: netCounters(), lost: 'listen queue overflows and repeated first packets' },
  { path: 'pressure/cpu', read: readPressure('cpu'), lost: 'waiting for a CPU' },
  { path: 'pressure/memory', read: readPressure('memory'), lost: 'waiting for memory' },
  { path: 'pressure/io', read: readPressure('io'), lost: 'waiting for disks' },
  { path: 'stat', read: readCpu, lost: 'how busy the CPUs were' },
  { path: 'meminfo', read: readMemory, lost: 'how much memory was left', isSlow: true },
  { path: 'vmstat', read: readSwapping, lost: 'swapping', isSlow: true },
  { path: 'diskstats', read: readDisks(devices), lost: "the disks' queues" },
  { path: 'sys/fs/file-nr', read: readFileHandles, isSlow: true },
  { path: 'sys/net/netfilter/nf_conntrack_count', read: readOneNumber('conntrack.count'), isSlow: true },
  { path: 'sys/net/netfilter/nf_conntrack_max', read: readOneNumber('conntrack.limit'), isSlow: true },
];

/** The largest of them, `stat` of a host with hundreds of CPUs, has some tens of kilobytes; what is longer is cut. */
const BUFFER_BYTES = 256 * 1024;

export class ProcFiles {
  readonly warnings: Warning[] = [];
  readonly #open: { readonly fd: number; readonly file: ProcFile }[] = [];
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);

  /** @param folder `/proc`, or a copy of one */
  constructor(folder = '/proc', blockDevices = '/sys/block') {
    for (const file of filesOf(namesIn(blockDevices))) this.#add(folder, file);
  }

  #add(folder: string, file: ProcFile): void {
    const path = join(folder, file.path);
    try {
      const fd = openSync(path, 'r');
      // A kernel with PSI built in but switched off opens the file and refuses to be read.
      if (tryRead(fd, this.#buffer) !== undefined) this.#open.push({ fd, file });
      else {
        closeSync(fd);
        throw new Error('it cannot be read');
      }
    } catch (error) {
      if (file.lost === undefined) return;
      const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'cannot be read';
      const message = `${path} ${reason} (another system, a container, or a kernel without it): nothing is known of ${file.lost}.`;
      this.warnings.push({ code: 'agent.missing', where: path, message });
    }
  }

  /** @param which `fast` leaves out what changes slowly */
  read(which: 'all' | 'fast' = 'all'): Readings {
    const readings: Readings = new Map();
    for (const { fd, file } of this.#open) {
      if (file.isSlow && which === 'fast') continue;
      const length = tryRead(fd, this.#buffer);
      if (length) file.read(this.#buffer.toString('latin1', 0, length), readings);
    }
    return readings;
  }

  close(): void {
    for (const { fd } of this.#open.splice(0)) closeSync(fd);
  }
}

/** Bytes read; undefined when the kernel refuses. */
function tryRead(fd: number, buffer: Buffer): number | undefined {
  try {
    return readSync(fd, buffer, 0, buffer.length, 0);
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): ReadonlySet<string> | undefined {
  try {
    return new Set(readdirSync(folder));
  } catch {
    return undefined;
  }
}
