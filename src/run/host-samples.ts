/** What an agent saw of its host during a run, as it is kept beside the run's spans: `hosts/NAME.json`. */
import type { Lane } from '../model/report.ts';
import { type Nanos, sinceOrigin } from '../model/time.ts';

/** A lane before the trace has an origin. */
export interface SampledLane extends Omit<Lane, 'host' | 'timesNs'> {
  /** Decimal digits: JSON has no bigint. */
  readonly timesUnixNano: readonly string[];
}

export interface HostSamples {
  readonly version: 1;
  readonly host: string;
  /** What must be added to the host's times so that they fit the probe's clock; 0 where the two may be equal. */
  readonly clockOffsetNs?: Nanos;
  readonly lanes: readonly SampledLane[];
  /** What the sampling cost the host. */
  readonly cost?: { readonly wallMs: number; readonly cpuMs: number; readonly samples: number };
}

export const HOST_FILES = 'hosts/';

export const lanesOf = ({ host, lanes, clockOffsetNs = 0 }: HostSamples, originUnixNano: bigint): Lane[] =>
  lanes.map(({ timesUnixNano, ...lane }) => ({
    host,
    ...lane,
    timesNs: timesUnixNano.map((time) => sinceOrigin(BigInt(time), originUnixNano) + clockOffsetNs),
  }));
