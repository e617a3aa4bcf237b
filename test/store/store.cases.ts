/** What every `Store` must do. A new implementation runs these cases beside its own. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackColumns } from '../../src/analyse/columns/packed.ts';
import { viewOf } from '../../src/analyse/columns/span-at.ts';
import { type Drop, KEEP_ALL, type KeptPart } from '../../src/model/keeping.ts';
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
            blamed: { layer: 'db', component: 'postgresql', cause: 'db.seq_scan' },
          }),
        ]);
        expect(store.summary(TRACE_A)).toEqual(store.runs()[0]);
        expect(store.summary(TRACE_B)).toBeUndefined();
        expect(store.run(TRACE_A)).toEqual(view);
        expect(store.outline(TRACE_A)).toEqual({ ...view, trace: { ...view.trace, spans: [] } });
        expect(store.outline(TRACE_B)).toBeUndefined();
      });

      it('keeps a large run as columns too, until it gets more spans', () => {
        const large: RunView = { ...runView(TRACE_A, 5_000), madeOf: 0 };
        store.saveRun(runView(TRACE_B));
        expect(store.columns(TRACE_A)).toBeUndefined();
        expect(store.columns(TRACE_B)).toBeUndefined();
        store.saveRun(large);
        const kept = unpackColumns(Buffer.concat(store.columns(TRACE_A) ?? []));
        expect(viewOf(kept).trace).toEqual(large.trace);
        store.append([reportedSpan({ traceId: TRACE_A })]);
        expect(store.columns(TRACE_A)).toBeUndefined();
        store.saveRun({ ...runView(TRACE_A, 3), madeOf: 1 });
        expect(store.columns(TRACE_A)).toBeUndefined();
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

    describe('a journey', () => {
      const at = (minute: number): string => String(1795333153872950123n + BigInt(minute) * 60_000_000_000n);
      const idOf = (n: number): string => n.toString(16).padStart(32, '0');
      const keep = (n: number, rest: Partial<RunSummary> = {}) =>
        store.startRun(summary(idOf(n), at(n), { status: 'ok', site: 'shop.example', ...rest }));
      const numbers = (runs: readonly RunSummary[]) =>
        runs.map(({ traceId }) => Number.parseInt(traceId, 16));

      it('finds its runs by everything that a filter may say', () => {
        keep(1, { sentence: 'The Database was slow: 100% of it' });
        keep(2, { status: 'failed', blamed: { layer: 'dns', component: 'ns1', cause: 'dns.timeout_retry' } });
        keep(3, { journey: "it's; --", site: undefined });
        keep(4, { site: 'staging.example' });
        const found = (filter: Parameters<Store['runs']>[1]) => numbers(store.runs(10, filter));
        expect(found({ journey: "it's; --" })).toEqual([3]);
        expect(found({ site: '' })).toEqual([3]);
        expect(found({ journey: 'checkout', site: 'shop.example' })).toEqual([2, 1]);
        expect(found({ status: 'failed' })).toEqual([2]);
        expect(found({ layer: 'dns' })).toEqual([2]);
        expect(found({ words: ['database', 'SLOW'] })).toEqual([1]);
        expect(found({ words: ['100%'] })).toEqual([1]);
        expect(found({ words: ['timeout_retry'] })).toEqual([2]);
        expect(found({ words: ['_____'] })).toEqual([]);
        expect(found({ sinceUnixNano: BigInt(at(2)), untilUnixNano: BigInt(at(3)) })).toEqual([3, 2]);
        expect(found({ words: ['database'], journey: 'other' })).toEqual([]);
      });

      it('is read page by page, each run once, also those that began at the same instant', () => {
        for (let n = 1; n <= 7; n++) keep(n, { startUnixNano: at(n >> 2) });
        const pages: number[] = [];
        let before: RunSummary | undefined;
        for (;;) {
          const page = store.runs(2, before ? { before } : {});
          if (page.length === 0) break;
          pages.push(...numbers(page));
          before = page.at(-1);
        }
        expect(pages).toEqual([4, 5, 6, 7, 1, 2, 3]);
      });

      it('is listed once a site, with its last runs, the one that ran last first', () => {
        for (const n of [1, 2, 3]) keep(n);
        keep(4, { journey: 'look' });
        keep(2, { status: 'failed' });
        keep(0, { site: 'staging.example' });
        const rows = store.journeys(2).map(({ recent, ...row }) => [...Object.values(row), numbers(recent)]);
        expect(rows).toEqual([
          ['look', 'shop.example', 1, [4]],
          ['checkout', 'shop.example', 3, [3, 2]],
          ['checkout', 'staging.example', 1, [0]],
        ]);
        expect(
          numbers(store.runs(9, { journey: 'checkout', site: 'shop.example', status: 'failed' })),
        ).toEqual([2]);
      });

      it('tells of finished runs how they ended, oldest first, and nothing else', () => {
        keep(2, { status: 'failed' });
        keep(1, { wallNs: 7 });
        keep(3, { site: 'staging.example' });
        store.startRun(summary(TRACE_B, at(4)));
        const ended = { journey: 'checkout', site: 'shop.example' };
        const { blamed } = store.outcomes(1, ended)[0]!;
        expect(store.goalRuns(ended)).toEqual([
          { status: 'ok', startUnixNano: at(1), wallNs: 7, blamed },
          { status: 'failed', startUnixNano: at(2), wallNs: expect.any(Number), blamed },
        ]);
        expect(store.goalRuns({ ...ended, sinceUnixNano: BigInt(at(2)) })).toHaveLength(1);
      });

      it('keeps of each finished run what its steps took', () => {
        store.startRun(summary(TRACE_B, at(1)));
        const view = runView(TRACE_A);
        const { ledger } = view.report;
        const step = { name: 'Pay', spanId: '1', status: 'ok', startNs: 0, wallNs: 300, ledger } as const;
        store.saveRun({ ...view, site: 'shop.example', report: { ...view.report, steps: [step] } });
        expect(store.outcomes(5, { journey: 'checkout' })).toEqual([
          {
            ...store.summary(TRACE_A),
            site: 'shop.example',
            healthy: true,
            steps: [{ name: 'Pay', status: 'ok', wallNs: 300, layers: { browser: 100, db: 200 } }],
          },
        ]);
      });
    });

    describe('a run in progress', () => {
      it('is kept as it is known last, without secrets, and is no part of the run', () => {
        const span = reportedSpan({ traceId: TRACE_A, attributes: { cookie: 'a=b' } });
        store.startRun(summary(TRACE_A, '1'));
        expect(store.live(TRACE_A)).toBeUndefined();
        store.keepLive(TRACE_A, { state: 'running', toldUnixMs: 1, spans: [span, span] });
        store.keepLive(TRACE_A, { state: 'settling', toldUnixMs: 1795333153872, spans: [span] });
        expect(store.live(TRACE_A)).toEqual({
          state: 'settling',
          toldUnixMs: 1795333153872,
          spans: [{ ...span, attributes: { cookie: '[redacted]' } }],
        });
        expect(store.live(TRACE_B)).toBeUndefined();
        expect([store.spans(TRACE_A), store.lastAppend(TRACE_A).chunks]).toEqual([[], 0]);
        store.saveRun(runView(TRACE_A));
        expect(store.live(TRACE_A)).toBeUndefined();
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
        expect(store.spansSince(before, 10, [TRACE_A])).toEqual({
          spans: [first],
          lastChunk: store.lastChunk(),
        });
        expect(store.spansSince(before, 1, [TRACE_A]).spans).toEqual([first]);
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

    describe('records', () => {
      const keys = (...asked: Parameters<Store['records']>) => store.records(...asked).map(({ key }) => key);

      it('come back as they were, one of the same kind and key instead of what was', () => {
        const body = { name: 'v1.4.2 “\0”', at: [1, null, 'é'] };
        store.keepRecord('mark', { key: 'a', atUnixMs: 5, body: 'before' });
        store.keepRecord('mark', { key: 'a', atUnixMs: 7, body });
        store.keepRecord('alert', { key: 'a', atUnixMs: 6, body: undefined });
        expect(store.record('mark', 'a')).toEqual({ key: 'a', atUnixMs: 7, body });
        expect(store.record('alert', 'a')).toEqual({ key: 'a', atUnixMs: 6, body: null });
        expect(store.record('mark', 'b')).toBeUndefined();
      });

      it('are listed newest first, between two instants, and can be dropped', () => {
        for (const atUnixMs of [10, 30, 20])
          store.keepRecord('mark', { key: `k${atUnixMs}`, atUnixMs, body: 1 });
        expect(keys('mark')).toEqual(['k30', 'k20', 'k10']);
        expect(keys('mark', { limit: 1 })).toEqual(['k30']);
        expect(keys('mark', { sinceUnixMs: 20, untilUnixMs: 30 })).toEqual(['k30', 'k20']);
        expect(keys('alert')).toEqual([]);
        store.dropRecord('mark', 'k30');
        store.dropRecord('mark', 'k30');
        expect(keys('mark')).toEqual(['k20', 'k10']);
      });
    });

    describe('keeping', () => {
      const picture = { name: 'frames/1.jpg', mediaType: 'image/jpeg', body: new Uint8Array(5_000) };
      const whole = () => {
        store.append([reportedSpan({ traceId: TRACE_A })]);
        store.attach(TRACE_A, [{ ...picture, body: new Uint8Array(9) }]);
        store.attach(TRACE_A, [picture]);
        store.saveRun(runView(TRACE_A, 6_000));
        store.saveRun(runView(TRACE_A));
        store.warn(TRACE_A, [{ code: 'a', where: 'b', message: 'c' }]);
      };
      const bytes = () => store.diskUse().parts;
      const parts = (...asked: KeptPart[]) =>
        asked.map((part): Drop => ({ traceId: TRACE_A, part, by: 'days', bytes: 1 }));

      it('knows what each part takes, whatever was replaced', () => {
        whole();
        expect(bytes().files).toBe(5_000);
        const before = bytes();
        whole();
        expect(bytes()).toEqual({ ...before, spans: expect.any(Number) });
        expect(bytes().spans).toBeGreaterThan(before.spans);
        store.drop(parts('files', 'spans', 'report'), 1);
        expect(bytes()).toEqual({ files: 0, spans: 0, report: 0 });
        expect(store.diskUse().runs).toEqual({ files: 0, spans: 0, report: 0, summary: 1 });
      });

      it('drops the files and keeps the rest', () => {
        whole();
        const before = store.run(TRACE_A)!;
        store.drop(parts('files'), 5);
        expect(store.fileNames(TRACE_A)).toEqual([]);
        expect(store.run(TRACE_A)).toEqual({ ...before, dropped: { files: { atUnixMs: 5, by: 'days' } } });
        expect(store.spans(TRACE_A)).toHaveLength(1);
      });

      it('drops the spans and keeps the report and the row, which say so', () => {
        whole();
        const [before, outcome] = [store.outline(TRACE_A)!, store.outcomes(1, {})[0]!];
        store.drop(parts('spans'), 5);
        const dropped = { spans: { atUnixMs: 5, by: 'days' } };
        expect(store.run(TRACE_A)).toEqual({ ...before, dropped });
        expect(store.outcomes(1, {})).toEqual([{ ...outcome, dropped }]);
        expect(store.spans(TRACE_A)).toEqual([]);
        expect(store.columns(TRACE_A)).toBeUndefined();
        expect(store.warnings(TRACE_A)).toEqual([]);
        expect(store.fileNames(TRACE_A)).toHaveLength(1);
      });

      it('drops the report last, and the row never', () => {
        whole();
        store.drop(parts('files', 'spans'), 5);
        store.drop(parts('report', 'spans'), 9);
        expect(store.run(TRACE_A)).toBeUndefined();
        const at5 = { atUnixMs: 5, by: 'days' };
        expect(store.summary(TRACE_A)).toMatchObject({
          status: 'ok',
          dropped: { files: at5, spans: at5, report: { atUnixMs: 9 } },
        });
        expect(store.planned(KEEP_ALL, 0, 1, true)).toEqual([]);
      });

      it('has a run whole again that is saved again', () => {
        whole();
        store.drop(parts('spans'), 5);
        whole();
        expect(store.run(TRACE_A)?.dropped).toBeUndefined();
        expect(store.summary(TRACE_A)?.dropped).toBeUndefined();
      });

      it('touches no other run', () => {
        whole();
        store.append([reportedSpan({ traceId: TRACE_B })]);
        store.saveRun(runView(TRACE_B));
        const before = store.run(TRACE_B);
        store.drop(parts('spans', 'report'), 5);
        expect(store.run(TRACE_B)).toEqual(before);
        expect(store.spans(TRACE_B)).toHaveLength(1);
      });

      it('finds spans that belong to no run, too', () => {
        store.append([reportedSpan({ traceId: TRACE_B })]);
        const later = Date.now() + 31 * 86_400_000;
        const drops = store.planned({ ...KEEP_ALL, days: 30 }, later, 0, false);
        expect(drops).toMatchObject([{ traceId: TRACE_B, part: 'spans', by: 'days' }]);
        store.drop(drops, later);
        expect(store.spans(TRACE_B)).toEqual([]);
      });
    });

    describe('totals', () => {
      const counts = () =>
        store.totals().map(({ journey, site, statuses }) => [journey, site, statuses.ok?.count ?? 0]);

      it('count each run once, however often it is made anew', () => {
        store.startRun(summary(TRACE_A, '1'));
        expect(store.totals()).toEqual([]);
        store.saveRun(runView(TRACE_A));
        store.saveRun(runView(TRACE_A, 3));
        store.saveRun({ ...runView(TRACE_B), site: 'shop.example' });
        expect(counts().sort()).toEqual([
          ['checkout', '', 1],
          ['checkout', 'shop.example', 1],
        ]);
      });

      it('stay when runs go, and say what went', () => {
        store.saveRun(runView(TRACE_A));
        const before = store.totals();
        store.append([reportedSpan({ traceId: TRACE_B })]);
        store.drop([{ traceId: TRACE_A, part: 'spans', by: 'ordinary', bytes: 1 }], 1);
        store.drop([{ traceId: TRACE_A, part: 'spans', by: 'size', bytes: 1 }], 1);
        store.drop([{ traceId: TRACE_A, part: 'report', by: 'failedDays', bytes: 1 }], 2);
        store.drop([{ traceId: TRACE_B, part: 'spans', by: 'ordinary', bytes: 1 }], 3);
        expect(store.totals()).toEqual(before);
        expect(store.sums().dropped).toEqual({ 'spans ordinary': 2, 'report failedDays': 1 });
      });

      it('are refused beyond the bound, and the label is named once in a warning, always in the sum', () => {
        store.keepRecord('setting', { key: 'series', atUnixMs: 1, body: { maxValues: 2 } });
        const names = ['a', 'b', 'c', 'd', 'a'];
        names.forEach((journey, n) => {
          const view = runView(`${n}`.padStart(32, '0'));
          store.saveRun({ ...view, report: { ...view.report, journey } });
        });
        expect(counts().sort()).toEqual([
          ['a', '', 2],
          ['b', '', 1],
        ]);
        expect(store.sums().refused).toEqual({ journey: 2 });
        expect(store.warnings(null)).toMatchObject([{ code: 'metrics.series_refused', where: 'journey' }]);
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
