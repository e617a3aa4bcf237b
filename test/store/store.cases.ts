/** What every `Store` must do. A new implementation runs these cases beside its own. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunSummary, RunView } from '../../src/model/report.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import type { Store } from '../../src/store/store.ts';
import { runView } from './run-view.ts';
import { anySpan, reportedSpan } from './spans.ts';

const TRACE_A = `a${'1'.repeat(31)}`;
const TRACE_B = `a${'2'.repeat(31)}`;
const summary = (traceId: string, startUnixNano: string, rest: Partial<RunSummary> = {}): RunSummary => ({
  traceId,
  journey: 'checkout',
  status: 'running',
  startUnixNano,
  wallNs: 0,
  layers: {},
  sentence: '',
  ...rest,
});

export function storeCases(name: string, open: () => Store): void {
  describe(name, () => {
    let store: Store;
    beforeEach(() => {
      store = open();
    });
    afterEach(() => store.close());

    describe('spans', () => {
      it('come back as they were, to the nanosecond, in the order of arrival', () => {
        const first = reportedSpan({ traceId: TRACE_A, startUnixNano: 1795333153872950123n });
        const second = reportedSpan({ traceId: TRACE_A, spanId: '2222222222222222', endUnixNano: -1n });
        store.append([first, reportedSpan({ traceId: TRACE_B })]);
        store.append([second, first]);
        expect(store.spans(TRACE_A)).toEqual([first, second, first]);
        expect(store.spans(TRACE_B)).toHaveLength(1);
        expect(store.spans('f'.repeat(32))).toEqual([]);
      });

      it('come back as they were, whatever they hold', () => {
        let count = 0;
        fc.assert(
          fc.property(fc.array(anySpan, { minLength: 1, maxLength: 8 }), (spans) => {
            const traceId = (++count).toString(16).padStart(32, '0');
            const own = spans.map((span) => ({ ...span, traceId }));
            store.append(own);
            expect(store.spans(traceId)).toStrictEqual(own);
          }),
          { numRuns: 60 },
        );
      });

      it('are kept without their secrets', () => {
        const attributes = {
          'http.request.header.authorization': 'Bearer abcdefgh12345',
          'url.full': 'https://u:p@x/?token=t',
        };
        const resource = { 'service.name': 'shop', 'db.password': 'hunter2' };
        store.append([
          reportedSpan({ traceId: TRACE_A, attributes, resource, name: 'GET /?api_key=s3cret' }),
        ]);
        const [span] = store.spans(TRACE_A);
        expect(span?.attributes).toEqual({
          'http.request.header.authorization': '[redacted]',
          'url.full': 'https://[redacted]@x/?token=[redacted]',
        });
        expect(span).toMatchObject({
          name: 'GET /?api_key=[redacted]',
          resource: { 'db.password': '[redacted]' },
        });
      });

      it('are not changed in the caller’s hands', () => {
        const span = Object.freeze(reportedSpan({ attributes: Object.freeze({ cookie: 'a=b' }) }));
        store.append(Object.freeze([span]) as readonly ReportedSpan[]);
        expect(span.attributes).toEqual({ cookie: 'a=b' });
      });

      it('tell how many batches came and when the last one did', () => {
        expect(store.lastAppend(TRACE_A)).toEqual({ chunks: 0, lastReceivedUnixMs: 0 });
        const before = Date.now();
        store.append([reportedSpan({ traceId: TRACE_A }), reportedSpan({ traceId: TRACE_A })]);
        store.append([reportedSpan({ traceId: TRACE_A })]);
        store.append([]);
        const { chunks, lastReceivedUnixMs } = store.lastAppend(TRACE_A);
        expect(chunks).toBe(2);
        expect(lastReceivedUnixMs).toBeGreaterThanOrEqual(before);
        expect(lastReceivedUnixMs).toBeLessThanOrEqual(Date.now());
      });
    });

    describe('runs', () => {
      it('are listed while they run, and replaced when they are done', () => {
        const view = runView(TRACE_A);
        store.startRun(summary(TRACE_A, '1795333153872950123'));
        expect(store.runs()).toMatchObject([
          { traceId: TRACE_A, status: 'running', startUnixNano: '1795333153872950123' },
        ]);
        expect(store.run(TRACE_A)).toBeUndefined();
        store.saveRun(view);
        expect(store.runs()).toEqual([
          summary(TRACE_A, '1795333153872950123', {
            status: 'ok',
            wallNs: 300,
            layers: { browser: 100, db: 200 },
            sentence: view.report.verdict.sentence,
          }),
        ]);
        expect(store.run(TRACE_A)).toEqual(view);
      });

      it('can be saved again, when spans came late', () => {
        store.saveRun(runView(TRACE_A, 3));
        const again: RunView = runView(TRACE_A, 2);
        store.saveRun(again);
        expect(store.run(TRACE_A)).toEqual(again);
        expect(store.runs()).toHaveLength(1);
      });

      it('come newest first, as many as asked for', () => {
        // as text, the first of these would sort last
        const starts = ['999999999999999999', '1795333153872950123', '1795333153872950124'];
        starts.forEach((start, i) => {
          store.startRun(summary(`${i}`.repeat(32), start));
        });
        expect(store.runs().map(({ startUnixNano }) => startUnixNano)).toEqual([...starts].reverse());
        expect(store.runs(1).map(({ startUnixNano }) => startUnixNano)).toEqual(['1795333153872950124']);
      });

      it('keep hostile text as text', () => {
        const sentence = `'); DROP TABLE runs; -- <script>"`;
        store.startRun(summary(TRACE_A, '1', { journey: sentence, sentence }));
        expect(store.runs()[0]).toMatchObject({ journey: sentence, sentence });
        store.startRun(summary(TRACE_A, '1', { journey: 'cut\0off' }));
        expect(store.runs()[0]?.journey).toBe('cut\ufffdoff');
      });
    });

    describe('what came after a batch', () => {
      it('is told in the order of arrival, with the last of it', () => {
        expect(store.lastChunk()).toBe(0);
        store.append([reportedSpan({ traceId: TRACE_A })]);
        const before = store.lastChunk();
        expect(store.spansSince(before, 10)).toEqual({ spans: [], lastChunk: before });
        const [first, second] = [
          reportedSpan({ traceId: TRACE_B, name: 'first' }),
          reportedSpan({ traceId: TRACE_A, name: 'second' }),
        ];
        store.append([first]);
        store.append([second]);
        expect(store.spansSince(before, 10)).toEqual({
          spans: [first, second],
          lastChunk: store.lastChunk(),
        });
        expect(store.spansSince(before, 1).spans).toEqual([second]);
      });
    });

    describe('files', () => {
      const picture = { name: 'frames/1.jpg', mediaType: 'image/jpeg', body: Uint8Array.of(255, 216, 0) };

      it('come back as they were; a later one of the same name replaces', () => {
        store.attach(TRACE_A, [
          { ...picture, body: Uint8Array.of(1) },
          { ...picture, name: 'a' },
        ]);
        store.attach(TRACE_A, [picture]);
        expect(store.fileNames(TRACE_A)).toEqual(['a', 'frames/1.jpg']);
        const { body, ...rest } = store.file(TRACE_A, 'frames/1.jpg')!;
        expect({ ...rest, body: new Uint8Array(body) }).toEqual(picture);
        expect(store.fileNames(TRACE_B)).toEqual([]);
        expect(store.file(TRACE_B, 'a')).toBeUndefined();
      });
    });

    describe('warnings', () => {
      const warning = { code: 'haproxy.bad_json', where: 'syslog, line 1', message: 'broken JSON' };

      it('belong to a trace or to none', () => {
        store.warn(TRACE_A, [warning, { ...warning, message: 'again' }]);
        store.warn(null, [{ ...warning, code: 'collect.failed' }]);
        store.warn(null, []);
        expect(store.warnings(TRACE_A)).toEqual([warning, { ...warning, message: 'again' }]);
        expect(store.warnings(null)).toEqual([{ ...warning, code: 'collect.failed' }]);
        expect(store.warnings(TRACE_B)).toEqual([]);
      });

      it('are kept without secrets', () => {
        store.warn(null, [{ ...warning, message: 'saw Bearer abcdefgh12345' }]);
        expect(store.warnings(null)[0]?.message).toBe('saw Bearer [redacted]');
      });
    });

    describe('finding a trace', () => {
      it('takes the first digits of spans’ and runs’ traces', () => {
        store.append([reportedSpan({ traceId: TRACE_A })]);
        store.startRun(summary(TRACE_A, '1'));
        store.startRun(summary(TRACE_B, '2'));
        expect(store.findTrace('a')).toEqual([TRACE_A, TRACE_B]);
        expect(store.findTrace('A1')).toEqual([TRACE_A]);
        expect(store.findTrace(TRACE_B)).toEqual([TRACE_B]);
      });

      it.each(['', '%', 'g', 'a_', `${TRACE_A}0`])('finds nothing for %j', (prefix) => {
        store.append([reportedSpan({ traceId: TRACE_A })]);
        expect(store.findTrace(prefix)).toEqual([]);
      });
    });
  });
}
