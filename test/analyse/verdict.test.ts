/** The verdict: what is blamed first, what is said beside it, how sure it is. */
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import type { Given } from '../stitch/reported.ts';
import { idOf, reported } from '../stitch/reported.ts';

/** A run of one step with one request, and what else is given: look-ups in its first 300 ms, others after them. */
function verdictOf(endMs: number, spans: readonly ReportedSpan[]) {
  const looksUp = spans.some(({ parentSpanId }) => parentSpanId === idOf('lookup'));
  return analyse(
    stitch([
      reported('run', undefined, 0, endMs, { type: 'run', layer: 'browser', name: 'journey' }),
      reported('step', 'run', 0, endMs, { type: 'step', layer: 'browser', name: 'Pay' }),
      reported('request', 'step', 0, endMs, { type: 'request', layer: 'browser', kind: 'client' }),
      reported('lookup', 'request', 0, looksUp ? 300 : 10, {
        type: 'phase',
        layer: 'dns',
        name: 'DNS lookup',
      }),
      ...spans,
    ])!,
  ).report.verdict;
}

const query = (id: string, startMs: number, endMs: number, server: string, given: Given = {}) =>
  reported(id, 'lookup', startMs, endMs, {
    type: 'dns_query',
    layer: 'dns',
    component: server,
    attributes: { 'dns.question.name': `${server}.example`, 'headwater.dns.question_type': 'A' },
    ...given,
  });

const proxied = (queuedMs: number): ReportedSpan[] => [
  reported('waiting', 'request', 300, 500, { type: 'phase', layer: 'network', name: 'waiting' }),
  reported('proxy', 'request', 300, 500, {
    type: 'proxy',
    layer: 'lb',
    component: 'front',
    source: 'haproxy',
    evidence: 'logged',
  }),
  reported('queue', 'proxy', 300, 300 + queuedMs, {
    type: 'proxy_phase',
    layer: 'lb',
    component: 'front',
    name: 'queue',
    source: 'haproxy',
    evidence: 'logged',
  }),
];

describe('the verdict of a run with a problem', () => {
  it('adds a cause up over its components, and says who has the rest', () => {
    const verdict = verdictOf(300, [query('q1', 0, 100, 'ns1'), query('q2', 100, 170, 'ns2')]);
    expect(verdict).toMatchObject({ cause: 'dns.slow_upstream', component: 'ns1', ns: 170e6 });
    expect(verdict.sentence).toBe(
      'journey took 300 ms; 170 ms of it is DNS: name server ns1 answered slowly.',
    );
    expect(verdict.evidence).toContain('ns2 has 70 ms of it.');
    expect(verdict.spanIds).toEqual([idOf('q1'), idOf('q2')]);
  });

  it('does not let a small cause of one component hide a larger one of two', () => {
    const split = [query('q1', 0, 60, 'ns1'), query('q2', 60, 120, 'ns2')];
    expect(verdictOf(500, [...split, ...proxied(90)])).toMatchObject({
      cause: 'dns.slow_upstream',
      ns: 120e6,
    });
  });

  it('names a second problem in the sentence when it cost at least half as much', () => {
    const verdict = verdictOf(500, [query('q1', 0, 150, 'ns1'), ...proxied(90)]);
    expect(verdict.sentence).toBe(
      'journey took 500 ms; 150 ms of it is DNS: name server ns1 answered slowly; 90 ms more is the load balancer: requests queued in front for a free server.',
    );
    expect(verdict.others).toEqual([{ layer: 'lb', component: 'front', cause: 'lb.queue', ns: 90e6 }]);
  });

  it('keeps a smaller second problem out of the sentence, not out of the report', () => {
    const verdict = verdictOf(500, [query('q1', 0, 290, 'ns1'), ...proxied(90)]);
    expect(verdict.sentence).not.toContain('load balancer');
    expect(verdict.others).toEqual([{ layer: 'lb', component: 'front', cause: 'lb.queue', ns: 90e6 }]);
  });

  it('does not speak of a problem that nobody noticed', () => {
    const { others } = verdictOf(500, [query('q1', 0, 290, 'ns1'), ...proxied(15)]);
    expect(others).toBeUndefined();
  });
});

describe('the verdict of a run of which nobody saw most', () => {
  const watched = (endMs: number) =>
    analyse(
      stitch([
        reported('run', undefined, 0, endMs, { type: 'run', layer: 'browser', name: 'journey' }),
        reported('request', 'run', 0, 320, { type: 'request', layer: 'browser', kind: 'client' }),
        reported('lookup', 'request', 0, 300, { type: 'phase', layer: 'dns', name: 'DNS lookup' }),
        query('q1', 0, 300, 'ns1'),
      ])!,
    ).report.verdict;

  it('says so, and of a problem that is a small part of it only how large it is', () => {
    const verdict = watched(10_000);
    expect(verdict).toMatchObject({ layer: 'unknown', ns: 9_680e6 });
    expect(verdict.sentence).toBe(
      'journey took 10.00 s and nothing stands out; but 9.68 s of it nobody saw.',
    );
    expect(verdict.evidence).toContain('The largest known problem is dns.slow_upstream of ns1 with 300 ms.');
  });

  it('blames a problem of at least 5 % of it', () => {
    expect(watched(3_000)).toMatchObject({ layer: 'dns', cause: 'dns.slow_upstream', ns: 300e6 });
  });
});

describe('the verdict of a run in which nothing stands out', () => {
  const waiting = (pauseMs: number) =>
    analyse(
      stitch([
        reported('run', undefined, 0, 600, { type: 'run', layer: 'browser', name: 'journey' }),
        reported('step', 'run', 0, 600, { type: 'step', layer: 'browser', name: 'step' }),
        reported('pause', 'step', 0, pauseMs, {
          type: 'action',
          layer: 'think',
          name: 'page.waitForTimeout',
        }),
        reported('task', 'step', pauseMs, 599, { type: 'task', layer: 'browser' }),
      ])!,
    ).report.verdict.sentence;

  it('says when the journey itself paused for most of it', () => {
    expect(waiting(580)).toBe(
      'journey took 600 ms and nothing stands out; for 580 ms of it the journey itself paused.',
    );
    expect(waiting(565)).toContain('; the largest part is the browser with ');
  });
});

describe('how sure a verdict is', () => {
  it('certain when a client measured it', () => {
    const { confidence, doubt } = verdictOf(300, [query('q1', 0, 150, 'ns1')]);
    expect([confidence, doubt]).toEqual(['certain', undefined]);
  });

  it('certain when a server says it of a time in which a client was seen to wait', () => {
    const quick = query('q1', 0, 20, 'ns1');
    expect(verdictOf(500, [quick, ...proxied(150)])).toMatchObject({
      cause: 'lb.queue',
      confidence: 'certain',
    });
  });

  const hop = (both: boolean): ReportedSpan[] => {
    const on = (name: string): Given => ({ source: 'otlp', clock: name, resource: { 'service.name': name } });
    const call = { kind: 'client', attributes: { 'server.address': 'stock' } } as const;
    return [
      reported('web', 'request', 310, 500, { kind: 'server', ...on('web') }),
      reported('call', 'web', 320, 490, { ...call, ...on('web') }),
      ...(both ? [reported('stock', 'call', 470, 480, { kind: 'server', ...on('stock') })] : []),
    ];
  };

  it('likely when it is what is left between two ends that were both seen', () => {
    const verdict = verdictOf(500, hop(true));
    expect(verdict).toMatchObject({ cause: 'network.slow_hop', confidence: 'likely' });
    expect(verdict.evidence).toContain('it is what is left between what both ends say');
  });

  it('likely when only the server itself says it, and then the evidence says so', () => {
    const alone = stitch([
      reported('proxy', undefined, 300, 500, {
        type: 'proxy',
        layer: 'lb',
        component: 'front',
        kind: 'server',
        source: 'haproxy',
        evidence: 'logged',
      }),
      reported('queue', 'proxy', 300, 450, {
        type: 'proxy_phase',
        layer: 'lb',
        component: 'front',
        name: 'queue',
        source: 'haproxy',
        evidence: 'logged',
      }),
    ])!;
    const { verdict } = analyse(alone).report;
    expect(verdict).toMatchObject({ cause: 'lb.queue', confidence: 'likely' });
    expect(verdict.evidence).toContain('Only front itself says so');
  });
});

describe('think time', () => {
  const pause = (endMs: number) => reported('pause', 'step', 20, endMs, { type: 'action', layer: 'think' });

  it('is never what made a run slow, however much of it there is', () => {
    const spans = [
      reported('run', undefined, 0, 900, { type: 'run', layer: 'browser' }),
      reported('step', 'run', 0, 900, { type: 'step', layer: 'browser' }),
      reported('click', 'step', 0, 20, { type: 'action', layer: 'browser' }),
      pause(900),
    ];
    expect(analyse(stitch(spans)!).report.verdict).toMatchObject({ layer: 'browser', ns: 20e6 });
  });
});

describe('a failed run', () => {
  it('ends its sentence once, however its reason ends', () => {
    const failed = { status: { code: 'error', message: 'Timeout 800ms exceeded.' } } as const;
    const spans = [
      reported('run', undefined, 0, 900, { type: 'run', layer: 'browser', name: 'journey', ...failed }),
      reported('step', 'run', 0, 900, { type: 'step', layer: 'browser', name: 'Pay', ...failed }),
    ];
    expect(analyse(stitch(spans)!).report.verdict.sentence).toBe(
      'journey failed in step “Pay” after 900 ms: Timeout 800ms exceeded.',
    );
  });
});
