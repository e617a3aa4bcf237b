/** Spans for the store's cases: one that is plain, and any that the model allows. */
import fc from 'fast-check';
import { EVIDENCE } from '../../src/model/layer.ts';
import { redactSpan } from '../../src/model/redact.ts';
import { type ReportedSpan, SPAN_KINDS } from '../../src/model/span.ts';

export const reportedSpan = (rest: Partial<ReportedSpan> = {}): ReportedSpan => ({
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  name: 'work',
  kind: 'internal',
  startUnixNano: 1795333153000000000n,
  endUnixNano: 1795333153000000001n,
  status: { code: 'unset' },
  attributes: {},
  events: [],
  links: [],
  resource: { 'service.name': 'shop' },
  source: 'otlp',
  clock: 'shop@web-1/1',
  evidence: 'measured',
  precisionNs: 1_000,
  ...rest,
});

const hex = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
const text = fc.string({ unit: 'binary', maxLength: 20 });
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY));
const value = fc.oneof(
  text,
  number,
  fc.boolean(),
  fc.array(text, { maxLength: 3 }),
  fc.array(number, { maxLength: 3 }),
);
const attributes = fc.dictionary(fc.oneof(text, fc.constantFrom('__proto__', 'n', 'url.full')), value, {
  maxKeys: 4,
  noNullPrototype: true,
});
const plain = { noNullPrototype: true };
const time = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

/** Already free of secrets, so that it may be expected back unchanged. */
export const anySpan: fc.Arbitrary<ReportedSpan> = fc
  .record(
    {
      traceId: hex(32),
      spanId: hex(16),
      parentSpanId: hex(16),
      name: text,
      kind: fc.constantFrom(...SPAN_KINDS),
      startUnixNano: time,
      endUnixNano: time,
      status: fc.oneof(
        fc.record({ code: fc.constantFrom('unset' as const, 'ok' as const, 'error' as const) }, plain),
        fc.record({ code: fc.constant('error' as const), message: text }, plain),
      ),
      attributes,
      events: fc.array(fc.record({ name: text, timeUnixNano: time, attributes }, plain), { maxLength: 2 }),
      links: fc.array(
        fc.record(
          { traceId: hex(32), spanId: hex(16), attributes },
          { requiredKeys: ['traceId', 'spanId'], ...plain },
        ),
        { maxLength: 2 },
      ),
      resource: attributes,
      scope: text,
      source: text,
      clock: text,
      evidence: fc.constantFrom(...EVIDENCE),
      precisionNs: fc.nat(),
    },
    {
      requiredKeys: [
        'traceId',
        'spanId',
        'name',
        'kind',
        'startUnixNano',
        'endUnixNano',
        'status',
        'attributes',
        'events',
        'links',
        'resource',
        'source',
        'clock',
        'evidence',
        'precisionNs',
      ],
    },
  )
  .map(redactSpan);
