import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answeredIn } from '../../src/import/answered-in.ts';
import { isSpanId, isTraceId } from '../../src/model/ids.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const VALUE = `00-${TRACE}-${SPAN}-01`;
const named = (traceId = TRACE, spanId = SPAN) => ({
  traceId,
  spanId,
  attributes: { 'headwater.role': 'answered_in' },
});

describe('the trace that an answer names', () => {
  it.each([
    ['traceresponse', { traceresponse: VALUE }],
    ['Server-Timing, quoted', { serverTiming: `db;dur=3, traceparent;desc="${VALUE}", app;dur=5` }],
    ['Server-Timing, a token', { serverTiming: `traceparent;desc=${VALUE}` }],
    ['Server-Timing, in the draft’s word', { serverTiming: `TraceResponse;dur=0;desc="${VALUE}"` }],
    ['upper case', { traceresponse: VALUE.toUpperCase() }],
    ['both', { traceresponse: VALUE, serverTiming: `traceparent;desc="${VALUE}"` }],
  ])('is read from %s, once', (_, headers) => {
    expect(answeredIn(headers)).toEqual([named()]);
  });

  it('is each of those that a balancer and a service named', () => {
    const other = 'c'.repeat(16);
    const serverTiming = `traceparent;desc="${VALUE}", traceparent;desc="00-${TRACE}-${other}-01"`;
    expect(answeredIn({ serverTiming })).toEqual([named(), named(TRACE, other)]);
  });

  it.each([
    [{}],
    [{ traceresponse: '' }],
    [{ traceresponse: `00-${'0'.repeat(32)}-${SPAN}-01` }],
    [{ traceresponse: `00--${SPAN}-01` }],
    [{ serverTiming: `db;desc="${VALUE}"` }],
    [{ serverTiming: 'traceparent' }],
    [{ serverTiming: 'traceparent;desc="4bf92f35"' }],
  ])('is none in %j', (headers) => {
    expect(answeredIn(headers)).toEqual([]);
  });

  it('is a valid one or none, of any headers, and few of many', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (traceresponse, serverTiming) => {
        for (const { traceId, spanId } of answeredIn({ traceresponse, serverTiming }))
          expect([isTraceId(traceId), isSpanId(spanId)]).toEqual([true, true]);
      }),
    );
    const many = Array.from({ length: 1_000 }, (_, i) => `00-${TRACE}-${String(i + 1).padStart(16, '0')}-01`);
    expect(answeredIn({ traceresponse: many.join(',') })).toHaveLength(8);
  });
});
