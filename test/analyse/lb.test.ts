/** Whose time it was around a load balancer, whichever it is. */
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { type Given, reported } from '../stitch/reported.ts';

type Part = readonly [name: string, startMs: number, endMs: number, given?: Given];

/** A run that waits 1 s for one request, with this balancer below it. */
function causes(parts: readonly Part[], proxy: Given = {}, run: Given = {}) {
  const lb: Given = { layer: 'lb', component: 'edge', clock: 'edge', source: 'nginx', evidence: 'logged' };
  const failed = { status: { code: 'error' as const } };
  const spans = [
    reported('run', undefined, 0, 1_000, {
      type: 'run',
      ...run,
      attributes: { [HEADWATER.journey]: 'checkout' },
    }),
    reported('step', 'run', 0, 1_000, { type: 'step', layer: 'browser', ...run }),
    reported('request', 'step', 0, 1_000, {
      type: 'request',
      kind: 'client',
      layer: 'network',
      ...(run.status ? { ...failed, attributes: { 'http.response.status_code': 504 } } : {}),
    }),
    reported('proxy', 'request', 0, 1_000, { ...lb, type: 'proxy', kind: 'server', ...proxy }),
    ...parts.map(([name, startMs, endMs, given]) =>
      reported(name, 'proxy', startMs, endMs, {
        ...lb,
        type: name.startsWith('try') ? 'proxy_try' : 'proxy_phase',
        ...given,
      }),
    ),
  ];
  const trace = stitch(spans)!;
  return analyse(trace);
}
const blamed = (...given: Parameters<typeof causes>) =>
  Object.fromEntries(causes(...given).report.ledger.map(({ cause, ns }) => [cause, ns / 1e6]));

const ending = (what: string) => ({ attributes: { [HEADWATER.proxyEnding]: what } });
const failedTry = (what: string): Given => ({ ...ending(what), status: { code: 'error' } });

describe('causes', () => {
  it('a queue, a slow connect, a silent server, a transfer', () =>
    expect(
      blamed([
        ['queue', 0, 300],
        ['connect', 300, 400],
        ['server', 400, 900],
        ['transfer', 900, 1_000],
      ]),
    ).toEqual({ 'lb.queue': 300, 'lb.connect': 100, 'service.silent': 500, 'lb.transfer': 100 }));

  it('a wait below the threshold is no queue, and a quick connect no trouble', () =>
    expect(
      blamed([
        ['queue', 0, 4],
        ['connect', 4, 8],
        ['server', 8, 1_000],
      ]),
    ).toEqual({ 'lb.processing': 8, 'service.silent': 992 }));

  it('tries that failed, and the pause before the next; the answered one is told by its phases', () =>
    expect(
      blamed([
        ['try 1', 0, 200, failedTry('connect_failed')],
        ['try 2', 450, 1_000],
        ['server', 450, 900],
        ['transfer', 900, 1_000],
      ]),
    ).toEqual({ 'lb.retry': 450, 'service.silent': 450, 'lb.transfer': 100 }));

  it('a try that timed out is a timeout', () =>
    expect(
      blamed([
        ['try 1', 0, 600, failedTry('server_timeout')],
        ['server', 600, 1_000],
      ]),
    ).toEqual({ 'lb.timeout': 600, 'service.silent': 400 }));

  it('a phase that the balancer cut off', () =>
    expect(blamed([['queue', 0, 1_000]], ending('queue_timeout'))).toEqual({ 'lb.timeout': 1_000 }));

  it('nobody to ask', () => expect(blamed([], ending('no_server'))).toEqual({ 'lb.no_server': 1_000 }));

  it('what follows a server’s headers is transfer, where no phase says so', () =>
    expect(blamed([['server', 0, 700]])).toEqual({ 'service.silent': 700, 'lb.transfer': 300 }));

  it.each([
    ['UT', 'lb.timeout'],
    ['URX,UF', 'lb.no_server'],
    ['UH', 'lb.no_server'],
  ])('Envoy’s own flag %s is %s, by OpenTelemetry too', (flags, cause) => {
    const attributes = { [HEADWATER.proxySign]: 'scope names envoy', response_flags: flags };
    expect(blamed([], { attributes })).toEqual({ [cause]: 1_000 });
  });

  it('and its sign for “nothing to tell” is nothing', () => {
    const attributes = { [HEADWATER.proxySign]: 'scope names envoy', response_flags: '-' };
    expect(blamed([], { attributes })).toEqual({ 'lb.unexplained': 1_000 });
  });

  it('a balancer by OpenTelemetry with nobody seen behind it is not called busy', () =>
    expect(blamed([], { attributes: { [HEADWATER.proxySign]: 'scope names caddy' } })).toEqual({
      'lb.unexplained': 1_000,
    }));
});

describe('servers that are not alike', () => {
  interface Answer {
    readonly server: string;
    readonly ms: number;
    readonly path?: string;
  }

  /** Requests one after the other through one balancer; the server speaks for itself unless it is silent. */
  function run(answers: readonly Answer[], isSilent = false) {
    const lb: Given = { layer: 'lb', component: 'edge', clock: 'edge', source: 'envoy', evidence: 'logged' };
    let nowMs = 0;
    const spans = answers.flatMap(({ server, ms, path = '/stock/7' }, i) => {
      const startMs = nowMs;
      nowMs += ms + 4;
      const inside = (id: string, parent: string, margin: number, given: Given) =>
        reported(`${id}${i}`, `${parent}${i}`, startMs + margin, nowMs - margin, given);
      return [
        reported(`request${i}`, 'step', startMs, nowMs, {
          type: 'request',
          kind: 'client',
          layer: 'network',
        }),
        inside('proxy', 'request', 1, {
          ...lb,
          type: 'proxy',
          kind: 'server',
          attributes: { 'server.address': '10.0.0.1', 'server.port': server, 'url.path': path },
        }),
        inside('server', 'proxy', 2, { ...lb, type: 'proxy_phase', name: 'server' }),
        ...(isSilent ? [] : [inside('service', 'proxy', 2, { kind: 'server', ...SERVICE })]),
      ];
    });
    const whole: Given = { layer: 'browser' };
    const trace = stitch([
      reported('run', undefined, 0, nowMs, { ...whole, type: 'run' }),
      reported('step', 'run', 0, nowMs, { ...whole, type: 'step' }),
      ...spans,
    ]);
    return analyse(trace!).report;
  }
  const SERVICE: Given = { source: 'otlp', clock: 'app', layer: 'service', component: 'stock' };
  const inTurn = (slowMs: number, times = 6, quickMs = 5): Answer[] =>
    Array.from({ length: times }, (_, i) =>
      i % 2 ? { server: '8002', ms: slowMs } : { server: '8001', ms: quickMs },
    );
  const msOf = (made: ReturnType<typeof run>) =>
    made.ledger.filter((e) => e.cause === 'lb.uneven_backends').reduce((sum, e) => sum + e.ns / 1e6, 0);

  it.each([false, true])('one is slow at what the other does fast (silent: %s)', (isSilent) => {
    const made = run(inTurn(60), isSilent);
    expect(msOf(made)).toBe(165);
    expect(made.verdict).toMatchObject({
      layer: 'lb',
      cause: 'lb.uneven_backends',
      component: '10.0.0.1:8002',
    });
    expect(made.verdict.evidence).toContain('60 ms to 60 ms on 10.0.0.1:8002 (3 requests)');
    expect(made.verdict.evidence).toContain('at most 5.0 ms on 10.0.0.1:8001');
  });

  it('two slow answers are no proof', () => expect(msOf(run(inTurn(60, 5)))).toBe(0));
  it('nor a small difference', () => expect(msOf(run(inTurn(24)))).toBe(0));
  it('nor a server that was fast once', () =>
    expect(msOf(run([...inTurn(60), { server: '8002', ms: 5 }]))).toBe(0));
  it('nor a route that is slow everywhere', () => expect(msOf(run(inTurn(60, 6, 55)))).toBe(0));
  it('nor different routes', () => {
    const mixed = inTurn(60).map((answer) => ({ ...answer, path: answer.ms > 20 ? '/report' : '/stock' }));
    expect(msOf(run(mixed))).toBe(0);
  });
});

describe('sentences', () => {
  it('names the servers that gave no answer, and the one that did', () => {
    const refused: Given = {
      attributes: {
        [HEADWATER.proxyEnding]: 'connect_failed',
        'server.address': '10.0.0.1',
        'server.port': 80,
      },
      status: { code: 'error', message: 'the server refused the connection' },
    };
    const { verdict } = causes(
      [
        ['try 1', 0, 200, refused],
        ['server', 200, 1_000],
      ],
      { attributes: { [HEADWATER.proxyTries]: 2, 'server.address': '10.0.0.2', 'server.port': 80 } },
    ).report;
    expect(verdict.evidence).toContain(
      'No answer came from 10.0.0.1:80 after 200 ms (the server refused the connection), then 10.0.0.2:80 answered.',
    );
    expect(verdict.next).toContain('other than 10.0.0.2:80');
  });

  it('counts failed tries that are told only as a sum', () => {
    const { verdict } = causes(
      [
        ['retries', 0, 203],
        ['server', 203, 1_000],
      ],
      { attributes: { [HEADWATER.proxyTries]: 2, 'server.address': 'web-2', 'haproxy.backend': 'cart' } },
    ).report;
    expect(verdict).toMatchObject({ cause: 'lb.retry' });
    expect(verdict.evidence).toContain(
      '1 failed try took 203 ms, which looks like a timeout of 0.2 s, then web-2 answered.',
    );
    expect(verdict.next).toContain('behind edge (backend cart) other than web-2');
  });

  it('a journey that no server could be reached for', () => {
    const { verdict } = causes([], ending('connect_failed'), {
      status: { code: 'error', message: 'the shop answered with status 503' },
    }).report;
    expect(verdict).toMatchObject({ layer: 'lb', cause: 'lb.no_server', component: 'edge' });
  });

  it('names a timeout by its round number', () => {
    const { verdict } = causes([['server', 0, 1_000]], ending('server_timeout')).report;
    expect(verdict).toMatchObject({ layer: 'lb', cause: 'lb.timeout', component: 'edge' });
    expect(verdict.evidence).toContain('which looks like a timeout of 1 s');
  });

  it('a journey that failed on the balancer’s own answer says so', () => {
    const { verdict } = causes([['server', 0, 1_000]], ending('server_timeout'), {
      status: { code: 'error', message: 'expected an order' },
    }).report;
    expect(verdict).toMatchObject({ layer: 'lb', cause: 'lb.timeout' });
    expect(verdict.sentence).toContain('because no server did');
  });
});
