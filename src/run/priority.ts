/** Whose turn it is when there are fewer processors than work. */
import { setPriority } from 'node:os';

/** The tests come first, as long as there are any: also before the code of what makes their runs. */
export const LOWEST_PRIORITY = 19;
/** When they are over, whoever waits for the verdicts comes first. */
export const USUAL_PRIORITY = 0;

export function prioritise(pid: number | undefined, priority: number): void {
  try {
    if (pid) setPriority(pid, priority);
  } catch {
    // Some systems do not let one choose, or only downwards.
  }
}
