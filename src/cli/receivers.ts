/** What `run`, `serve` and `demo` share when they receive: everything goes into the store before it is acknowledged. */
import type { Sink } from '../collect/collector.ts';
import { boundedWarnings } from '../import/warning-tally.ts';
import type { Store } from '../store/store.ts';

export function storeSink(store: Store): Sink {
  return {
    accept({ spans, warnings }) {
      if (spans.length > 0) store.append(spans);
      if (warnings.length > 0) store.warn(null, boundedWarnings(warnings));
    },
  };
}

/** Is it a Headwater that holds this port? */
export async function isServing(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/health`, {
      signal: AbortSignal.timeout(1_000),
    });
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && 'ok' in body;
  } catch {
    return false;
  }
}
