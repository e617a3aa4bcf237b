/** Edges of the critical path: what is waited for, and what only happens meanwhile. */
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import { criticalPath } from '../../src/analyse/critical-path.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { type Given, reported } from '../stitch/reported.ts';

const shop: Given = { source: 'otlp', clock: 'shop', resource: { 'service.name': 'shop' } };
const worker: Given = { source: 'otlp', clock: 'worker', resource: { 'service.name': 'worker' } };

const pathOf = (spans: readonly ReportedSpan[]) =>
  criticalPath(stitch(spans)!).map(({ span, startNs, endNs }) => [span.name, startNs / 1e6, endNs / 1e6]);

describe('phases that touch', () => {
  const parts = [
    ['dns', 1, 200],
    ['tcp', 200, 500],
    ['tls', 500, 900],
    ['ttfb', 900, 2_000],
  ] as const;

  it('all lie on the path of a plain trace: a root and four children', () => {
    const children = parts.map(([name, startMs, endMs]) =>
      reported(name, 'root', startMs, endMs, { ...shop, kind: 'client' }),
    );
    const spans = [reported('root', undefined, 1, 2_000, { ...shop, kind: 'server' }), ...children];
    expect(pathOf(spans)).toEqual([
      ['dns', 0, 199],
      ['tcp', 199, 499],
      ['tls', 499, 899],
      ['ttfb', 899, 1_999],
    ]);
    const { report } = analyse(stitch(spans)!);
    const nsBySpan = report.ledger.flatMap(({ spanIds, ns }) => (spanIds.length === 1 ? [ns] : []));
    expect(report.wallNs).toBe(1_999e6);
    expect(report.ledger.reduce((sum, { ns }) => sum + ns, 0)).toBe(1_999e6);
    expect(nsBySpan.every((ns) => [199e6, 300e6, 400e6, 1_100e6, 1_999e6].includes(ns))).toBe(true);
  });

  it('keep their lengths to the nanosecond', () => {
    const NS = 1e-6;
    const children = parts.map(([name, start, end]) => reported(name, 'root', start * NS, end * NS, shop));
    const path = criticalPath(
      stitch([reported('root', undefined, NS, 2_000 * NS, { ...shop, kind: 'server' }), ...children])!,
    );
    expect(path.map(({ startNs, endNs }) => endNs - startNs)).toEqual([199, 300, 400, 1_100]);
  });
});

describe('what alignment clipped', () => {
  it('is no sign that its children outlived it: they are on the path, whoever’s clock is theirs', () => {
    const spans = [
      reported('asked', undefined, 0, 100, { ...shop, clock: 'browser', kind: 'client' }),
      // ends 30 ms after its client, by a clock that nothing binds better
      reported('order', 'asked', 10, 130, { ...shop, kind: 'server' }),
      reported('handler', 'order', 11, 129, shop),
      reported('pay', 'handler', 12, 128, { ...shop, kind: 'client' }),
      reported('charge', 'pay', 14, 127, { ...worker, kind: 'server' }),
      reported('query', 'charge', 15, 126, { ...worker, kind: 'client' }),
    ];
    expect(pathOf(spans)).toEqual([
      ['network out', 0, 10],
      ['order', 10, 11],
      ['handler', 11, 12],
      ['network out', 12, 14],
      ['charge', 14, 15],
      ['query', 15, 100],
    ]);
  });
});

describe('work that nobody waits for', () => {
  const root = reported('root', undefined, 0, 100, { ...shop, kind: 'server' });
  const producer = reported('send', 'root', 20, 30, { ...shop, kind: 'producer' });

  it('is a consumer’s, also when it ended in time; handing the message over was waited for', () => {
    const consumer = reported('receive', 'send', 22, 29, { ...worker, kind: 'consumer' });
    const beside = reported('process', 'root', 40, 90, { ...worker, kind: 'consumer' });
    const below = reported('query', 'process', 50, 80, { ...worker, kind: 'client' });
    expect(pathOf([root, producer, consumer, beside, below])).toEqual([
      ['root', 0, 20],
      ['send', 20, 30],
      ['root', 30, 100],
    ]);
  });

  it('is what ended when its parent had gone on', () => {
    const forgotten = reported('audit', 'root', 40, 400, { ...shop, kind: 'client' });
    const answer = reported('audited', 'audit', 45, 390, { ...worker, kind: 'server' });
    expect(pathOf([root, producer, forgotten, answer])).toEqual([
      ['root', 0, 20],
      ['send', 20, 30],
      ['root', 30, 100],
    ]);
  });

  it('does not make its client longer, nor the run', () => {
    const late = reported('late', 'send', 25, 5_000, { ...worker, kind: 'consumer' });
    const trace = stitch([root, producer, late])!;
    const spanNamed = (name: string) => trace.spans.find((span) => span.name === name)!;
    expect([spanNamed('send').endNs, spanNamed('late').endNs]).toEqual([30e6, 5_000e6]);
    expect(trace.clocks.map(({ clock }) => clock)).not.toContain('worker');
    expect(analyse(trace).report.wallNs).toBe(100e6);
  });
});

describe('a tree of any form', () => {
  const COUNT = 100_000;

  it('may have 100 000 siblings, back to back', () => {
    const siblings = Array.from({ length: COUNT }, (_, i) =>
      reported(i.toString(36), 'root', i, i + 1, { ...shop, kind: 'client' }),
    );
    const root = reported('root', undefined, 0, COUNT, { ...shop, kind: 'server' });
    const trace = stitch([...siblings, root])!;
    expect(criticalPath(trace)).toHaveLength(COUNT);
    expect(analyse(trace).report.unknownNs).toBe(0);
  });

  it('may be 100 000 deep', () => {
    const id = (i: number) => `n${i.toString(36)}`;
    const spans = Array.from({ length: COUNT }, (_, i) =>
      reported(id(i), i === 0 ? undefined : id(i - 1), i, 3 * COUNT - i, shop),
    );
    const trace = stitch(spans.reverse())!;
    expect(trace.spans).toHaveLength(COUNT);
    expect(criticalPath(trace)).toHaveLength(2 * COUNT - 1);
    expect(analyse(trace).report.wallNs).toBe(3 * COUNT * 1e6);
  });
});

describe('a call whose end was noted after its caller had answered', () => {
  const trace = (noted: number) => [
    reported('handler', undefined, 0, 100, { ...shop, kind: 'server' }),
    reported('call', 'handler', 20, noted, { ...shop, kind: 'client' }),
  ];

  it('was waited for, when it is a few turns of an event loop late', () => {
    expect(pathOf(trace(103))).toEqual([
      ['handler', 0, 20],
      ['call', 20, 100],
    ]);
  });

  it('was not, when it went on for longer', () => {
    expect(pathOf(trace(106))).toEqual([['handler', 0, 100]]);
  });
});
