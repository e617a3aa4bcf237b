/** What both encodings of OTLP share: its numbers for kind and status. */
import type { SpanKind, SpanStatus } from '../model/span.ts';
import { SpanBatch, type SpanFields, UNSET } from './span-batch.ts';

export const OTLP_KINDS: readonly SpanKind[] = [
  'internal',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
];
export const OTLP_STATUS: readonly SpanStatus['code'][] = ['unset', 'ok', 'error'];

export const otlpBatch = (): SpanBatch => new SpanBatch('otlp');

export const emptyFields = (): SpanFields => ({
  traceId: '',
  spanId: '',
  parentSpanId: '',
  name: '',
  kind: 'internal',
  startUnixNano: 0n,
  endUnixNano: 0n,
  status: UNSET,
  attributes: {},
  events: [],
  links: [],
});
