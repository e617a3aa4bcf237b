/** Idle time of the page: who it is given to, and that it still sums to the wall time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import type { LedgerEntry } from '../../src/model/report.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { reported } from '../stitch/reported.ts';

const analysed = (spans: readonly ReportedSpan[]) => analyse(stitch(spans)!);
const byCause = (ledger: readonly LedgerEntry[]) =>
  Object.fromEntries(ledger.map(({ cause, ns }) => [cause, ns / 1e6]));

const frame = (name: string): ReportedSpan[] => [
  reported('run', undefined, 0, 100, { type: 'run', layer: 'browser' }),
  reported('step', 'run', 0, 100, { type: 'step', layer: 'browser' }),
  reported('action', 'step', 0, 100, { type: 'action', layer: 'browser', name }),
];
const task = (id: string, startMs: number, endMs: number) =>
  reported(id, 'step', startMs, endMs, { type: 'task', layer: 'browser' });
const wait = (id: string, kind: string, startMs: number, endMs: number) =>
  reported(id, 'step', startMs, endMs, {
    type: 'wait',
    layer: 'browser',
    attributes: { 'headwater.wait.kind': kind },
  });

describe('idle time of the page', () => {
  it('belongs to the timer whose end began the next task', () => {
    const spans = [...frame('page.click'), task('a', 10, 30), wait('t', 'timer', 25, 80), task('b', 80, 100)];
    expect(byCause(analysed(spans).report.ledger)).toEqual({
      'browser.timer': 50,
      'browser.main_thread': 40,
      'browser.automation': 10,
    });
  });

  it('not to a timer that began nothing', () => {
    const spans = [...frame('page.click'), task('a', 10, 30), wait('t', 'timer', 30, 60), task('b', 80, 100)];
    expect(byCause(analysed(spans).report.ledger)['browser.timer']).toBeUndefined();
  });

  it('a call that only looks is polling, one that acts is checking until the input came', () => {
    expect(byCause(analysed(frame('locator.waitFor')).report.ledger)).toEqual({ 'browser.polling': 100 });
    const spans = [...frame('locator.click'), wait('c', 'checks', 0, 40), task('a', 40, 60)];
    expect(byCause(analysed(spans).report.ledger)).toEqual({
      'browser.actionability': 40,
      'browser.main_thread': 20,
      'browser.automation': 40,
    });
  });

  it.each(['locator.waitFor', 'locator.click'])('is nobody’s in %s where the page was not seen', (name) => {
    const [run, ...rest] = frame(name);
    const unseen = { ...run!, attributes: { ...run!.attributes, 'headwater.page_unseen': true } };
    const request = reported('request', 'step', 20, 50, { type: 'request', layer: 'network' });
    const { ledger } = analysed([unseen, ...rest, request]).report;
    expect(byCause(ledger)).toEqual({ unknown: 70, 'browser.queue': 30 });
  });

  it('a commit lasts as long as it lasted, whatever comes between', () => {
    const spans = [...frame('page.goto'), wait('c', 'commit', 10, 50), task('a', 20, 30), task('b', 70, 100)];
    expect(byCause(analysed(spans).report.ledger)).toEqual({
      'browser.navigation_commit': 30,
      'browser.main_thread': 40,
      'browser.automation': 30,
    });
  });

  it('a short task that ran when an answer came does not hide the request: it was not begun by it', () => {
    const request = (id: string, startMs: number, endMs: number) =>
      reported(id, 'step', startMs, endMs, { type: 'request', layer: 'browser', kind: 'client' });
    const walked = (...spans: ReportedSpan[]) =>
      analysed([...frame('locator.waitFor'), ...spans]).path.map(({ cause, startNs, endNs }) => [
        cause,
        (endNs - startNs) / 1e6,
      ]);
    expect(walked(request('a', 0, 61), task('t', 60, 62), request('b', 70, 100))).toEqual([
      ['browser.queue', 61],
      ['browser.main_thread', 1],
      ['browser.polling', 8],
      ['browser.queue', 30],
    ]);
    // a long one was what the page waited for, whatever came meanwhile
    expect(walked(request('a', 0, 61), task('t', 30, 62), request('b', 70, 100))).not.toContainEqual([
      'browser.queue',
      61,
    ]);
  });

  it('an event stream is waited for until its answer begins, never to its end', () => {
    const stream = (kind: string): ReportedSpan[] => [
      reported('stream', 'step', 10, 80, {
        type: 'request',
        layer: 'browser',
        kind: 'client',
        attributes: { 'headwater.resource_type': kind },
      }),
      reported('w', 'stream', 10, 30, { type: 'phase', layer: 'network', name: 'waiting' }),
      reported('d', 'stream', 30, 80, { type: 'phase', layer: 'network', name: 'content download' }),
    ];
    const told = (kind: string) =>
      byCause(analysed([...frame('locator.click'), ...stream(kind), task('b', 80, 100)]).report.ledger);
    expect(told('fetch')).toMatchObject({ 'network.receive': 50, 'network.unexplained': 20 });
    expect(told('eventsource')).toEqual({
      'network.unexplained': 20,
      'browser.main_thread': 20,
      'browser.automation': 60,
    });
  });

  it('an event stream that opens while a timer runs is no answer that the page looked for', () => {
    const spans = [
      ...frame('locator.click'),
      reported('stream', 'step', 30, 95, {
        type: 'request',
        layer: 'browser',
        kind: 'client',
        attributes: { 'headwater.resource_type': 'eventsource' },
      }),
      reported('w', 'stream', 30, 40, { type: 'phase', layer: 'network', name: 'waiting' }),
      task('a', 10, 20),
      wait('t', 'timer', 15, 90),
      task('b', 90, 100),
    ];
    expect(byCause(analysed(spans).report.ledger)['browser.timer']).toBe(70);
  });

  it('sums to the wall time whatever waits there are', () => {
    const interval = fc.tuple(fc.integer({ min: -10, max: 110 }), fc.integer({ min: 0, max: 60 }));
    const kind = fc.constantFrom('timer', 'frame', 'commit', 'checks', 'unheard of');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(kind, interval), { maxLength: 12 }),
        fc.array(interval, { maxLength: 6 }),
        (waits, tasks) => {
          const { report, path } = analysed([
            ...frame('locator.click'),
            ...waits.map(([k, [start, length]], i) => wait(`w${i}`, k, start, start + length)),
            ...tasks.map(([start, length], i) => task(`t${i}`, start, start + length)),
          ]);
          expect(report.ledger.reduce((sum, { ns }) => sum + ns, 0)).toBe(report.wallNs);
          let cursor = path[0]?.startNs;
          for (const piece of path) {
            expect(piece.startNs).toBe(cursor);
            cursor = piece.endNs;
          }
        },
      ),
    );
  });
});

describe('Server-Timing', () => {
  const request = (more: readonly ReportedSpan[]) =>
    analysed([
      ...frame('page.goto'),
      reported('request', 'step', 0, 100, { type: 'request', layer: 'browser', kind: 'client' }),
      reported('w', 'request', 10, 100, { type: 'phase', layer: 'network', name: 'waiting' }),
      reported('db', 'request', 40, 60, {
        type: 'server_timing',
        layer: 'service',
        name: 'db',
        evidence: 'inferred',
      }),
      reported('app', 'request', 30, 80, {
        type: 'server_timing',
        layer: 'service',
        name: 'app',
        evidence: 'inferred',
      }),
      ...more,
    ]).report.ledger;

  it('stands in for a server that nobody else saw: the longest, inferred', () => {
    const entry = request([]).find(({ cause }) => cause === 'service.server_timing');
    expect([entry?.ns, entry?.evidence]).toEqual([50e6, 'inferred']);
  });

  it('is never on the path beside a server that was seen', () => {
    const server = reported('server', 'request', 20, 90, { kind: 'server', source: 'otlp', clock: 'app' });
    expect(byCause(request([server]))['service.server_timing']).toBeUndefined();
  });
});
