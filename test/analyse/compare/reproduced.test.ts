import { describe, expect, it } from 'vitest';
import { type ReplayedRun, replayedRun, reproduced } from '../../../src/analyse/compare/reproduced.ts';
import { BEHIND_THE_WAIT } from '../../../src/analyse/compare/server-waits.ts';
import type { Layer } from '../../../src/model/layer.ts';
import { runView } from '../../fixtures/run-view.ts';

type Part = readonly [layer: Layer, cause: string, ms: number];
let runs = 0;

/** The first part is what the verdict blames. */
function run(parts: readonly Part[], given: Partial<ReplayedRun> & { blames?: boolean } = {}): ReplayedRun {
  const ledger = parts.map(([layer, cause, ms]) => ({
    layer,
    cause,
    component: `${layer}-1`,
    ns: ms * 1e6,
    evidence: 'measured' as const,
    spanIds: [],
  }));
  const [first] = ledger;
  const { blames, ...rest } = given;
  const { layer, cause, component, ns } = first!;
  return {
    traceId: String(++runs).padStart(32, '0'),
    status: 'ok',
    wallNs: ledger.reduce((sum, entry) => sum + entry.ns, 0),
    ledger,
    verdict: {
      layer,
      cause,
      component,
      ns,
      sentence: `it was ${cause}`,
      evidence: '',
      next: '',
      spanIds: [],
    },
    waits: new Map([['GET /orders', waitedMs(parts) * 1e6]]),
    heard: new Set(parts.some(([layer]) => /lb|service|db/.test(layer)) ? ['GET /orders'] : []),
    asked: new Set(['GET /orders']),
    ...rest,
  };
}

const waitedMs = (parts: readonly Part[]): number =>
  parts.filter(([layer]) => /network|lb|service|db/.test(layer)).reduce((sum, [, , ms]) => sum + ms, 0);

const PLAIN: readonly Part[] = [
  ['service', 'service.work', 30],
  ['network', 'network.out', 10],
];
const scan = (ms: number) => run([['db', 'db.seq_scan', ms], ...PLAIN]);
const quick = () => run([['service', 'service.work', 30], ...PLAIN]);

describe('was a slowness seen again?', () => {
  it('yes: most replays have it, at a comparable size', () => {
    const outcome = reproduced(scan(150), [scan(140), scan(90), quick()]);
    expect(outcome.state).toBe('reproduced');
    expect(outcome.guilty).toMatchObject({ layer: 'db', cause: 'db.seq_scan', ns: 150e6 });
    expect(outcome.replays.map(({ isComparable }) => isComparable)).toEqual([true, true, false]);
    expect(outcome.sentence).toBe(
      'Reproduced: database: seq scan in db-1 (150 ms in the original) came again in 2 of 3 replays, 90 ms in the middle one.',
    );
  });

  it('no: it is gone, and what is slow instead is named', () => {
    expect(reproduced(scan(150), [quick(), quick(), quick()])).toMatchObject({
      state: 'not_reproduced',
      sentence: expect.stringMatching(
        /^Not reproduced: database: seq scan .* is gone, 0 ms in the middle one\.$/,
      ),
    });
    const other = run([['dns', 'dns.slow_upstream', 200], ...PLAIN]);
    expect(reproduced(scan(150), [other, other]).sentence).toContain(
      'slow instead: DNS: slow upstream in dns-1, 200 ms',
    );
  });

  it('a rest of it is not it', () => {
    expect(reproduced(scan(150), [scan(36), scan(20), scan(30)]).state).toBe('not_reproduced');
    const beside = (ms: number) =>
      run([
        ['dns', 'dns.slow_upstream', 90],
        ['db', 'db.seq_scan', ms],
      ]);
    expect(reproduced(scan(150), [beside(60), beside(70)]).state).toBe('not_reproduced');
    // what is blamed again may be smaller: the machine was busier then
    expect(reproduced(scan(150), [scan(60), scan(70)]).state).toBe('reproduced');
    // less than anybody feels, however large its share
    expect(reproduced(scan(24), [scan(15), scan(15)]).state).toBe('not_reproduced');
  });

  it('unclear: it comes and goes', () => {
    expect(reproduced(scan(150), [scan(150), quick()])).toMatchObject({ state: 'unclear' });
    expect(reproduced(scan(150), [scan(150), quick(), quick()])).toMatchObject({ state: 'unclear' });
  });

  it('counts only what is more than usual, where that is known', () => {
    const original = scan(200);
    const usual = { runs: 5, wallNs: 140e6, ns: 100e6 };
    const unusual = { ...original, verdict: { ...original.verdict, ns: 100e6, usual } };
    expect(reproduced(unusual, [scan(120), scan(130)]).state).toBe('not_reproduced');
    expect(reproduced(unusual, [scan(190), scan(210)]).state).toBe('reproduced');
  });

  it('a wait that nobody explained is explained by replays that saw the servers', () => {
    const har = run([
      ['network', 'network.unexplained', 700],
      ['browser', 'browser.work', 100],
    ]);
    const outcome = reproduced(har, [scan(600), scan(650)]);
    expect(outcome).toMatchObject({ state: 'reproduced', seenAs: { layer: 'db', cause: 'db.seq_scan' } });
    expect(outcome.sentence).toContain('the replays saw what it was: database: seq scan in db-1');
    expect(reproduced(har, [quick(), quick()]).state).toBe('not_reproduced');
  });

  it('a cause that the replays could not see is held against their wait', () => {
    const original = run([
      ['db', 'db.seq_scan', 300],
      ['service', 'service.work', 200],
      ['network', 'network.out', 20],
    ]);
    const blind = (ms: number) =>
      run([
        ['network', 'network.unexplained', ms],
        ['browser', 'browser.work', 100],
      ]);
    expect(reproduced(original, [blind(510), blind(540)]).state).toBe('reproduced');
    expect(reproduced(original, [blind(230), blind(210)]).state).toBe('not_reproduced');
  });

  it('looks for a wait that nobody explained, where other servers did speak and are not to blame', () => {
    const partly = (ms: number, given = {}) =>
      run(
        [
          ['network', 'network.out', 10],
          ['service', 'service.work', 5],
        ],
        {
          waits: new Map([
            ['GET /', 15e6],
            ['POST /orders', ms * 1e6],
          ]),
          heard: new Set(['GET /']),
          asked: new Set(['GET /', 'POST /orders']),
          ...given,
        },
      );
    const outcome = reproduced(partly(400), [partly(390), partly(420)]);
    expect(outcome).toMatchObject({
      state: 'reproduced',
      guilty: { cause: 'network.unexplained', component: 'POST /orders' },
    });
    expect(reproduced(partly(400), [partly(20)]).state).toBe('not_reproduced');
    const unsent = { waits: new Map(), asked: new Set(['GET /']) };
    expect(reproduced(partly(400), [partly(0, unsent)]).sentence).toContain('POST /orders');
    expect(reproduced(partly(400, { heard: new Set(['GET /', 'POST /orders']) }), [quick()]).state).toBe(
      'nothing_slow',
    );
  });

  it('cannot tell of servers that none of the replays heard', () => {
    const serversOnly = { ...scan(150), waits: new Map<string, number>() };
    const blind = run([['network', 'network.unexplained', 300]]);
    expect(reproduced(serversOnly, [blind])).toMatchObject({
      state: 'unclear',
      sentence: expect.stringContaining('--traces-from'),
    });
    expect(reproduced(serversOnly, [scan(140)]).state).toBe('reproduced');
  });

  it('cannot tell of a request that no replay sent', () => {
    const other = { waits: new Map(), asked: new Set(['GET /']) };
    const outcome = reproduced(scan(150), [run(PLAIN, other), run(PLAIN, other)]);
    expect(outcome.state).toBe('unclear');
    expect(outcome.sentence).toBe(
      'Could not tell: GET /orders, which the original waited for (database: seq scan in db-1, 150 ms), was sent by none of the replays.',
    );
    // one that was sent, and that nobody waited for, is healed
    const sent = { waits: new Map(), asked: new Set(['GET /orders']) };
    expect(reproduced(scan(150), [run(PLAIN, sent)]).state).toBe('not_reproduced');
  });

  it('says so when there is nothing to look for', () => {
    expect(reproduced(quick(), [quick()])).toMatchObject({ state: 'nothing_slow', guilty: null });
  });

  it('leaves failed replays out, and says when all are', () => {
    const failed = () =>
      run([['unknown', 'unknown', 10]], { status: 'failed', error: 'locator.click: Timeout\n  at x' });
    expect(reproduced(scan(150), [failed(), scan(140)]).state).toBe('reproduced');
    const outcome = reproduced(scan(150), [failed(), failed()]);
    expect(outcome).toMatchObject({
      state: 'failed',
      sentence: 'Could not tell: every replay failed: locator.click: Timeout',
    });
    // a script whose first replay fails is its own original
    const first = failed();
    expect(reproduced(first, [first]).state).toBe('failed');
  });

  it('a failure comes again where the same part is to blame', () => {
    const failing = (cause: string) => run([['service', cause, 5]], { status: 'failed', error: 'it failed' });
    const original = failing('service.error');
    expect(reproduced(original, [failing('service.error'), failing('service.error'), quick()]).state).toBe(
      'reproduced',
    );
    expect(reproduced(original, [quick(), failing('service.timeout')])).toMatchObject({
      state: 'not_reproduced',
      sentence: 'Not reproduced: the failure (services: error in service-1) is gone.',
    });
  });

  it('changes nothing that it is given', () => {
    const [original, replays] = [scan(150), [scan(140), quick()]];
    const before = JSON.stringify([original, replays]);
    reproduced(original, replays);
    expect(JSON.stringify([original, replays])).toBe(before);
  });
});

describe('waits of a run', () => {
  it('are its requests’, by what was asked for, and no more than the path spent on servers', () => {
    const view = runView();
    const { waits } = replayedRun(view);
    expect([...waits.keys()].every((name) => /^[A-Z]+ \//.test(name))).toBe(true);
    const waitedNs = [...waits.values()].reduce((sum, ns) => sum + ns, 0);
    const behindNs = view.report.ledger
      .filter(({ layer }) => BEHIND_THE_WAIT.has(layer))
      .reduce((sum, { ns }) => sum + ns, 0);
    expect(waitedNs).toBeGreaterThan(0);
    expect(waitedNs).toBeLessThanOrEqual(behindNs);
  });
});
