/**
 * How long single processes computed, and how long they were ready and got no CPU: `/proc/PID/task/TID/schedstat`, three
 * numbers: ns on a CPU, ns waiting for one, how many times it ran.
 * https://docs.kernel.org/scheduler/sched-stats.html
 *
 * A request is served by one thread, so of each interval the thread counts that had most to do:
 * ```
 * // main thread   computes ███████····
 * // worker        ·········██·········      the process has what the main thread had
 * ```
 * Bounded: so many processes, so many threads each; a process with more threads is not followed at all, since an idle
 * look at half of it would be a lie.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Listener } from './listeners.ts';
import { countOf, fieldsOf, type Readings } from './readings.ts';

export const MAX_PROCESSES = 48;
export const MAX_THREADS = 64;

interface Thread {
  readonly fd: number;
  /** Undefined until it was read once. */
  cpuNs: number | undefined;
  waitedNs: number;
}

interface Followed {
  readonly listener: Listener;
  readonly threads: Map<string, Thread>;
  cpuNs: number;
  waitedNs: number;
}

const BUFFER_BYTES = 128;

export class ProcessWatch {
  readonly #folder: string;
  readonly #byPid = new Map<number, Followed>();
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);

  /** @param folder `/proc`, or a copy of one */
  constructor(folder = '/proc') {
    this.#folder = folder;
  }

  get listeners(): Listener[] {
    return [...this.#byPid.values()].map(({ listener }) => listener);
  }

  follow(listeners: readonly Listener[]): void {
    for (const listener of listeners) {
      if (this.#byPid.size >= MAX_PROCESSES) return;
      if (this.#byPid.has(listener.pid)) continue;
      this.#byPid.set(listener.pid, { listener, threads: new Map(), cpuNs: 0, waitedNs: 0 });
    }
    this.findThreads();
  }

  /** Threads come and go. */
  findThreads(): void {
    for (const followed of this.#byPid.values()) {
      const folder = join(this.#folder, String(followed.listener.pid), 'task');
      const ids = namesIn(folder);
      if (ids.length === 0 || ids.length > MAX_THREADS) this.#forget(followed);
      else open(followed, folder, ids);
    }
  }

  #forget(followed: Followed): void {
    for (const { fd } of followed.threads.values()) closeSync(fd);
    this.#byPid.delete(followed.listener.pid);
  }

  /** Counters: what its busiest threads had since it was followed. */
  readInto(readings: Readings): void {
    for (const followed of this.#byPid.values()) {
      this.#read(followed);
      readings.set(`process.${followed.listener.pid}.cpu_ns`, followed.cpuNs);
      readings.set(`process.${followed.listener.pid}.waited_ns`, followed.waitedNs);
    }
  }

  #read(followed: Followed): void {
    let [cpuNs, waitedNs] = [0, 0];
    for (const [id, thread] of followed.threads) {
      const spent = this.#spentBy(thread);
      if (!spent) {
        closeSync(thread.fd);
        followed.threads.delete(id);
      } else if (spent.cpuNs + spent.waitedNs > cpuNs + waitedNs)
        [cpuNs, waitedNs] = [spent.cpuNs, spent.waitedNs];
    }
    followed.cpuNs += cpuNs;
    followed.waitedNs += waitedNs;
  }

  /** Since the reading before; undefined when the thread has ended. */
  #spentBy(thread: Thread): { cpuNs: number; waitedNs: number } | undefined {
    const text = tryRead(thread.fd, this.#buffer);
    const [cpu, waited] = fieldsOf(text ?? '').map(countOf);
    if (cpu === undefined || waited === undefined) return undefined;
    const before =
      thread.cpuNs === undefined ? { cpu, waited } : { cpu: thread.cpuNs, waited: thread.waitedNs };
    thread.cpuNs = cpu;
    thread.waitedNs = waited;
    return { cpuNs: Math.max(0, cpu - before.cpu), waitedNs: Math.max(0, waited - before.waited) };
  }

  close(): void {
    for (const followed of [...this.#byPid.values()]) this.#forget(followed);
  }
}

function open({ threads }: Followed, folder: string, ids: readonly string[]): void {
  for (const id of ids) {
    if (threads.has(id)) continue;
    try {
      threads.set(id, { fd: openSync(join(folder, id, 'schedstat'), 'r'), cpuNs: undefined, waitedNs: 0 });
    } catch {
      // it has ended since, or this kernel keeps no such account
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function tryRead(fd: number, buffer: Buffer): string | undefined {
  try {
    return buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0));
  } catch {
    return undefined;
  }
}
