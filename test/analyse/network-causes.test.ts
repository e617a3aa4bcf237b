import { describe, expect, it } from 'vitest';
import type { ReportedSpan } from '../../src/model/span.ts';
import { reported } from '../stitch/reported.ts';
import { answeredBy, by, call, judged, lane, nsOf } from './service-trace.ts';

/** A call whose server began `outMs` after it, and ended `backMs` before it. */
const over = (id: string, startMs: number, outMs: number, backMs: number): ReportedSpan[] => {
  const endMs = startMs + outMs + 5 + backMs;
  const [client, server] = call(id, startMs, endMs, `/${id}`) as [ReportedSpan, ReportedSpan];
  const at = (ms: number) => client.startUnixNano + BigInt(Math.round(ms * 1e6));
  return [client, { ...server, startUnixNano: at(outMs), endUnixNano: at(outMs + 5) }];
};

describe('a way between two services', () => {
  it('is slow when each call over it is, and all of its time is added up', () => {
    const report = judged(answeredBy(90, ...over('a', 10, 10, 10), ...over('b', 50, 10, 10)));
    expect(report.verdict).toMatchObject({ cause: 'network.slow_hop', component: 'web → stock' });
    expect(nsOf(report, 'network.slow_hop')).toBe(40e6);
    expect(report.verdict.evidence).toContain('Each of 2 calls spent at least 20 ms there and back');
  });

  it('has only what it is longer than the other ways of its kind', () => {
    const short = call('c', 1, 4, '/c') as [ReportedSpan, ReportedSpan];
    const to = (span: ReportedSpan) => ({ ...span, ...by('prices', 9), component: 'prices' });
    const report = judged(
      answeredBy(90, short[0], to(short[1]), ...over('a', 10, 10, 10), ...over('b', 50, 10, 10)),
    );
    expect(nsOf(report, 'network.slow_hop')).toBe(36e6);
  });

  it('is not compared with the one call that a busy end held up on a short way', () => {
    const to = (span: ReportedSpan) => ({ ...span, ...by('prices', 9), component: 'prices' });
    const short = (id: string, startMs: number, wayMs: number) => {
      const [client, server] = over(id, startMs, wayMs / 2, wayMs / 2) as [ReportedSpan, ReportedSpan];
      return [client, to(server)];
    };
    const quick = [...short('c', 1, 1), ...short('d', 40, 1), ...short('e', 80, 19)];
    const report = judged(answeredBy(140, ...quick, ...over('a', 10, 10, 10), ...over('b', 110, 10, 10)));
    expect(nsOf(report, 'network.slow_hop')).toBe(38e6);
  });

  it('may be long in one direction only: that is no clock set wrong while one clock fits all', () => {
    const report = judged(answeredBy(90, ...over('a', 10, 20, 0.5), ...over('b', 45, 20, 0.5)));
    expect(nsOf(report, 'network.slow_hop')).toBe(41e6);
    expect(report.clocks.filter(({ offsetNs }) => offsetNs !== 0)).toEqual([]);
  });

  it('is judged the same between a load balancer and its server', () => {
    const behind = (id: string, startMs: number, wayMs: number) => [
      reported(id, 'step', startMs, startMs + 32, {
        type: 'request',
        layer: 'browser',
        kind: 'client',
        name: id,
      }),
      reported(`${id}p`, id, startMs + 1, startMs + 31, {
        ...{ type: 'proxy', layer: 'lb', component: 'edge', kind: 'server', source: 'haproxy' },
        ...{ clock: 'edge', evidence: 'logged' },
      }),
      reported(`${id}q`, `${id}p`, startMs + 1, startMs + 31, {
        ...{ type: 'proxy_phase', layer: 'lb', component: 'edge', name: 'server', source: 'haproxy' },
        ...{ clock: 'edge', evidence: 'logged' },
      }),
      reported(`${id}w`, `${id}p`, startMs + 1 + wayMs, startMs + 31 - wayMs, {
        ...by('web'),
        kind: 'server',
        name: id,
      }),
    ];
    const page = (wayMs: number) => [
      ...answeredBy(200).slice(0, 2),
      ...behind('x', 10, wayMs),
      ...behind('y', 60, wayMs),
    ];
    expect(judged(page(12)).verdict).toMatchObject({ cause: 'network.slow_hop', component: 'edge → web' });
    expect(nsOf(judged(page(12)), 'network.slow_hop')).toBe(48e6);
    expect(nsOf(judged(page(1)), 'network.slow_hop')).toBe(0);
  });

  it('is not slow when one call over it was quick', () => {
    const spans = answeredBy(120, ...over('a', 10, 20, 20), ...over('b', 70, 0.5, 0.5));
    expect(nsOf(judged(spans), 'network.slow_hop')).toBe(0);
  });

  it('is not blamed when the far end had no CPU to begin with', () => {
    const lanes = [lane(8, 'cpu', [0, 5, 5]), lane(8, 'cpu_wait', [0, 95, 90])];
    const { verdict } = judged(answeredBy(120, ...over('a', 10, 90, 1)), lanes);
    expect(verdict).toMatchObject({ cause: 'service.cpu_starved', component: 'stock', layer: 'service' });
  });
});

describe('a way to a database', () => {
  const statement = (id: string, startMs: number, wayMs: number): ReportedSpan[] => [
    reported(id, 'web', startMs, startMs + wayMs + 1, {
      ...by('web', 7),
      ...{ kind: 'client', name: 'SELECT' },
      attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'shop', 'db.query.text': `select ${id}` },
    }),
    reported(`${id}s`, id, startMs + wayMs / 2, startMs + wayMs / 2 + 1, {
      ...{ type: 'db_server', layer: 'db', component: 'postgresql shop', source: 'postgresql' },
      ...{ clock: 'pg', evidence: 'logged', precisionNs: 1e6 },
    }),
  ];
  const asked = (wayMs: readonly number[]) =>
    answeredBy(90, ...wayMs.flatMap((ms, i) => statement(`s${i}`, 5 + i * 15, ms)));

  it('is slow when each statement pays for it', () => {
    const { verdict } = judged(asked([6, 6, 6, 6, 6]));
    expect(verdict).toMatchObject({ cause: 'network.slow_hop', component: 'web → postgresql shop' });
    expect(verdict.ns).toBe(30e6);
  });

  it.each([
    ['one was quick', [9, 9, 9, 9, 0.5]],
    ['two are too few to tell', [12, 12]],
    ['all are short', [1.5, 1.5, 1.5, 1.5, 1.5]],
  ])('is not slow when %s', (_, ways) => {
    expect(nsOf(judged(asked(ways)), 'network.slow_hop')).toBe(0);
  });
});

describe('a download', () => {
  const downloaded = (bytes: number, downloadMs: number): ReportedSpan[] => {
    const endMs = 20 + downloadMs;
    return answeredBy(endMs).map((span) => {
      if (span.name === 'POST /order' && span.kind === 'client')
        return { ...span, attributes: { ...span.attributes, 'http.response.body.size': bytes } };
      return span.kind === 'server' ? { ...span, endUnixNano: span.startUnixNano + 15_000_000n } : span;
    });
  };
  const phases = (endMs: number) => [
    reported('wait', 'request', 0, 18, { type: 'phase', layer: 'network', name: 'waiting' }),
    reported('down', 'request', 18, endMs, { type: 'phase', layer: 'network', name: 'content download' }),
  ];

  it('is blamed when it is large and long, with its size and speed', () => {
    const { verdict } = judged([...downloaded(1_000_000, 200), ...phases(220)]);
    expect(verdict).toMatchObject({ layer: 'network', cause: 'network.download' });
    expect(verdict.evidence).toContain('took 202 ms to come in: 1.0 MB at 40 Mbit/s');
  });

  it.each([
    ['small, so that its size is not why', 4_000, 200],
    ['short', 1_000_000, 20],
  ])('is not when it is %s', (_, bytes, ms) => {
    expect(nsOf(judged([...downloaded(bytes, ms), ...phases(20 + ms)]), 'network.download')).toBe(0);
  });
});
