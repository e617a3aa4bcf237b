/** What an agent saw of its host during a run, as it is kept beside the run's spans: `hosts/NAME.json`. */
import type { Lane } from '../model/report.ts';
import { sinceOrigin } from '../model/time.ts';

/** A lane before the trace has an origin. */
export interface SampledLane extends Omit<Lane, 'host' | 'timesNs'> {
  /** Decimal digits: JSON has no bigint. */
  readonly timesUnixNano: readonly string[];
}

export interface HostSamples {
  readonly version: 1;
  readonly host: string;
  readonly lanes: readonly SampledLane[];
}

export const HOST_FILES = 'hosts/';

export const lanesOf = ({ host, lanes }: HostSamples, originUnixNano: bigint): Lane[] =>
  lanes.map(({ timesUnixNano, ...lane }) => ({
    host,
    ...lane,
    timesNs: timesUnixNano.map((time) => sinceOrigin(BigInt(time), originUnixNano)),
  }));
