import { describe, expect, it } from 'vitest';
import type { ReportedSpan } from '../../src/model/span.ts';
import type { Span, Trace } from '../../src/model/trace.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { clockAccuracy } from '../eval/clock-cases.ts';
import { type Given, idOf, ORIGIN, reported } from './reported.ts';

const run = (endMs: number) => reported('run', undefined, 0, endMs, { type: 'run', layer: 'browser' });

const on = (clock: string, given: Given = {}): Given => ({ source: 'otlp', clock, ...given });

interface Call {
  readonly from?: string;
  readonly to: string;
  /** Client's start and end, server's start and end, ms, each on its own clock. */
  readonly ms: readonly [number, number, number, number];
  readonly given?: Given;
}

let calls = 0;
/** A client span and its server's; µs precision, logged so that both ends are exact. */
function call({ from = 'probe', to, ms, given = {} }: Call): ReportedSpan[] {
  const name = `k${calls++}`;
  const [clientStart, clientEnd, serverStart, serverEnd] = ms;
  return [
    reported(name, 'run', clientStart, clientEnd, on(from, { kind: 'client' })),
    reported(
      `${name}s`,
      name,
      serverStart,
      serverEnd,
      on(to, { kind: 'server', evidence: 'logged', ...given }),
    ),
  ];
}

const clockOf = (trace: Trace, clock: string) => {
  const found = trace.clocks.find((known) => known.clock === clock);
  if (!found) throw new Error(`nothing is known of the clock ${clock}`);
  return found;
};
const codes = (trace: Trace): string[] => trace.warnings.map(({ code }) => code);
const parentOf = (trace: Trace, span: Span): Span =>
  trace.spans.find(({ spanId }) => spanId === span.parentId)!;
const servers = (trace: Trace): Span[] => trace.spans.filter(({ kind }) => kind === 'server');

describe('the bound of a clock', () => {
  it('holds the true offset in 99 of 100 made-up runs, and is not far wider than the best pair allows', () => {
    const found = clockAccuracy(2_000, 1);
    const share = (found.insideShare * 100).toFixed(2);
    console.log(`${found.cases} runs: ${share} % of ${found.clocks} clocks inside their bound`);
    expect(found.insideShare).toBeGreaterThanOrEqual(0.99);
    expect(found.medianBoundToResidual).toBeLessThanOrEqual(2);
    expect(found.driftInside / found.drifting).toBeGreaterThanOrEqual(0.98);
    expect(found.drifting).toBeGreaterThan(100);
    expect(found.disjoint).toBe(0);
  }, 120_000);

  it('holds the offset of a way that is slow in one direction only', () => {
    // θ = +7 ms; 40 ms out, 1 ms back.
    const trace = stitch([run(200), ...call({ to: 'app', ms: [0, 61, 47, 67] })])!;
    const { offsetNs, boundNs } = clockOf(trace, 'app');
    expect(Math.abs(offsetNs + 7e6)).toBeLessThanOrEqual(boundNs);
    expect(offsetNs).toBeLessThan(0);
  });

  it.each([
    ['ahead', 20, -1],
    ['behind', -20, 1],
  ])('finds a clock that is %s, and moves it by the least', (_, offMs, sign) => {
    const trace = stitch([run(200), ...call({ to: 'app', ms: [10, 30, 12 + offMs, 28 + offMs] })])!;
    const { offsetNs, boundNs } = clockOf(trace, 'app');
    // ±2 ms are open: 18 of the 20 ms are sure.
    expect(offsetNs).toBeCloseTo(sign * 18e6, -4);
    expect(boundNs).toBeGreaterThanOrEqual(4e6);
    expect(boundNs).toBeLessThan(4.1e6);
  });

  it.each<[string, Given, Call['ms']]>([
    ['was cut at the run’s end', {}, [80, 200, 210, 225]],
    ['was given up', { status: { code: 'error' } }, [80, 120, 130, 145]],
  ])('takes no lower bound from a request that %s: its server may have begun later', (_, given, ms) => {
    const [asked, served] = call({ to: 'app', ms });
    const cut = [{ ...asked!, ...given }, served!];
    const trace = stitch([run(200), ...call({ to: 'app', ms: [10, 130, 40, 60] }), ...cut])!;
    expect(clockOf(trace, 'app').offsetNs).toBe(0);
    // alone, a cut request says nothing of the clock, a given-up one little
    expect(() => stitch([run(200), ...cut])).not.toThrow();
  });

  it('is narrowed by every way that leads to a clock, not only by the shortest', () => {
    const direct = call({ to: 'db', ms: [0, 100, 10, 20] });
    const round = [
      ...call({ to: 'app', ms: [0, 10, 1, 9] }),
      ...call({ from: 'app', to: 'db', ms: [0, 10, 2, 8] }),
    ];
    const alone = clockOf(stitch([run(200), ...direct])!, 'db');
    const both = clockOf(stitch([run(200), ...direct, ...round])!, 'db');
    expect(alone.boundNs).toBeGreaterThan(79e6);
    // [−1, 1] by way of the app, [−2, 2] from there.
    expect(both.boundNs).toBeGreaterThanOrEqual(3e6);
    expect(both.boundNs).toBeLessThan(3.2e6);
  });

  it('adds up along a chain of services', () => {
    const chain = [
      ...call({ to: 'a', ms: [0, 10, 1, 9] }),
      ...call({ from: 'a', to: 'b', ms: [2, 8, 1_004, 1_006] }),
    ];
    const trace = stitch([run(20), ...chain])!;
    // a in [−1, 1] stays at 0; b in [998, 1002] of a, so in [997, 1003] of the probe.
    const { offsetNs, boundNs } = clockOf(trace, 'b');
    expect(offsetNs).toBeCloseTo(-998e6, -4);
    expect(boundNs).toBeGreaterThanOrEqual(5e6);
    expect(boundNs).toBeLessThan(5.1e6);
  });

  it('leaves out what contradicts two other ways, and says so', () => {
    const triangle = [
      ...call({ to: 'a', ms: [0, 10, 1, 9] }),
      ...call({ to: 'b', ms: [0, 10, 1, 9] }),
      ...call({ from: 'a', to: 'b', ms: [0, 10, 501, 509] }),
    ];
    const trace = stitch([run(20), ...triangle])!;
    expect(codes(trace)).toEqual(['clock.disjoint']);
    expect(clockOf(trace, 'a').offsetNs).toBe(0);
  });

  it('is found where two clocks tie each other as well as the probe ties them', () => {
    // b against a: 6.16 … 6.77 ms; a against the probe −3 … 1 ms, b −2 … 8 ms
    const trace = stitch([
      run(200),
      ...call({ to: 'b', ms: [0, 100, 8, 98] }),
      ...call({ to: 'a', ms: [50, 150, 51, 147] }),
      ...call({ from: 'a', to: 'b', ms: [60, 100, 66.77, 106.16] }),
    ])!;
    expect(clockOf(trace, 'a').boundNs / 1e6).toBeLessThan(6);
    expect(clockOf(trace, 'b').boundNs / 1e6).toBeLessThan(6);
  });
});

describe('a clock that drifts', () => {
  /** Every second a call of 4 ms over a way of 1 ms each; the server's clock is 250 ms ahead and 150 ppm fast. */
  const drifting = (ppm: number, seconds = 60): ReportedSpan[] =>
    Array.from({ length: seconds }, (_, i) => {
      const startMs = i * 1_000;
      const theta = (ms: number) => 250 + (ms * ppm) / 1e6;
      const shown = (ms: number) => ms + theta(ms);
      return call({ to: 'app', ms: [startMs, startMs + 6, shown(startMs + 1), shown(startMs + 5)] });
    }).flat();

  it.each([150, -150])('is followed by a line when it parts by %d ppm', (ppm) => {
    const trace = stitch([run(60_000), ...drifting(ppm)])!;
    const { driftPpm, driftBoundPpm, boundNs } = clockOf(trace, 'app');
    expect(Math.abs(driftPpm! + ppm)).toBeLessThanOrEqual(driftBoundPpm!);
    expect(driftBoundPpm).toBeLessThan(60);
    expect(boundNs).toBeLessThan(4e6);
    expect(codes(trace)).toEqual(['clock.drift']);
    expect(trace.warnings[0]!.message).toContain(ppm > 0 ? 'fast' : 'slow');
    for (const server of servers(trace)) {
      const client = parentOf(trace, server);
      expect(server.startNs - client.startNs).toBeGreaterThan(0);
      expect(client.endNs - server.endNs).toBeGreaterThan(0);
      expect(server.placed).toEqual([]);
    }
  });

  it('is not said to drift when a constant satisfies all', () => {
    const trace = stitch([run(10_000), ...drifting(150, 10)])!;
    expect(clockOf(trace, 'app')).not.toHaveProperty('driftPpm');
    expect(codes(trace)).toEqual([]);
  });

  it('takes along the clocks that are known by it alone', () => {
    const behind = Array.from({ length: 60 }, (_, i) => {
      const ms = i * 1_000 + 250 + 2;
      return call({ from: 'app', to: 'db', ms: [ms, ms + 2, ms + 0.5, ms + 1.5] });
    }).flat();
    const trace = stitch([run(60_000), ...drifting(150), ...behind])!;
    expect(clockOf(trace, 'db').driftPpm).toBe(clockOf(trace, 'app').driftPpm);
  });
});

describe('a clock that was set during the run', () => {
  const set = (): ReportedSpan[] =>
    Array.from({ length: 20 }, (_, i) => {
      const [startMs, off] = [i * 100, i < 10 ? 0 : 5_000];
      return call({ to: 'app', ms: [startMs, startMs + 20, startMs + 2 + off, startMs + 18 + off] });
    }).flat();

  it('is reported, with a bound that holds all that it was', () => {
    const trace = stitch([run(2_000), ...set()])!;
    expect(codes(trace)).toEqual(['clock.disjoint']);
    const { offsetNs, boundNs } = clockOf(trace, 'app');
    for (const truthNs of [0, -5_000e6]) expect(Math.abs(offsetNs - truthNs)).toBeLessThanOrEqual(boundNs);
  });

  it('has its answers inside those who waited for them all the same, and says of which', () => {
    const trace = stitch([run(2_000), ...set()])!;
    for (const server of servers(trace)) {
      expect(server.endNs - server.startNs).toBe(16e6);
      expect(server.startNs).toBeGreaterThanOrEqual(parentOf(trace, server).startNs);
      expect(server.endNs).toBeLessThanOrEqual(parentOf(trace, server).endNs);
    }
    const slid = servers(trace).filter(({ placed }) => placed.join().includes('set during the run'));
    expect(slid.length).toBeGreaterThanOrEqual(10);
  });
});

describe('work that nobody waited for', () => {
  const calls = () => call({ to: 'app', ms: [10, 30, 12, 28] });
  const bare = stitch([run(1_000), ...calls()])!;

  it.each<[string, Given]>([
    ['a message that was taken from a queue', { kind: 'consumer' }],
    ['a piece of work inside a program', { kind: 'internal' }],
  ])('bends no clock: %s', (_, given) => {
    const late = reported('late', 'run', 600, 5_000, on('app', given));
    const trace = stitch([run(1_000), ...calls(), late])!;
    expect(clockOf(trace, 'app').offsetNs).toBe(clockOf(bare, 'app').offsetNs);
    expect(trace.warnings).toEqual([]);
    const drawn = trace.spans.find(({ spanId }) => spanId === idOf('late'))!;
    expect([drawn.startNs, drawn.endNs]).toEqual([600e6, 5_000e6]);
  });

  it('bends no clock when its parent is not known', () => {
    const lost = reported('lost', 'nobody', 6_000, 6_100, on('app', { kind: 'server', evidence: 'logged' }));
    const clientRoot = { ...run(1_000), kind: 'client' as const };
    const trace = stitch([clientRoot, ...calls(), lost])!;
    expect(clockOf(trace, 'app').offsetNs).toBe(0);
    expect(codes(trace)).toEqual(['stitch.parent_missing']);
  });

  it('stays where it is when it began after its client had gone on', () => {
    const told = [
      reported('tell', 'run', 100, 102, on('app', { kind: 'client' })),
      reported('work', 'tell', 300, 400, on('worker', { kind: 'server' })),
      ...call({ from: 'app', to: 'worker', ms: [500, 510, 501, 509] }),
    ];
    const trace = stitch([run(1_000), ...calls(), ...told])!;
    const work = trace.spans.find(({ spanId }) => spanId === idOf('work'))!;
    expect([work.startNs, work.endNs]).toEqual([300e6, 400e6]);
    expect(work.placed.join()).toContain('nobody waited');
    expect(clockOf(trace, 'worker').offsetNs).toBe(0);
  });

  it('is not taken for a step of the clock when it is short, and other calls go on as before', () => {
    const around = [100, 200, 300, 400, 500, 600].flatMap((ms) =>
      call({ to: 'app', ms: [ms, ms + 20, ms + 2, ms + 18] }),
    );
    // Told and gone on: 2 ms, answered 150 ms later by 1 ms of work.
    const told = call({ to: 'app', ms: [310, 312, 460, 461] });
    const trace = stitch([run(1_000), ...around, ...told])!;
    expect(codes(trace)).toEqual([]);
    expect(clockOf(trace, 'app').offsetNs).toBe(0);
    const work = servers(trace).find(({ rawStartNs }) => rawStartNs === 460e6)!;
    expect([work.startNs, work.placed.join()]).toEqual([460e6, expect.stringContaining('nobody waited')]);
  });

  it('is not mistaken for an answer because it links to the run', () => {
    const links = [{ traceId: 'f'.repeat(32), spanId: idOf('run') }];
    const linked = { ...reported('linked', undefined, 9_000, 9_001, on('app', { kind: 'server' })), links };
    const trace = stitch([run(1_000), ...calls(), linked])!;
    expect(clockOf(trace, 'app').offsetNs).toBe(0);
    expect(ORIGIN).toBe(BigInt(trace.originUnixNano));
  });
});
