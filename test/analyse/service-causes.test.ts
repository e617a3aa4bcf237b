import { describe, expect, it } from 'vitest';
import type { ReportedSpan } from '../../src/model/span.ts';
import { type Given, reported } from '../stitch/reported.ts';
import { answeredBy, by, call, HOST, judged, lane, nsOf } from './service-trace.ts';

describe('a service that pauses', () => {
  /** web has 200 ms to itself. */
  const alone = answeredBy(202);

  it('is blamed, and thin evidence is called thin, where nobody watched its process', () => {
    const { verdict } = judged(alone);
    expect(verdict).toMatchObject({ layer: 'service', cause: 'service.cpu_block', component: 'web' });
    expect(verdict.ns).toBe(200e6);
    expect(verdict.sentence).not.toContain('computed');
    expect(verdict.evidence).toContain('without an agent on its host nothing tells which');
  });

  it('computed, where its process was on a CPU meanwhile', () => {
    const { verdict } = judged(alone, [lane(7, 'cpu', [0, 95, 98, 10])]);
    expect(verdict.cause).toBe('service.cpu_block');
    expect(verdict.sentence).toContain('web computed without a break');
    expect(verdict.evidence).toContain(`on a CPU of ${HOST} for 200 ms`);
  });

  it('got no CPU, where its process was ready and waited', () => {
    const lanes = [lane(7, 'cpu', [0, 10, 12, 0]), lane(7, 'cpu_wait', [0, 88, 86, 0])];
    const { verdict } = judged(alone, lanes);
    expect(verdict).toMatchObject({ cause: 'service.cpu_starved', component: 'web' });
    expect(verdict.next).toContain('cpu.max');
  });

  it('is not blamed where the browser itself took the last CPU of the host they share', () => {
    const lanes = [lane(7, 'cpu', [0, 10, 12, 0]), lane(7, 'cpu_wait', [0, 88, 86, 0])];
    const busy = (percent: number) => ({
      ...{ host: HOST, name: 'CPU busy', unit: '%', timesNs: [0, 100e6, 200e6, 300e6] },
      values: [0, percent, percent, 0],
    });
    const beside = alone.map((span, i) =>
      i === 0 ? { ...span, resource: { ...span.resource, 'process.pid': 1, 'host.name': HOST } } : span,
    );
    const crowded = judged(beside, [...lanes, busy(99)]);
    expect(nsOf(crowded, 'browser.crowded_host')).toBe(200e6);
    expect(crowded.verdict.sentence).toContain('nothing stands out');
    // a CPU was left, or the browser is elsewhere: then it was not the browser
    expect(judged(beside, [...lanes, busy(60)]).verdict.cause).toBe('service.cpu_starved');
    expect(judged(alone, [...lanes, busy(99)]).verdict.cause).toBe('service.cpu_starved');
  });

  it('waited for something unseen, where its process did nothing', () => {
    const { verdict } = judged(alone, [lane(7, 'cpu', [0, 4, 3, 2])]);
    expect(verdict).toMatchObject({ cause: 'service.silent_wait', component: 'web' });
  });

  it('is not judged by another process, nor by samples that end before', () => {
    for (const of of [lane(8, 'cpu', [0, 0, 0, 0]), lane(7, 'cpu', [0, 0])])
      expect(judged(alone, [of]).verdict.cause).toBe('service.cpu_block');
  });

  it('is at its normal work in pieces, however many', () => {
    const spans = answeredBy(
      195,
      ...[40, 80, 120, 160].flatMap((ms) => call(`c${ms}`, ms - 6, ms, `/x${ms}`)),
    );
    const { ledger, verdict } = judged(spans);
    expect(nsOf({ ledger } as never, 'service.cpu_block')).toBe(0);
    expect(verdict.sentence).toContain('nothing stands out');
  });
});

describe('calls one after the other', () => {
  const loop = [10, 20, 30, 40].flatMap((ms, i) => call(`c${ms}`, ms, ms + 9.5, `/items/${i}`));

  it('are blamed on their caller, with the gaps between them and all that lies in them', () => {
    const report = judged(answeredBy(60, ...loop));
    expect(report.verdict).toMatchObject({
      cause: 'service.sequential_calls',
      component: 'web',
      layer: 'service',
    });
    expect(report.verdict.ns).toBe(39.5e6);
    expect(report.verdict.sentence).toContain('web asked stock 4 times, one call after the other');
    expect(report.verdict.evidence).toContain('GET http://stock.internal:8080/items/…');
  });

  it('are found where starts are whole milliseconds, so that each seems to begin before the last one ended', () => {
    const early = [10, 20, 30, 40].flatMap((ms, i) => call(`c${ms}`, ms, ms + 10.6, `/items/${i}`));
    expect(judged(answeredBy(60, ...early)).verdict.cause).toBe('service.sequential_calls');
  });

  it.each([
    ['two', loop.slice(0, 4)],
    ['of several kinds', [10, 20, 30, 40].flatMap((ms) => call(`c${ms}`, ms, ms + 9, `/k${ms}`))],
    ['side by side', [10, 11, 12, 13].flatMap((ms) => call(`c${ms}`, ms, ms + 30))],
    ['far apart, like a poll', [5, 25, 45, 65].flatMap((ms) => call(`c${ms}`, ms, ms + 6))],
    ['quick', [10, 15, 20, 25].flatMap((ms) => call(`c${ms}`, ms, ms + 4))],
  ])('are no loop when they are %s', (_, spans) => {
    expect(nsOf(judged(answeredBy(80, ...spans)), 'service.sequential_calls')).toBe(0);
  });

  it('leave the blame with a callee that has a problem of its own', () => {
    const slow = [10, 120, 230].flatMap((ms) => call(`c${ms}`, ms, ms + 100));
    const report = judged(answeredBy(340, ...slow));
    expect(report.verdict).toMatchObject({ cause: 'service.cpu_block', component: 'stock' });
    expect(nsOf(report, 'service.sequential_calls')).toBeGreaterThan(0);
  });
});

describe('a call that fails', () => {
  const failing = (given: Given = {}): ReportedSpan[] => {
    const failed = { status: { code: 'error' } } as const;
    const status = (code: number) => ({
      attributes: { ...given.attributes, 'http.response.status_code': code },
    });
    const [client, server] = call('try', 10, 110) as [ReportedSpan, ReportedSpan];
    const code = Number(given.attributes?.code ?? 503);
    const error = {
      ...failed,
      attributes: { ...client.attributes, ...status(code).attributes, 'error.type': String(code) },
    };
    return [
      { ...client, ...error },
      { ...server, ...failed, attributes: { ...status(code).attributes } },
    ];
  };

  it('is blamed on the one that was asked, when it is tried again', () => {
    const report = judged(answeredBy(140, ...failing(), ...call('again', 111, 130)));
    expect(report.verdict).toMatchObject({
      cause: 'service.downstream_error',
      component: 'stock',
      layer: 'service',
    });
    expect(report.verdict.ns).toBe(100e6);
    expect(report.verdict.evidence).toContain('failed with 503 after 98 ms; the call was tried again');
  });

  it('is blamed when its caller goes on without it', () => {
    expect(judged(answeredBy(140, ...failing())).verdict.cause).toBe('service.downstream_error');
  });

  it('is none when it was only refused', () => {
    const refused = failing({ attributes: { code: 404 } });
    expect(judged(answeredBy(140, ...refused)).verdict.cause).toBe('service.cpu_block');
  });

  it('is blamed on the deepest that failed', () => {
    const deeper = [
      reported('deep', 'trys', 20, 100, {
        ...by('stock', 8),
        ...{ kind: 'client', name: 'POST', status: { code: 'error' } },
        attributes: { 'server.address': 'prices', 'rpc.method': 'Quote', 'rpc.grpc.status_code': 14 },
      }),
      reported('deeps', 'deep', 21, 99, {
        ...by('prices'),
        ...{ kind: 'server', name: 'Prices/Quote', status: { code: 'error' } },
        attributes: { 'rpc.grpc.status_code': 14 },
      }),
    ];
    const { verdict } = judged(answeredBy(140, ...failing(), ...deeper));
    expect(verdict).toMatchObject({ cause: 'service.downstream_error', component: 'prices' });
    expect(verdict.evidence).toContain('"Prices/Quote" failed with gRPC 14');
  });

  it('that ends a run is blamed on the service that failed first', () => {
    const spans = answeredBy(140, ...failing({ attributes: { code: 500 } })).map((span) => {
      if (span.name === 'run' || span.name === 'Pay') return { ...span, status: { code: 'error' as const } };
      if (span.name !== 'POST /order') return span;
      const attributes = { ...span.attributes, 'http.response.status_code': 500 };
      return { ...span, attributes, status: { code: 'error' as const } };
    });
    const { verdict, status } = judged(spans);
    expect(status).toBe('failed');
    expect(verdict).toMatchObject({
      layer: 'service',
      cause: 'service.downstream_error',
      component: 'stock',
    });
    expect(verdict.sentence).toContain('because stock failed behind it');
  });
});

describe('a call that its caller gave up', () => {
  const givenUp = (given: Given): ReportedSpan[] => {
    const [client, server] = call('hung', 10, 130) as [ReportedSpan, ReportedSpan];
    const { 'http.response.status_code': _, ...attributes } = client.attributes;
    return [
      { ...client, status: { code: 'error' }, ...given, attributes: { ...attributes, ...given.attributes } },
      server,
    ];
  };
  const exception = (type: string, message = '') => ({
    events: [
      {
        name: 'exception',
        timeUnixNano: 0n,
        attributes: { 'exception.type': type, 'exception.message': message },
      },
    ],
  });

  it.each<[string, Given]>([
    ['Node.js', { attributes: { 'error.type': 'AbortError' } }],
    ['Go', { status: { code: 'error', message: 'Get "http://stock": context deadline exceeded' } }],
    ['Java', exception('java.net.SocketTimeoutException', 'Read timed out')],
    [
      '.NET',
      exception('TaskCanceledException', 'canceled due to the configured HttpClient.Timeout of 0.12 seconds'),
    ],
    ['gRPC', { attributes: { 'rpc.grpc.status_code': 4 } }],
  ])('is blamed on the one that was silent, as %s tells it', (_, given) => {
    const report = judged(answeredBy(150, ...givenUp(given)));
    expect(report.verdict).toMatchObject({ cause: 'service.timeout', component: 'stock', layer: 'service' });
    expect(nsOf(report, 'service.cpu_block')).toBe(0);
    expect(nsOf(report, 'service.timeout')).toBe(120e6); // the way to it was lost with the call
  });

  it('is no timeout when the other end broke off', () => {
    const report = judged(answeredBy(150, ...givenUp({ attributes: { 'error.type': 'ECONNRESET' } })));
    expect(report.verdict).toMatchObject({ cause: 'service.downstream_error', component: 'stock.internal' });
  });
});

describe('a wait for a connection of a pool', () => {
  const wait = (ms: number) =>
    reported('wait', 'web', 10, 10 + ms, { ...by('web', 7), kind: 'client', name: 'pg-pool.connect' });

  it('is blamed, and who held one is named where this trace shows it', () => {
    const other = [
      reported('job', 'web', 5, 110, { ...by('web', 7), name: 'export' }),
      reported('held', 'job', 8, 105, {
        ...by('web', 7),
        ...{ kind: 'client', name: 'COPY' },
        attributes: { 'db.system.name': 'postgresql' },
      }),
    ];
    const { verdict } = judged(answeredBy(130, ...other.slice(0, 1), wait(102), ...other.slice(1)));
    expect(verdict).toMatchObject({ cause: 'service.pool_wait', component: 'web' });
    expect(verdict.evidence).toContain('held meanwhile by "export" of web (');
    expect(judged(answeredBy(130, wait(102))).verdict.evidence).toContain('not part of this trace');
  });

  it('is none when it is short', () => {
    expect(nsOf(judged(answeredBy(40, wait(8))), 'service.pool_wait')).toBe(0);
  });
});
