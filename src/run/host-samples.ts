/** What an agent saw of its host during a run, as it is kept beside the run's spans: `hosts/NAME.json`. */
import { z } from 'zod';
import { PROCESS_QUANTITIES } from '../model/host-lanes.ts';
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

/** Of a file that came from elsewhere; undefined when it is not what an agent writes. */
export function hostSamplesOf(json: string): HostSamples | undefined {
  try {
    const found = SAMPLES.safeParse(JSON.parse(json));
    return found.success ? (found.data as HostSamples) : undefined;
  } catch {
    return undefined;
  }
}

const DIGITS = z.string().regex(/^\d{1,19}$/);
const SAMPLES = z.looseObject({
  version: z.literal(1),
  host: z.string(),
  clockOffsetNs: z.number().optional(),
  lanes: z.array(
    z
      .looseObject({
        name: z.string(),
        unit: z.string(),
        timesUnixNano: z.array(DIGITS),
        values: z.array(z.number()),
        limit: z.number().optional(),
        osProcess: z.object({ pid: z.number(), quantity: z.enum(PROCESS_QUANTITIES) }).optional(),
      })
      .refine(({ timesUnixNano, values }) => timesUnixNano.length === values.length),
  ),
});

export const lanesOf = ({ host, lanes, clockOffsetNs = 0 }: HostSamples, originUnixNano: bigint): Lane[] =>
  lanes.map(({ timesUnixNano, ...lane }) => ({
    host,
    ...lane,
    timesNs: timesUnixNano.map((time) => sinceOrigin(BigInt(time), originUnixNano) + clockOffsetNs),
  }));
