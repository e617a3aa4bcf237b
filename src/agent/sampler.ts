/**
 * Samples the host while at least one run asks for it; between runs it does nothing at all.
 *
 * ```
 * // run A      begin |------------------------| end
 * // run B                 begin |----------------| end
 * // readings         *  *  *  *  *  *  *  *  *  *      shared
 * // sockets          *           *           *  * *    slower: a process each time
 * ```
 * A run that nobody ends is ended after `maxMs`, and what it holds is forgotten.
 */
import { readFileSync } from 'node:fs';
import { startUnixClock, type UnixClock } from '../../probe/unix-clock.ts';
import type { Warning } from '../model/span.ts';
import type { Answer } from './answer.ts';
import { lanesFrom, MAX_LANES, type Snapshot } from './lanes.ts';
import { findListeners, type Listener } from './proc/listeners.ts';
import { ProcFiles } from './proc/proc-files.ts';
import { ProcessWatch } from './proc/process-watch.ts';
import { processLanes } from './process-lanes.ts';
import { ConnectionWatch } from './sockets/connection-watch.ts';
import { ListenQueues } from './sockets/listen-queues.ts';
import { listSockets, type SocketEvents, watchEndedSockets } from './sockets/socket-reader.ts';

export interface SamplerOptions {
  /** `/proc`, or a copy of one. */
  readonly procFolder?: string;
  readonly intervalMs?: number;
  readonly socketIntervalMs?: number;
  /** A run that is not ended is ended after this. */
  readonly maxMs?: number;
}

/** Short enough to see what one slow request met; twelve small files cost 0.15 ms of CPU each time. */
const INTERVAL_MS = 100;
/** Memory, swapping and tables that fill up change slowly: every fifth look is enough. */
const SLOW_EVERY = 5;
/** `ss` is a process of its own, some 3 ms of CPU. */
const SOCKET_INTERVAL_MS = 500;
/** On a host with very many sockets `ss` takes long: it then rests for so many times what it took. */
const REST_FACTOR = 20;
/** Longer than any journey is meant to take. */
const MAX_MS = 10 * 60_000;

type Told = Pick<Answer, 'socketIntervalMs' | 'lanes' | 'connections' | 'warnings' | 'cost'>;

interface Recording {
  readonly snapshots: Snapshot[];
  readonly connections: ConnectionWatch;
  readonly queues: ListenQueues;
  readonly startedMs: number;
  readonly startedCpuMs: number;
  readonly overdue: NodeJS.Timeout;
  /** When the sockets were last listed, and the longest time between two lists: what is known is no finer. */
  listedMs: number | undefined;
  longestGapMs: number;
}

export class Sampler {
  readonly #options: Required<SamplerOptions>;
  readonly #clock: UnixClock = startUnixClock();
  readonly #recordings = new Map<string, Recording>();
  #active: Looking | undefined;

  constructor(options: SamplerOptions = {}) {
    this.#options = {
      procFolder: options.procFolder ?? '/proc',
      intervalMs: options.intervalMs ?? INTERVAL_MS,
      socketIntervalMs: options.socketIntervalMs ?? SOCKET_INTERVAL_MS,
      maxMs: options.maxMs ?? MAX_MS,
    };
  }

  now = (): bigint => this.#clock.now();

  isSampling(traceId: string): boolean {
    return this.#recordings.has(traceId);
  }

  get runs(): number {
    return this.#recordings.size;
  }

  /** Resolves when the first sample is taken. */
  async begin(traceId: string): Promise<void> {
    const recording: Recording = {
      snapshots: [],
      connections: new ConnectionWatch(),
      queues: new ListenQueues(),
      startedMs: performance.now(),
      startedCpuMs: cpuMsSpent(),
      listedMs: undefined,
      longestGapMs: 0,
      overdue: setTimeout(() => void this.end(traceId), this.#options.maxMs),
    };
    recording.overdue.unref();
    this.#recordings.set(traceId, recording);
    this.#active ??= new Looking(this.#options, this.#clock, this.#recordings);
    await Promise.all([this.#active.findProcesses(), this.#active.readSockets()]);
    this.#active?.readProc();
  }

  /** Ends a run and tells what was seen; undefined when nobody began it, or when it was ended before. */
  async end(traceId: string): Promise<Told | undefined> {
    const recording = this.#recordings.get(traceId);
    const looking = this.#active;
    if (!recording || !looking) return undefined;
    clearTimeout(recording.overdue);
    looking.readProc();
    await looking.readSockets();
    await looking.caughtUp();
    if (!this.#recordings.delete(traceId)) return undefined;
    const { warnings, listeners } = looking;
    if (this.#recordings.size === 0) {
      this.#active = undefined;
      await looking.stop();
    }
    return this.#tell(recording, { warnings, listeners });
  }

  #tell(recording: Recording, { warnings, listeners }: Pick<Looking, 'warnings' | 'listeners'>): Told {
    const { snapshots, connections, queues } = recording;
    const hostLanes = [...queues.lanes().slice(0, MAX_LANES / 2), ...lanesFrom(snapshots)];
    return {
      socketIntervalMs: Math.max(this.#options.socketIntervalMs, Math.ceil(recording.longestGapMs)),
      lanes: [...hostLanes.slice(0, MAX_LANES), ...processLanes(snapshots, listeners)],
      connections: connections.told(),
      warnings: [...warnings],
      cost: {
        wallMs: performance.now() - recording.startedMs,
        cpuMs: cpuMsSpent() - recording.startedCpuMs,
        samples: snapshots.length,
      },
    };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#recordings.keys()].map((traceId) => this.end(traceId)));
  }
}

/** The timers, files and processes that exist only while somebody is sampling. */
class Looking {
  readonly #files: ProcFiles;
  readonly #processes: ProcessWatch;
  readonly #events: SocketEvents;
  readonly #timer: NodeJS.Timeout;
  readonly #options: Required<SamplerOptions>;
  readonly #clock: UnixClock;
  readonly #recordings: ReadonlyMap<string, Recording>;
  readonly #faults: Warning[] = [];
  #ticks = 0;
  #socketTimer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(
    options: Required<SamplerOptions>,
    clock: UnixClock,
    recordings: ReadonlyMap<string, Recording>,
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#recordings = recordings;
    this.#files = new ProcFiles(options.procFolder);
    this.#processes = new ProcessWatch(options.procFolder);
    this.#timer = setInterval(() => this.#tick(), options.intervalMs);
    this.#events = watchEndedSockets(
      (socket) => {
        const unixNano = clock.now();
        for (const { connections } of recordings.values()) connections.ended(socket, unixNano);
      },
      () => this.#fault('agent.no_events', NO_EVENTS),
    );
    this.#schedule(options.socketIntervalMs);
  }

  get warnings(): readonly Warning[] {
    return [...this.#files.warnings, ...this.#faults];
  }

  get listeners(): readonly Listener[] {
    return this.#processes.listeners;
  }

  #tick(): void {
    this.#ticks++;
    const isSlow = this.#ticks % SLOW_EVERY === 0;
    if (isSlow) this.#processes.findThreads();
    this.readProc(isSlow ? 'all' : 'fast');
  }

  /** Those that listen now; one that begins later has no trace of its start, and is found by the next run. */
  async findProcesses(): Promise<void> {
    const listeners = await findListeners();
    if (!this.#isStopped) this.#processes.follow(listeners);
  }

  readProc(which: 'all' | 'fast' = 'all'): void {
    const unixNano = this.#clock.now();
    const readings = this.#files.read(which);
    this.#processes.readInto(readings);
    const snapshot = { unixNano, readings };
    for (const { snapshots } of this.#recordings.values()) snapshots.push(snapshot);
  }

  /** @returns ms that it took */
  async readSockets(): Promise<number> {
    const startMs = performance.now();
    const askedUnixNano = this.#clock.now();
    const sockets = await listSockets();
    if (!sockets) this.#fault('agent.no_ss', NO_SS);
    const unixNano = this.#clock.now();
    const nowMs = performance.now();
    for (const recording of this.#recordings.values()) {
      recording.connections.snapshot(sockets ?? [], unixNano, askedUnixNano);
      recording.queues.snapshot(sockets ?? [], unixNano);
      recording.longestGapMs = Math.max(recording.longestGapMs, nowMs - (recording.listedMs ?? nowMs));
      recording.listedMs = nowMs;
    }
    return nowMs - startMs;
  }

  /** Resolves when the ends of connections up to now are known. */
  caughtUp(): Promise<void> {
    return this.#events.caughtUp();
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped) return;
    this.#socketTimer = setTimeout(async () => {
      const tookMs = await this.readSockets();
      this.#schedule(Math.max(this.#options.socketIntervalMs, REST_FACTOR * tookMs));
    }, delayMs);
  }

  #fault(code: string, message: string): void {
    if (this.#isStopped || this.#faults.some((fault) => fault.code === code)) return;
    this.#faults.push({ code, where: 'ss', message });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    clearTimeout(this.#socketTimer);
    this.#files.close();
    this.#processes.close();
    await this.#events.stop();
  }
}

const NO_SS =
  'ss (package iproute2) could not be run: nothing is known of single connections and of listen queues.';
const NO_EVENTS =
  'The kernel does not tell here when a connection ends (ss --events through stdbuf): short connections may be missed.';

const MS_PER_TICK = 10;
/** Of this process, and of its children that have ended: `cutime` and `cstime`, fields 16 and 17 of `/proc/self/stat`. */
function cpuMsSpent(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000 + childrenCpuMs();
}

function childrenCpuMs(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[13]) + Number(fields[14])) * MS_PER_TICK || 0;
  } catch {
    return 0;
  }
}
