/**
 * The answers of an OTLP receiver, in both encodings. `ExportTraceServiceResponse` is empty when all went well; a
 * partial success names how many spans were left out and why.
 *
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
 */
import { PbfWriter } from 'pbf';
import type { OtlpResult } from '../import/otlp.ts';

export const OTLP_LIMIT_BYTES = 64 * 1024 * 1024;

/** `{ partial_success = 1: { rejected_spans = 1, error_message = 2 } }` */
export function exportResponseProtobuf({ rejected, warnings }: OtlpResult): Buffer {
  const response = new PbfWriter();
  if (rejected > 0) {
    const writePartial = (result: { rejected: number; reason: string }, pbf: PbfWriter) => {
      pbf.writeVarintField(1, result.rejected);
      pbf.writeStringField(2, result.reason);
    };
    response.writeMessage(1, writePartial, { rejected, reason: warnings[0]?.message ?? '' });
  }
  return Buffer.from(response.finish());
}

export function exportResponseJson({ rejected, warnings }: OtlpResult): object {
  if (rejected === 0) return {};
  return { partialSuccess: { rejectedSpans: String(rejected), errorMessage: warnings[0]?.message ?? '' } };
}

/** `google.rpc.Status { code = 1, message = 2 }`, the body of every HTTP error. */
export function rpcStatusProtobuf(code: number, message: string): Buffer {
  const status = new PbfWriter();
  status.writeVarintField(1, code);
  status.writeStringField(2, message);
  return Buffer.from(status.finish());
}
