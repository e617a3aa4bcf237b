/**
 * What is known of a run beside its spans, as it travels with them from one store to another: why it failed, what watching it
 * cost, its warnings, the samples of its hosts.
 */
import type { Warning } from './span.ts';

/** Key of the resource attribute that holds it, as JSON, in a message of its own without spans. */
export const RUN_EXTRAS = 'headwater.run';

export interface RunExtras {
  readonly traceId: string;
  readonly error?: string;
  readonly overhead: Readonly<Record<string, number>>;
  readonly warnings: readonly Warning[];
  /** Text files of the run by name. */
  readonly files: Readonly<Record<string, string>>;
}
