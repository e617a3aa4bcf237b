/** Where a thread's processor time went, function by function, as it was sampled. */
import type { LedgerEntry } from './report.ts';
import type { Nanos } from './time.ts';

/** Where profiles lie among the files of a run. */
export const PROFILE_FILES = 'profiles/';

/** As it is kept beside a run's spans: `profiles/NAME.json`. */
export interface CpuProfile {
  readonly version: 1;
  /** `page`, or of a service the number of its process. */
  readonly of: 'page' | number;
  /** `main thread of the page`, `node 4711`: how it is told. */
  readonly thread: string;
  readonly functions: readonly SampledFunction[];
  /** Places on a stack: a function, and the place that called it; −1 for none. Callers stand before whom they call. */
  readonly places: readonly (readonly [called: number, caller: number])[];
  /** Decimal digits: JSON has no bigint. */
  readonly fromUnixNano: string;
  /** When each sample was taken, ascending, ns after `fromUnixNano`. It holds until the next one. */
  readonly atNs: readonly Nanos[];
  /** Where the thread was then; −1: it had nothing to do. */
  readonly placeAt: readonly number[];
}

export interface SampledFunction {
  readonly name: string;
  /** Empty for what the engine does itself. */
  readonly url: string;
  /** Counted from 1; 0 where it has none. */
  readonly line: number;
}

/** Functions that explain one piece of the ledger. */
export interface HotPiece extends Pick<LedgerEntry, 'layer' | 'component' | 'cause'> {
  readonly thread: string;
  /** Of the piece. */
  readonly ns: Nanos;
  /** Of it, how long the samples saw the thread at work. */
  readonly sampledNs: Nanos;
  /** By their own time, most first. */
  readonly functions: readonly HotFunction[];
}

export interface HotFunction extends SampledFunction {
  /** In its own code. */
  readonly selfNs: Nanos;
  /** And in what it called. */
  readonly totalNs: Nanos;
}
