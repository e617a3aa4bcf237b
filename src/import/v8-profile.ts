/**
 * CPU profiles of V8, as Chromium's trace events and Node's inspector give them: a tree of calls, and which of its nodes
 * was running at each sample (https://chromedevtools.github.io/devtools-protocol/v8/Profiler/#type-Profile). Read are
 * functions, places and times; deoptimisation notes and coverage are ignored.
 */
import type { CpuProfile, SampledFunction } from '../model/cpu-profile.ts';
import { redactText } from '../model/redact.ts';
import type { UnixNano } from '../model/time.ts';

/** A node of either: trace events name the parent, the inspector the children. */
export interface V8Node {
  readonly id: number;
  readonly parent?: number;
  readonly children?: readonly number[];
  readonly callFrame: {
    readonly functionName?: string;
    readonly url?: string;
    /** Counted from 0. */
    readonly lineNumber?: number;
  };
}

export interface V8Profile {
  readonly nodes: readonly V8Node[];
  /** Microseconds on the process' monotonic clock. */
  readonly startTime: number;
  readonly samples: readonly number[];
  /** Microseconds since the sample before; of the first, since the start. */
  readonly timeDeltas: readonly number[];
}

export interface ProfileFrame {
  readonly of: CpuProfile['of'];
  readonly thread: string;
  /** Only samples between the two are kept. */
  readonly fromUnixNano: UnixNano;
  readonly toUnixNano: UnixNano;
  /** From microseconds on the process' clock. */
  readonly unixNanoAt: (us: number) => UnixNano;
}

/** What the engine calls a thread without work. */
const IDLE = new Set(['(idle)', '(root)']);

/** @returns undefined when nothing was sampled between the two instants */
export function readV8Profile(profile: V8Profile, frame: ProfileFrame): CpuProfile | undefined {
  const tree = new Places(profile.nodes);
  const atNs: number[] = [];
  const placeAt: number[] = [];
  let us = profile.startTime;
  for (const [i, sample] of profile.samples.entries()) {
    us += profile.timeDeltas[i] ?? 0;
    const at = frame.unixNanoAt(us);
    if (at < frame.fromUnixNano || at > frame.toUnixNano) continue;
    const ns = Number(at - frame.fromUnixNano);
    // V8 may hand over samples out of order by a few microseconds
    atNs.push(Math.max(ns, atNs.at(-1) ?? 0));
    placeAt.push(tree.placeOf(sample));
  }
  if (atNs.length === 0) return undefined;
  const { of, thread, fromUnixNano } = frame;
  const { functions, places } = tree;
  return { version: 1, of, thread, functions, places, fromUnixNano: String(fromUnixNano), atNs, placeAt };
}

/** Numbers functions and places as samples name them. */
class Places {
  readonly functions: SampledFunction[] = [];
  readonly places: [number, number][] = [];
  readonly #nodeById: ReadonlyMap<number, V8Node>;
  readonly #parentById = new Map<number, number>();
  readonly #numberByFunction = new Map<string, number>();
  readonly #placeById = new Map<number, number>();

  constructor(nodes: readonly V8Node[]) {
    this.#nodeById = new Map(nodes.map((node) => [node.id, node]));
    for (const { id, parent, children = [] } of nodes) {
      if (parent !== undefined) this.#parentById.set(id, parent);
      for (const child of children) this.#parentById.set(child, id);
    }
  }

  /** −1 for a thread without work, and for a node that nobody told of. */
  placeOf(id: number): number {
    if (!this.#isWork(id)) return -1;
    const path: number[] = [];
    const passed = new Set<number>();
    for (
      let at: number | undefined = id;
      at !== undefined && this.#isWork(at);
      at = this.#parentById.get(at)
    ) {
      // a profile that was cut or tampered with may go round in circles
      if (this.#placeById.has(at) || passed.has(at)) break;
      passed.add(at);
      path.push(at);
    }
    for (const each of path.reverse()) {
      const caller = this.#placeById.get(this.#parentById.get(each) ?? -1) ?? -1;
      this.#placeById.set(each, this.places.push([this.#functionOf(each), caller]) - 1);
    }
    return this.#placeById.get(id) ?? -1;
  }

  #isWork(id: number): boolean {
    const node = this.#nodeById.get(id);
    return node !== undefined && !IDLE.has(node.callFrame.functionName ?? '');
  }

  #functionOf(id: number): number {
    const { functionName, url = '', lineNumber } = this.#nodeById.get(id)!.callFrame;
    const line = lineNumber === undefined || lineNumber < 0 ? 0 : lineNumber + 1;
    const name = functionName || '(anonymous)';
    const key = `${name}\u0000${url}\u0000${line}`;
    const known = this.#numberByFunction.get(key);
    if (known !== undefined) return known;
    const number = this.functions.push({ name, url: redactText(url), line: url === '' ? 0 : line }) - 1;
    this.#numberByFunction.set(key, number);
    return number;
  }
}
