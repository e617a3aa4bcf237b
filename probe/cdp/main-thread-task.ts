/** One task of the page's main thread, with what it was made of. */
import type { Fields } from '../../src/import/netlog/events.ts';

export interface MainThreadTask {
  /** The event that took most of it: `EvaluateScript`, `Layout`. */
  readonly kind: string;
  readonly url?: string;
  readonly functionName?: string;
  readonly lineNumber?: number;
  /** What began it: `timer`, `animation frame`, `event click`, … */
  readonly begunBy?: string;
  /** Milliseconds that its thread was on a processor: the rest of its time it wanted one. */
  readonly cpuMs?: number;
  /** Milliseconds by kind of work, inner work not counted twice: `script`, `style`, `layout`, `paint`, … */
  readonly msByWork: Readonly<Record<string, number>>;
  /** What scripts had of it, where that is worth a row. */
  readonly parts?: readonly TaskPart[];
  /** Monotonic seconds, the same clock as Network's. */
  readonly startS: number;
  readonly endS: number;
}

/** A script's stretch of a task, from the browser's call into it to its return. */
export type TaskPart = Omit<MainThreadTask, 'begunBy' | 'cpuMs' | 'parts'>;

/** An event of the main thread that has a length. */
export interface Work {
  readonly event: Fields;
  readonly startUs: number;
  readonly endUs: number;
}
