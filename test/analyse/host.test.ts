import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import { meanOf, riseOf } from '../../src/analyse/lane-window.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import { HOST_LANES } from '../../src/model/host-lanes.ts';
import type { Lane } from '../../src/model/report.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { ORIGIN, reported, wholeRequest } from '../stitch/reported.ts';

/** One value each 100 ms, from 0. */
const lane = (name: string, values: readonly number[]): Lane => ({
  host: 'web-1',
  name,
  unit: '1',
  timesNs: values.map((_, at) => at * 100e6),
  values,
});

const judged = (spans: readonly ReportedSpan[], lanes: readonly Lane[] = []) =>
  analyse(stitch(spans)!, {}, lanes).report;

/** A request whose connection took 1.1 s to be made. */
const slowConnect = (): ReportedSpan[] => [
  reported('run', undefined, 0, 1_300, { type: 'run', layer: 'browser' }),
  reported('step', 'run', 0, 1_300, { type: 'step', layer: 'browser' }),
  reported('request', 'step', 50, 1_300, {
    ...{ type: 'request', layer: 'browser', kind: 'client' },
    attributes: { [HEADWATER.clientPort]: 45_028, 'server.port': 443 },
  }),
  reported('connect', 'request', 50, 1_150, { type: 'phase', layer: 'tcp', name: 'socket connect' }),
  reported('waiting', 'request', 1_150, 1_300, { type: 'phase', layer: 'network', name: 'waiting' }),
];

/** The same request, connected at once, that waited for 600 ms while its socket sent again at 400 ms. */
const slowWait = (retransmitMs: number): ReportedSpan[] => [
  ...slowConnect().slice(0, 3),
  reported('connect', 'request', 50, 60, { type: 'phase', layer: 'tcp', name: 'socket connect' }),
  reported('waiting', 'request', 60, 660, { type: 'phase', layer: 'network', name: 'waiting' }),
  reported('download', 'request', 660, 1_300, { type: 'phase', layer: 'browser', name: 'parse' }),
  socket({}, [{ timeMs: retransmitMs, count: 2 }]),
];

const socket = (
  attributes: Record<string, number>,
  looks: readonly { timeMs: number; count: number }[] = [],
): ReportedSpan =>
  reported('socket', undefined, 60, 1_200, {
    ...{ type: 'host_connection', layer: 'network', component: 'web-1', source: 'agent' },
    ...{ clock: 'host:web-1', precisionNs: 100e6 },
    attributes: { 'network.local.port': 45_028, 'network.peer.port': 443, ...attributes },
    events: looks.map(({ timeMs, count }) => ({
      name: 'packets sent again',
      timeUnixNano: ORIGIN + BigInt(timeMs) * 1_000_000n,
      attributes: { 'headwater.tcp.retransmits': count },
    })),
  });

describe('a lane over a stretch of time', () => {
  const values = lane('x', [9, 0, 4, 2]);
  it('sums what was added in the samples that touch it; the first value is of before', () => {
    expect(riseOf(values, [{ startNs: 0, endNs: 300e6 }])).toBe(6);
    expect(riseOf(values, [{ startNs: 150e6, endNs: 160e6 }])).toBe(4);
    expect(riseOf(values, [{ startNs: 0, endNs: 100e6 }])).toBe(0);
  });
  it('averages a level by time', () => {
    expect(meanOf(values, [{ startNs: 150e6, endNs: 300e6 }])).toBeCloseTo((4 * 50 + 2 * 100) / 150);
    expect(meanOf(values, [{ startNs: 900e6, endNs: 950e6 }])).toBeUndefined();
  });
});

describe('a connection that took a second', () => {
  const synAgain = lane(HOST_LANES.synRetransmits, [0, ...Array.from({ length: 12 }, (_, i) => +(i === 10))]);

  it('is suspected to have lost its first packet, and no more, without a host that was asked', () => {
    const { verdict } = judged(slowConnect());
    expect(verdict.cause).toBe('tcp.syn_retransmit');
    expect(verdict.evidence).not.toContain('kernel');
  });

  it('has it confirmed by the counter of a host', () => {
    const { verdict } = judged(slowConnect(), [synAgain]);
    expect(verdict.evidence).toContain('The kernel of web-1 sent first packets again once in that time.');
  });

  it('has it confirmed by its own socket', () => {
    const { verdict } = judged(
      [...slowConnect(), socket({ 'headwater.tcp.syn_retransmits': 1 })],
      [synAgain],
    );
    expect(verdict.evidence).toContain('The kernel of web-1 confirms it');
  });

  it('met a full listen queue when overflows rose meanwhile, and only then', () => {
    const meanwhile = lane(HOST_LANES.listenOverflows, [0, 2, 0, 0]);
    const { verdict, ledger } = judged(slowConnect(), [meanwhile]);
    expect(verdict.cause).toBe('tcp.accept_queue');
    expect(verdict.evidence).toContain('2 on web-1');
    expect(ledger.reduce((sum, { ns }) => sum + ns, 0)).toBe(1_300e6);
    const later = lane(HOST_LANES.listenOverflows, [...Array.from({ length: 13 }, () => 0), 2]);
    expect(judged(slowConnect(), [later]).verdict.cause).toBe('tcp.syn_retransmit');
  });
});

describe('a request that waited', () => {
  it('lost packets when its socket sent again meanwhile', () => {
    const { verdict } = judged(slowWait(400));
    expect(verdict.cause).toBe('network.loss');
    expect(verdict.evidence).toContain('2 on web-1');
    expect(verdict.ns).toBe(600e6);
  });

  it('did not when its socket sent again at another time', () => {
    expect(judged(slowWait(1_000)).ledger.map(({ cause }) => cause)).not.toContain('network.loss');
  });

  it('never has the socket itself on its path', () => {
    const trace = stitch(slowWait(400))!;
    const own = trace.spans.find(({ name }) => name === 'socket')!;
    expect(trace.spans.find(({ spanId }) => spanId === own.parentId)?.name).toBe('request');
    expect(analyse(trace).path.map(({ spanId }) => spanId)).not.toContain(own.spanId);
  });
});

describe('a verdict about work', () => {
  const slowQuery = () =>
    wholeRequest().map((span) =>
      span.name === 'dbserver'
        ? { ...span, name: 'waiting for a lock', attributes: { ...span.attributes } }
        : span,
    );
  const pressure = (percent: number) => lane(HOST_LANES.cpuPressure, [0, percent, percent, percent]);

  it('adds that tasks waited for a CPU for half of the time or more', () => {
    const pool = (lanes: readonly Lane[]) =>
      judged(
        [
          ...slowQuery(),
          reported('pool', 'service', 40, 170, {
            name: 'pg-pool.connect',
            kind: 'internal',
            source: 'otlp',
            clock: 'app',
            resource: { 'service.name': 'app' },
          }),
        ].filter(({ name }) => name !== 'SELECT' && name !== 'waiting for a lock'),
        lanes,
      ).verdict;
    expect(pool([pressure(80)]).cause).toBe('service.pool_wait');
    expect(pool([pressure(80)]).evidence).toContain(
      'On web-1, tasks waited for a CPU during 80 % of that time.',
    );
    expect(pool([pressure(40)]).evidence).not.toContain('waited for a CPU');
  });
});
