import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { Span, Trace } from '../../src/model/trace.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { idOf, reported, wholeRequest } from './reported.ts';

const HOUR_MS = 3_600_000;

const find = (trace: Trace | undefined, id: string): Span => {
  const span = trace?.spans.find((candidate) => candidate.spanId === idOf(id));
  if (!span) throw new Error(`no span ${id}`);
  return span;
};

describe('stitch', () => {
  it('has nothing to say of nothing', () => {
    expect(stitch([])).toBeUndefined();
  });

  it('makes one tree with parents before children', () => {
    const trace = stitch(wholeRequest())!;
    const seen = new Set<string | null>([null]);
    for (const span of trace.spans) {
      expect(seen).toContain(span.parentId);
      seen.add(span.spanId);
    }
    expect(find(trace, 'dbserver').parentId).toBe(idOf('dbclient'));
    expect(trace.warnings).toEqual([]);
  });

  it('gives the same trace whatever order the reports came in, duplicates included', () => {
    const reports = wholeRequest();
    const expected = stitch(reports);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...reports, ...reports], { minLength: reports.length * 2 }),
        (shuffled) => {
          expect(stitch(shuffled)).toEqual(expected);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('does not change what was reported', () => {
    const reports = wholeRequest();
    const before = structuredClone(reports);
    stitch(reports);
    expect(reports).toEqual(before);
  });

  describe('a span id that client and server share', () => {
    const shared = (zone: { server: string; child: string }) => [
      reported('run', undefined, 0, 100, { type: 'run' }),
      reported('x', 'run', 10, 90, { kind: 'client', source: 'zipkin', clock: 'front' }),
      reported('x', 'run', 20, 80, {
        kind: 'server',
        source: 'zipkin',
        clock: zone.server,
        name: 'server half',
      }),
      reported('child', 'x', 30, 40, { source: 'zipkin', clock: zone.child }),
    ];

    it.each([
      ['the server’s, whose clock it shares', 'back', 'server half'],
      ['the client’s, whose clock it shares', 'front', 'x'],
      ['the server’s when its clock tells nothing', 'third', 'server half'],
    ])('makes two spans of it; a child is %s', (_, child, parentName) => {
      const trace = stitch(shared({ server: 'back', child }))!;
      const [client, server] = ['x', 'server half'].map((name) => trace.spans.find((s) => s.name === name)!);
      expect([client!.spanId, server!.parentId]).toEqual([idOf('x'), idOf('x')]);
      expect(find(trace, 'child').parentId).toBe(trace.spans.find((s) => s.name === parentName)!.spanId);
      expect(trace.warnings).toEqual([]);
    });

    it('gives the same trace whatever order they came in', () => {
      const reports = shared({ server: 'back', child: 'back' });
      expect(stitch([...reports].reverse())).toEqual(stitch(reports));
    });
  });

  it('knows a service’s span again that came by two ways', () => {
    const span = reported('work', 'run', 10, 20, { source: 'otlp', kind: 'server' });
    const run = reported('run', undefined, 0, 100, { type: 'run' });
    const trace = stitch([run, span, { ...span, source: 'jaeger' }, { ...span, source: 'zipkin' }])!;
    expect(trace.spans.filter(({ name }) => name === 'work')).toHaveLength(1);
    expect(trace.warnings).toEqual([]);
  });

  it('puts a proxy that forwards traceparent unchanged between client and service', () => {
    const reports = wholeRequest().map((span) =>
      span.spanId === idOf('service') ? { ...span, parentSpanId: idOf('request') } : span,
    );
    const service = find(stitch(reports), 'service');
    expect(service.parentId).toBe(idOf('proxy'));
    expect(service.placed.join()).toContain('unchanged');
  });

  it('shows a span whose parent nobody reported under the run, and says so', () => {
    const trace = stitch([...wholeRequest(), reported('lost', 'nobody', 50, 60)])!;
    expect(find(trace, 'lost').parentId).toBe(trace.rootId);
    expect(trace.warnings.map((warning) => warning.code)).toEqual(['stitch.parent_missing']);
  });

  it('cuts a circle of parents', () => {
    const circle = [reported('a', 'b', 10, 20), reported('b', 'c', 10, 20), reported('c', 'a', 10, 20)];
    const trace = stitch([...wholeRequest(), ...circle])!;
    expect(trace.spans).toHaveLength(wholeRequest().length + 3 + residualCount(trace));
    expect(trace.warnings.map((warning) => warning.code)).toEqual(['stitch.cycle']);
  });

  it('keeps both spans when two sources use one span id', () => {
    const twin = { ...reported('service', 'proxy', 30, 31), source: 'zipkin' };
    const trace = stitch([...wholeRequest(), twin])!;
    expect(trace.spans.filter((span) => span.rawStartNs === 30e6)).toHaveLength(1);
    expect(new Set(trace.spans.map((span) => span.spanId)).size).toBe(trace.spans.length);
  });

  it('names what the client waited for and no server explains', () => {
    const trace = stitch(wholeRequest())!;
    const bars = trace.spans.filter((span) => span.source === 'stitch');
    expect(bars.map(({ name, startNs, endNs }) => [name, startNs, endNs])).toEqual([
      ['network out', 25e6, 27e6],
      ['network back', 194e6, 195e6],
    ]);
    for (const bar of bars) expect(bar.evidence).toBe('inferred');
  });
});

it('begins the way out when the connection was there, also where the sending was not timed', () => {
  const trace = stitch(wholeRequest().filter((span) => span.name !== 'request sent'))!;
  const out = trace.spans.find((span) => span.name === 'network out');
  expect([out?.startNs, out?.endNs]).toEqual([26e6, 27e6]);
});

it('tells nothing of the way out where a recording does not tell when the request was sent', () => {
  const untold = wholeRequest().map((span) =>
    span.attributes[HEADWATER.type] === 'request'
      ? { ...span, attributes: { ...span.attributes, [HEADWATER.endUntold]: true } }
      : span,
  );
  const names = stitch(untold)!
    .spans.filter(({ source }) => source === 'stitch')
    .map(({ name }) => name);
  expect(names).toEqual(['network back']);
});

const residualCount = (trace: Trace): number => trace.spans.filter((span) => span.source === 'stitch').length;

describe('clocks', () => {
  const shifted = (clock: string, byMs: number) =>
    wholeRequest().map((span) =>
      span.clock === clock
        ? {
            ...span,
            startUnixNano: span.startUnixNano + BigInt(byMs * 1e6),
            endUnixNano: span.endUnixNano + BigInt(byMs * 1e6),
          }
        : span,
    );

  it('touches nothing when causality is content', () => {
    const trace = stitch(wholeRequest())!;
    for (const clock of trace.clocks) expect(clock.offsetNs).toBe(0);
    for (const span of trace.spans)
      expect([span.startNs, span.endNs]).toEqual([span.rawStartNs, span.rawEndNs]);
  });

  it.each([16 * HOUR_MS, -16 * HOUR_MS, 40, -40])('finds a service whose clock is %d ms off', (offMs) => {
    const trace = stitch(shifted('app', offMs))!;
    const clock = trace.clocks.find((candidate) => candidate.clock === 'app')!;
    expect(Math.abs(clock.offsetNs + offMs * 1e6)).toBeLessThanOrEqual(clock.boundNs);
    const [service, proxy] = [find(trace, 'service'), find(trace, 'proxy')];
    expect(service.startNs).toBeGreaterThanOrEqual(proxy.startNs);
    expect(service.endNs).toBeLessThanOrEqual(proxy.endNs);
    expect(service.rawStartNs).toBe(29e6 + offMs * 1e6);
  });

  it('leaves spans of one clock as they are to each other', () => {
    const trace = stitch(shifted('app', 40))!;
    expect(find(trace, 'dbclient').startNs - find(trace, 'service').startNs).toBe(6e6);
  });

  it('does not believe the few ends that a busy service noted late', () => {
    // Three quick calls and one whose end the service noted 30 ms after its client had the answer.
    const calls = [10, 20, 30, 40].flatMap((startMs, i) => [
      reported(`call${i}`, 'service', startMs + 30, startMs + 38, {
        kind: 'client',
        source: 'otlp',
        clock: 'app',
      }),
      reported(`ans${i}`, `call${i}`, startMs + 31, startMs + (i === 3 ? 68 : 37), {
        kind: 'server',
        source: 'otlp',
        clock: 'busy',
      }),
    ]);
    const trace = stitch([...wholeRequest(), ...calls])!;
    expect(trace.warnings).toEqual([]);
    expect(trace.clocks.find(({ clock }) => clock === 'busy')).toMatchObject({ offsetNs: 0 });
  });

  it('reports a clock that contradicts itself', () => {
    // Two calls to one clock: it must be 40 ms ahead for the first and 40 ms behind for the second.
    const calls = [
      reported('call1', 'service', 40, 50, { kind: 'client', source: 'otlp', clock: 'app' }),
      reported('answer1', 'call1', 81, 89, { kind: 'server', source: 'otlp', clock: 'drifting' }),
      reported('call2', 'service', 140, 150, { kind: 'client', source: 'otlp', clock: 'app' }),
      reported('answer2', 'call2', 101, 109, { kind: 'server', source: 'otlp', clock: 'drifting' }),
    ];
    const trace = stitch([...wholeRequest(), ...calls])!;
    expect(trace.warnings.map((warning) => warning.code)).toContain('clock.disjoint');
  });

  it('does not bend clocks over work that nobody waited for', () => {
    const late = reported('late', 'request', 30, 900, { kind: 'server', source: 'otlp', clock: 'other' });
    const trace = stitch([...wholeRequest(), late])!;
    expect(trace.clocks.map((clock) => clock.clock)).not.toContain('other');
  });

  it('slides a log that tells whole milliseconds into its client, with what hangs under it', () => {
    const reports = [
      reported('run', undefined, 0, 20, { type: 'run', layer: 'browser' }),
      reported('client', 'run', 10.4, 13.9, {
        kind: 'client',
        source: 'otlp',
        clock: 'app',
        attributes: { 'db.system': 'x' },
      }),
      reported('dbserver', 'client', 9.7, 12.7, {
        type: 'db_server',
        layer: 'db',
        source: 'postgresql',
        clock: 'pg',
        precisionNs: 1e6,
        evidence: 'logged',
      }),
      reported('node', 'dbserver', 9.8, 12.6, {
        type: 'plan_node',
        layer: 'db',
        source: 'postgresql',
        clock: 'pg',
        precisionNs: 1e6,
        evidence: 'logged',
      }),
    ];
    const trace = stitch(reports)!;
    expect(find(trace, 'dbserver').startNs).toBe(10.4e6);
    expect(find(trace, 'node').startNs).toBe(10.5e6);
    expect(find(trace, 'dbserver').rawStartNs).toBe(9.7e6);
    expect(find(trace, 'dbserver').placed.join()).toContain('slid');
  });
});
