/** What kept a page's main thread busy in frames that were long, as tasks: a script is one of its own, and its only part. */
import type { FramePart } from '../cdp/long-frames.ts';
import { type MainThread, NO_MAIN_THREAD } from '../cdp/main-thread.ts';
import type { MainThreadTask } from '../cdp/main-thread-task.ts';
import type { BrowserClock } from './browser-clock.ts';

/** The page tells of its frames in Unix time, also where it asked for nothing. */
export const FRAME_CLOCK: BrowserClock = { unixMs: (unixS) => unixS * 1_000 };

/** By `FRAME_CLOCK`. */
export const mainThreadInFrames = (parts: readonly FramePart[] = []): MainThread => ({
  ...NO_MAIN_THREAD,
  tasks: parts.map(taskOf),
});

function taskOf({ startUnixMs, endUnixMs, begunBy, ...work }: FramePart): MainThreadTask {
  const part = { ...work, startS: startUnixMs / 1_000, endS: endUnixMs / 1_000 };
  return { ...part, ...(begunBy && { begunBy }), ...(work.kind !== 'Layout' && { parts: [part] }) };
}
