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

  it('a balancer by OpenTelemetry with nobody seen behind it is not called busy', () =>
    expect(blamed([], { attributes: { [HEADWATER.proxySign]: 'scope names caddy' } })).toEqual({
      'lb.unexplained': 1_000,
    }));
});

describe('sentences', () => {
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
