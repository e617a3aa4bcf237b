/**
 * What an agent answers when a run ends: version 1 of the format. It comes from another machine, perhaps from another
 * version: it is checked where it enters (`readAnswer`), keys that are not known are dropped.
 */
import { z } from 'zod';
import { PROCESS_QUANTITIES } from '../model/host-lanes.ts';

/** Unix ns, decimal digits: JSON has no bigint. */
const unixNano = z.string().regex(/^\d{1,19}$/);
const finite = z.number();
const words = z.string().max(200);

const endpoint = z.object({ address: words, port: z.number().int().min(0).max(65_535) });
const retransmits = z.object({ unixNano, count: finite.min(1), whileConnecting: z.boolean() });

const hostConnection = z.object({
  local: endpoint,
  peer: endpoint,
  firstSeenUnixNano: unixNano,
  lastSeenUnixNano: unixNano,
  isOlder: z.boolean(),
  hasEnded: z.boolean(),
  state: words,
  rttMs: finite.optional(),
  rttVarianceMs: finite.optional(),
  minRttMs: finite.optional(),
  congestionWindow: finite.optional(),
  deliveryRateBitPerS: finite.optional(),
  bytesSent: finite,
  bytesReceived: finite,
  bytesRetransmitted: finite,
  retransmits: z.array(retransmits).max(1_000).readonly(),
});

const MAX_VALUES = 100_000;
const lane = z
  .object({
    name: words,
    unit: words,
    timesUnixNano: z.array(unixNano).max(MAX_VALUES).readonly(),
    values: z.array(finite).max(MAX_VALUES).readonly(),
    limit: finite.optional(),
    osProcess: z.object({ pid: z.number().int().min(1), quantity: z.enum(PROCESS_QUANTITIES) }).optional(),
  })
  .refine(({ timesUnixNano, values }) => timesUnixNano.length === values.length);

/** The agent's own clock when it took the question and when it sent the answer. */
const clockReading = z.object({ receivedUnixNano: unixNano, answeredUnixNano: unixNano });

const begun = z.object({ version: z.literal(1), host: words, clock: clockReading });

const answer = begun.extend({
  /** The longest time between two looks at connections: what happened in between is known no finer. */
  socketIntervalMs: finite.min(0),
  lanes: z.array(lane).max(100),
  connections: z.array(hostConnection).max(10_000),
  warnings: z.array(z.object({ code: words, where: words, message: z.string().max(2_000) })).max(100),
  /** What the sampling cost the host. */
  cost: z.object({ wallMs: finite, cpuMs: finite, samples: finite }),
});

export type ClockReading = z.infer<typeof clockReading>;
export type Begun = z.infer<typeof begun>;
export type Answer = z.infer<typeof answer>;

/** @returns undefined when it is not what an agent of this version says */
export const readBegun = (value: unknown): Begun | undefined => begun.safeParse(value).data;
export const readAnswer = (value: unknown): Answer | undefined => answer.safeParse(value).data;
