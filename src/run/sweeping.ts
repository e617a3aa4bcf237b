/** Sweeps a store every few minutes while a process is up; sooner when the last sweep was not enough. */
import type { Keeper } from './keeper.ts';

const EVERY_MS = 120_000;
/** Between two sweeps of which the first was not enough: others have their turn. */
const AGAIN_AFTER_MS = 1_000;

/** @param onTrouble told in one sentence why a sweep failed; the next one is tried all the same */
export function startSweeping(
  keeper: Pick<Keeper, 'sweep'>,
  onTrouble: (sentence: string) => void,
  everyMs = EVERY_MS,
): () => void {
  let timer: NodeJS.Timeout;
  const sweep = (): void => {
    let isDone = true;
    try {
      isDone = keeper.sweep().isDone;
    } catch (error) {
      onTrouble(`The store could not be swept: ${error instanceof Error ? error.message : String(error)}`);
    }
    timer = setTimeout(sweep, isDone ? everyMs : Math.min(AGAIN_AFTER_MS, everyMs));
  };
  timer = setTimeout(sweep, Math.min(AGAIN_AFTER_MS, everyMs));
  return () => clearTimeout(timer);
}
