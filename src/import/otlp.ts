/**
 * OpenTelemetry's own format, in both encodings: `ExportTraceServiceRequest` as protobuf and as JSON.
 * Which subset is read stands at the head of each reader; what they share is in otlp-span.ts, span-batch.ts and otlp-value.ts.
 *
 * https://opentelemetry.io/docs/specs/otlp/
 */
export { readOtlpJson } from './otlp-json.ts';
export { readOtlpProtobuf } from './otlp-protobuf.ts';
export type { BatchResult as OtlpResult } from './span-batch.ts';
