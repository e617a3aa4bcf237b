/** `--traces-from`: where a team's traces already live. */
import { InvalidArgumentError } from 'commander';
import { pullWitness } from '../pull/pull-witness.ts';
import { backendAddress } from '../pull/trace-backend.ts';
import type { Witness } from '../run/witness.ts';
import type { Store } from '../store/store.ts';

/** One more of them; an address that cannot be one is refused here. */
export function tracesFrom(text: string, earlier: readonly string[] = []): string[] {
  try {
    backendAddress(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return [...earlier, text];
}

export const backendWitnesses = (addresses: readonly string[], store: Pick<Store, 'spans'>): Witness[] =>
  addresses.map((text) =>
    pullWitness({ address: backendAddress(text), known: (traceId) => store.spans(traceId) }),
  );
