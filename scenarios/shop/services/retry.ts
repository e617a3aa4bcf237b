/** What a service does when another says "not now" (503): nothing, unless its environment tells it to try again. */
import { noteInjected } from '../injected.ts';
import { sleep } from './mischief/sleep.ts';

export interface Pause {
  readonly ms: number;
  /** The fault whose cost it is. */
  readonly fault?: string;
  /** The try that failed is part of that cost: the caller waited for it in vain. */
  readonly withTry?: boolean;
}

/** A JSON list of `Pause`, before the second try, the third, … */
export const RETRY_VARIABLE = 'SHOP_RETRY';

/** Several faults may ask for tries: each gets its own. */
export function addPauses(environment: Record<string, string>, pauses: readonly Pause[]): void {
  environment[RETRY_VARIABLE] = JSON.stringify([...plannedIn(environment), ...pauses]);
}

const plannedIn = (environment: Readonly<Record<string, string | undefined>>): Pause[] =>
  JSON.parse(environment[RETRY_VARIABLE] ?? '[]') as Pause[];

const planned = plannedIn(process.env);

/**
 * Waits as long as the plan says after this many tries; false when it says to give up.
 * @param triedMs how long the last of them took
 */
export async function pauseBefore(tries: number, triedMs: number): Promise<boolean> {
  const pause = planned[tries - 1];
  if (!pause) return false;
  const waitedMs = await sleep(pause.ms);
  if (pause.fault) noteInjected(pause.fault, waitedMs + (pause.withTry ? triedMs : 0));
  return true;
}
