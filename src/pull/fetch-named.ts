/**
 * Traces that a recording's requests name, fetched from where they live: once, for whatever was sent there has been there
 * for long. They are kept as traces of their own; making a run's view brings them into it.
 */
import type { Warning } from '../model/span.ts';
import { namedTraceIds } from '../stitch/named-traces.ts';
import type { Store } from '../store/store.ts';
import { atOnce } from './at-once.ts';
import { backendAddress, openBackend } from './trace-backend.ts';

/** Of a recording of a whole day. */
const MAX_ASKED = 1_000;

export interface Fetched {
  /** How many traces were named and not in the store, and how many of them came. */
  readonly asked: number;
  readonly came: number;
  /** Why somebody could not be asked, in sentences. */
  readonly failures: readonly string[];
  /** What was odd in what came. */
  readonly warnings: readonly Warning[];
}

/**
 * @param addresses each is asked for what the ones before did not know
 * @param onProgress told after each answer
 */
export async function fetchNamed(
  runs: Iterable<string>,
  addresses: readonly string[],
  store: Pick<Store, 'spans' | 'append' | 'lastAppend'>,
  onProgress: (asked: number, of: number) => void = () => {},
): Promise<Fetched> {
  const isMissing = (traceId: string) => store.lastAppend(traceId).chunks === 0;
  const named = new Set([...runs].flatMap((traceId) => [...namedTraceIds(store.spans(traceId))]));
  const wanted = [...named].filter(isMissing).slice(0, MAX_ASKED);
  const failures: string[] = [];
  const warnings: Warning[] = [];
  for (const address of wanted.length > 0 ? addresses : []) {
    try {
      const backend = await openBackend(backendAddress(address));
      const missing = wanted.filter(isMissing);
      let done = 0;
      await atOnce(missing, async (traceId) => {
        const told = await backend.ask(traceId);
        // A service that counts in 64 bits keeps the right half of the id.
        store.append((told?.spans ?? []).map((span) => ({ ...span, traceId })));
        warnings.push(...(told?.warnings ?? []));
        onProgress(++done, missing.length);
      });
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  return { asked: wanted.length, came: wanted.filter((id) => !isMissing(id)).length, failures, warnings };
}
