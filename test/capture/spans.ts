/** Spans as the scripts in a private network print them: JSON has no bigint. */
import type { ReportedSpan } from '../../src/model/span.ts';

export type PlainSpan = Omit<ReportedSpan, 'startUnixNano' | 'endUnixNano'> & {
  readonly startUnixNano: string;
  readonly endUnixNano: string;
};
export const startMsOf = (span: PlainSpan): number => Number(BigInt(span.startUnixNano) / 1_000n) / 1_000;
export const endMsOf = (span: PlainSpan): number => Number(BigInt(span.endUnixNano) / 1_000n) / 1_000;

/** What CDP itself says of one request, on Unix time. */
export interface CdpStamps {
  readonly url: string;
  readonly sendStartMs: number;
  readonly sendEndMs: number;
  readonly headersMs: number;
}
