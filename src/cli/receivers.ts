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

export { serving as isServing } from '../run/serving.ts';
