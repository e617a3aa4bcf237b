/**
 * Samples the functions of a Node.js service through its inspector while a journey is walked, and keeps what was sampled in one
 * step: the slow one, or the longest (https://chromedevtools.github.io/devtools-protocol/v8/Profiler/).
 */
import WebSocket from 'ws';
import { z } from 'zod';
import type { StepNews } from '../../../probe/journey-recorder.ts';
import { readV8Profile, type V8Profile } from '../../import/v8-profile.ts';
import { PROFILE_FILES } from '../../model/cpu-profile.ts';
import { unixNanoFromMs } from '../../model/time.ts';
import type { Testimony, Witness } from '../../run/witness.ts';
import type { RunFile } from '../../store/store.ts';

/** Microseconds, as Chromium samples its pages. */
const INTERVAL_US = 200;
const TIMEOUT_MS = 5_000;

export interface NodeWitness extends Witness {
  onStep(news: StepNews): void;
}

/**
 * @param address `127.0.0.1:9229`, `http://…`, or the `ws://…` that Node prints when it listens
 * @param wanted name of the step; the longest when it is left out, or not walked
 */
export function nodeWitness(address: string, wanted: string | undefined): NodeWitness {
  const steps = new StepTimes();
  const name = `inspector at ${address}`;
  let sampling: Sampling | undefined;
  let fault: string | undefined;
  return {
    name,
    onStep: (news) => steps.note(news),
    async begin() {
      try {
        sampling = await Sampling.begin(address);
      } catch (error) {
        fault = (error as Error).message;
      }
    },
    async end(): Promise<Testimony> {
      try {
        const file = await sampling?.end(steps.of(wanted));
        if (fault === undefined) return { spans: [], warnings: [], files: file ? [file] : [] };
      } catch (error) {
        fault = (error as Error).message;
      }
      return { spans: [], warnings: [{ code: 'replay.no_profile', where: name, message: fault }] };
    },
  };
}

/** A profile that is being taken. */
class Sampling {
  readonly #inspector: Inspector;
  readonly #clock: Clock;

  private constructor(inspector: Inspector, clock: Clock) {
    this.#inspector = inspector;
    this.#clock = clock;
  }

  static async begin(address: string): Promise<Sampling> {
    const inspector = await Inspector.connect(address);
    try {
      return new Sampling(inspector, await inspector.start());
    } catch (error) {
      inspector.close();
      throw error;
    }
  }

  async end([fromMs, toMs]: readonly [number, number]): Promise<RunFile | undefined> {
    const { pid, unixMsAt } = this.#clock;
    try {
      const read = readV8Profile(await this.#inspector.stop(), {
        of: pid,
        thread: `Node.js, process ${pid}`,
        fromUnixNano: unixNanoFromMs(fromMs),
        toUnixNano: unixNanoFromMs(toMs),
        unixNanoAt: (us) => unixNanoFromMs(unixMsAt(us)),
      });
      const body = new TextEncoder().encode(JSON.stringify(read));
      return read && { name: `${PROFILE_FILES}node-${pid}.json`, mediaType: 'application/json', body };
    } finally {
      this.#inspector.close();
    }
  }
}

/** When each step was walked, by the probe's clock. */
class StepTimes {
  readonly #times: { readonly name: string; readonly fromMs: number; toMs: number }[] = [];

  note({ name, state }: StepNews): void {
    if (state === 'started') this.#times.push({ name, fromMs: Date.now(), toMs: Infinity });
    else {
      const open = this.#times.findLast((time) => time.name === name && time.toMs === Infinity);
      if (open) open.toMs = Date.now();
    }
  }

  of(wanted: string | undefined): [fromMs: number, toMs: number] {
    const nowMs = Date.now();
    const ended = this.#times.map(({ toMs, ...time }) => ({ ...time, toMs: Math.min(toMs, nowMs) }));
    const [longest] = [...ended].sort((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs));
    const step = ended.find(({ name }) => name === wanted) ?? longest;
    return step ? [step.fromMs, step.toMs] : [0, nowMs];
  }
}

interface Clock {
  readonly pid: number;
  /** From microseconds of the process' monotonic clock. */
  readonly unixMsAt: (us: number) => number;
}

const TARGETS = z.array(z.looseObject({ webSocketDebuggerUrl: z.string() }));
const CLOCKS = z.tuple([z.number(), z.number(), z.number()]);
const ANSWER = z.looseObject({
  id: z.number().optional(),
  result: z.unknown(),
  error: z.object({ message: z.string() }).optional(),
});

/** One connection to a process' inspector. */
class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #asked = 0;

  /** @throws Error with a sentence */
  static async connect(address: string): Promise<Inspector> {
    try {
      const socket = new WebSocket(await socketAddress(address), { handshakeTimeout: TIMEOUT_MS });
      await new Promise<void>((resolve, reject) => {
        socket.once('open', () => resolve());
        socket.once('error', reject);
      });
      return new Inspector(socket);
    } catch (error) {
      throw new Error(
        `No inspector of Node.js answers at ${address}: ${(error as Error).message}. Start the service with node --inspect, or send it SIGUSR1.`,
      );
    }
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#answered(String(data)));
    socket.on('close', () => this.#failAll(new Error('the inspector closed the connection')));
    socket.on('error', (error) => this.#failAll(error));
  }

  async start(): Promise<Clock> {
    await this.#ask('Profiler.enable');
    await this.#ask('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    const expression =
      '[process.pid, performance.timeOrigin + performance.now(), Number(process.hrtime.bigint() / 1000n)]';
    const { result } = (await this.#ask('Runtime.evaluate', { expression, returnByValue: true })) as {
      result?: { value?: unknown };
    };
    const [pid, unixMs, us] = CLOCKS.parse(result?.value);
    await this.#ask('Profiler.start');
    return { pid, unixMsAt: (at) => unixMs + (at - us) / 1_000 };
  }

  async stop(): Promise<V8Profile> {
    const { profile } = (await this.#ask('Profiler.stop')) as { profile: V8Profile };
    await this.#ask('Profiler.disable');
    return profile;
  }

  close(): void {
    this.#socket.close();
  }

  #ask(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the inspector did not answer ${method}`)), TIMEOUT_MS);
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(id);
      };
      this.#waiting.set(id, {
        resolve: (result) => [done(), resolve(result)],
        reject: (error) => [done(), reject(error)],
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #answered(text: string): void {
    const { id, result, error } = ANSWER.parse(JSON.parse(text));
    const asked = id === undefined ? undefined : this.#waiting.get(id);
    if (error) asked?.reject(new Error(error.message));
    else asked?.resolve(result);
  }

  #failAll(error: Error): void {
    for (const { reject } of [...this.#waiting.values()]) reject(error);
  }
}

async function socketAddress(address: string): Promise<string> {
  if (/^wss?:/.test(address)) return address;
  const base = /^https?:/.test(address) ? address : `http://${address}`;
  const response = await fetch(new URL('/json/list', base), { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const [target] = TARGETS.parse(await response.json());
  if (!target) throw new Error('it has no target');
  return target.webSocketDebuggerUrl;
}
