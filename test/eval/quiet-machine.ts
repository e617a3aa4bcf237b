/**
 * Is anybody else at work on this machine? On a starved one, the verdicts say so, rightly, and not what was injected:
 * figures are worth something only when the machine was quiet before.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

/** Some task waited for a CPU during this share of the last 10 s: more is not a quiet machine. */
const BUSY_PERCENT = 25;
const LOOK_EVERY_MS = 2_000;

/** Percent of the last 10 s in which a task waited for a CPU; elsewhere than on Linux guessed by the load. */
export function waitingForCpu(): number {
  try {
    const [, percent] = /^some avg10=([\d.]+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8')) ?? [];
    if (percent !== undefined) return Number(percent);
  } catch {
    // no pressure stall information here
  }
  return Math.max(0, Math.min(100, (loadavg()[0]! / availableParallelism() - 1) * 100));
}

export const isBusy = (): boolean => waitingForCpu() >= BUSY_PERCENT;

/** @returns whether it became quiet in time */
export async function becomesQuiet(limitMs: number, signal?: AbortSignal): Promise<boolean> {
  for (let waitedMs = 0; isBusy(); waitedMs += LOOK_EVERY_MS) {
    if (waitedMs >= limitMs || signal?.aborted) return false;
    await pause(LOOK_EVERY_MS);
  }
  return true;
}
