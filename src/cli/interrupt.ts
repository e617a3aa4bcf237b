/** Ctrl-C and SIGTERM end a command in order: abort what runs, stop what was started, last started first. */
import { say } from './console.ts';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Aborted by the second one: whoever presses again does not want to wait. */
  readonly again: AbortSignal;
  /** Resolves at the first Ctrl-C or SIGTERM. */
  readonly asked: Promise<void>;
  /** Gives the signals back to Node. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const again = new AbortController();
  const asked = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve());
  });
  const abort = () => {
    if (controller.signal.aborted) {
      say('Still stopping …');
      again.abort();
    }
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, abort);
  return {
    signal: controller.signal,
    again: again.signal,
    asked,
    release: () => {
      for (const name of SIGNALS) process.off(name, abort);
    },
  };
}

/** Runs `body`, then stops everything it handed over, in reverse, also when it throws. */
export async function withCleanup<T>(
  body: (later: (stop: () => Promise<void> | void) => void) => Promise<T>,
): Promise<T> {
  const stops: (() => Promise<void> | void)[] = [];
  try {
    return await body((stop) => stops.push(stop));
  } finally {
    for (const stop of stops.reverse())
      await Promise.resolve(stop()).catch((error: unknown) => say(`While stopping: ${String(error)}`));
  }
}
