/**
 * Somebody who watches while a run is on and tells afterwards: the agent of a host, a backend that is asked for the
 * trace. A witness that cannot be reached is a warning, never a failed run: its methods do not reject.
 */
import type { ImportResult } from '../model/span.ts';
import type { RunFile } from '../store/store.ts';

export interface Testimony extends ImportResult {
  /** `hosts/NAME.json` holds the lanes of a host (`HostSamples` in host-samples.ts). */
  readonly files?: readonly RunFile[];
}

export interface Witness {
  /** As a warning names it: `agent at 127.0.0.1:4320`. */
  readonly name: string;
  /** The journey is about to begin; what it returns is waited for. */
  begin?(traceId: string): Promise<void>;
  /** The journey has ended. */
  end?(traceId: string): Promise<Testimony>;
  /** Asked again and again while the run settles; what was told before may be told again. */
  ask?(traceId: string): Promise<Testimony>;
}
