/** What the evaluation makes of runs: its plan, its judgement, its sums, its page. No shop, no browser. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { faults } from '../../scenarios/faults/index.ts';
import { treeOf } from '../../src/analyse/tree.ts';
import type { LedgerEntry, RunReport } from '../../src/model/report.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { readRun, viewOf } from '../fixtures/recorded-run.ts';
import { accuracyPage, PICTURE } from './accuracy-page.ts';
import { drawConfusion } from './confusion-matrix.ts';
import { evaluate } from './evaluate.ts';
import { judge, judgeCompared } from './judge.ts';
import { judgeAgain } from './judge-again.ts';
import { judgedAlone, type KeptRun, readKeptRuns } from './kept-runs.ts';
import { drawPast } from './pasts.ts';
import { type Case, planOf } from './plan.ts';
import { publish } from './publish.ts';
import { randomFrom } from './random.ts';
import { appendResult, type Result, readResults } from './results.ts';
import { quantile, wilson } from './statistics.ts';
import { comparedOf, summaryOf } from './summary.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-eval-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WHOLE = { sizesMs: [50, 400], repeat: 3, quiet: 25, double: 12, seed: 7 };
const MS = 1e6;

describe('the plan', () => {
  const plan = planOf(WHOLE);

  it('is the same for the same seed, and another for another', () => {
    expect(planOf(WHOLE)).toEqual(plan);
    expect(planOf({ ...WHOLE, seed: 8 }).map(({ key }) => key)).not.toEqual(plan.map(({ key }) => key));
  });

  it('has every fault at every size it can have, as often as asked', () => {
    const runs = new Map<string, number>();
    for (const { kind, faults: asked, runs: count } of plan)
      if (kind === 'single') runs.set(asked[0]!.name, (runs.get(asked[0]!.name) ?? 0) + count);
    for (const { name, fixedMs, outcome } of Object.values(faults))
      expect([name, runs.get(name)]).toEqual([name, fixedMs !== undefined || outcome === 'failed' ? 3 : 6]);
    expect(new Set(plan.map(({ key }) => key)).size).toBe(plan.length);
    expect(plan.reduce((sum, { kind, runs: count }) => sum + (kind === 'quiet' ? count : 0), 0)).toBe(25);
  });

  it('begins with what is usual, in two shops', () => {
    const [first, second, ...rest] = planOf({ ...WHOLE, usual: 8 });
    expect([first, second].map((asked) => [asked?.key, asked?.runs])).toEqual([
      ['usual seed 7.1', 5],
      ['usual seed 7.2', 3],
    ]);
    expect(rest).toEqual(plan);
  });

  it('pairs faults of two layers, one clearly larger, both as large as is promised for', () => {
    const pairs = plan.filter(({ kind }) => kind === 'double').map((asked) => asked.faults);
    expect(pairs).toHaveLength(12);
    for (const [larger, smaller] of pairs as [Case['faults'][0], Case['faults'][0]][]) {
      expect(faults[larger.name]!.expected.layer).not.toBe(faults[smaller.name]!.expected.layer);
      expect(larger.ms).toBeGreaterThanOrEqual(smaller.ms * 1.3);
      expect(smaller.ms).toBeGreaterThanOrEqual(50);
      expect(larger.ms).toBeLessThanOrEqual(500);
    }
  });

  it('names the known faults when there is none of a name', () => {
    expect(() => planOf({ ...WHOLE, only: ['dns-slo'] })).toThrow(
      /no fault "dns-slo". Did you mean dns-slow,/,
    );
  });
});

const entry = (cause: string, ms: number): LedgerEntry => ({
  layer: cause.split('.', 1)[0] as LedgerEntry['layer'],
  component: 'ns1.shop.example',
  cause,
  ns: ms * MS,
  evidence: 'measured',
  spanIds: [],
});

const START_MS = 1_795_000_000_000;

/** A run of a second that blames its first entry. */
function report(...ledger: LedgerEntry[]): RunReport {
  const { layer, component, cause, ns } = ledger[0]!;
  return {
    traceId: '',
    journey: 'checkout',
    status: 'ok',
    startUnixNano: `${START_MS}000000`,
    wallNs: 1_000 * MS,
    steps: [],
    ledger,
    unknownNs: 5 * MS,
    coverage: [],
    clocks: [],
    warnings: [],
    overhead: {},
    viewerUrl: null,
    verdict: {
      layer,
      component,
      cause,
      ns,
      sentence: `${cause} it was.`,
      evidence: '',
      next: '',
      spanIds: [],
    },
  };
}

/** As beside a normal: the verdict has the excess, whatever the ledger has. */
const blaming = (cause: string, ms: number, ...others: [cause: string, ms: number][]): RunReport => {
  const made = report(entry(cause, ms * 3));
  const told = others.map(([other, otherMs]) => ({ ...entry(other, otherMs), ns: otherMs * MS }));
  return {
    ...made,
    verdict: { ...made.verdict, ns: ms * MS, confidence: 'certain', ...(told.length && { others: told }) },
  };
};

const dnsSlow: Case = {
  key: 'dns-slow=150 seed 1',
  kind: 'single',
  faults: [{ name: 'dns-slow', ms: 150 }],
  runs: 1,
};
const quiet: Case = { key: 'quiet seed 1.1', kind: 'quiet', faults: [], runs: 2 };
const noted = (fault: string, ms: number, atMs = 500) => ({ fault, ms, atUnixMs: START_MS + atMs });

describe('kept runs, judged again', () => {
  const recorded = readRun('dns-slow');
  const { report: seen, trace, lanes } = viewOf(recorded);
  const tree = treeOf(trace, lanes);
  /** The recorded run as one without a fault, and later. */
  const keptRun = (kind: 'single' | 'quiet', i: number): KeptRun => {
    const work = seen.ledger.filter(({ cause }) => cause !== 'dns.slow_upstream');
    const ledger = work.map((entry, place) => (place === 0 ? { ...entry, ns: entry.ns + i * MS } : entry));
    const asked = kind === 'single' ? dnsSlow : quiet;
    return {
      asked,
      result: { key: `${asked.key} #${i}`, version: '', commit: '', atUnixMs: START_MS + i, tookMs: 1 },
      report: kind === 'single' ? seen : { ...seen, ledger, steps: [] },
      tree,
      injections: [],
    };
  };
  const kept = [keptRun('single', 0), ...Array.from({ length: 12 }, (_, i) => keptRun('quiet', i + 1))];
  const again = judgeAgain(kept, 3);

  it('are judged by themselves, and each beside as many pasts of either kind as asked', () => {
    expect(again.alone).toHaveLength(13);
    expect(again.beside['in a row']).toHaveLength(39);
    expect(again.beside.scattered).toHaveLength(39);
    for (const { judged } of [...again.alone, ...again.beside.scattered])
      expect(judged).toMatchObject({ isCauseRight: true, falseCauses: [] });
  });

  it('find what was planted in quiet ones, the more the longer it is', () => {
    const shares = [...again.planted['in a row'].values()].map(({ found, planted }) => found / planted);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBeGreaterThan(0.9);
    for (const { wrong } of again.planted.scattered.values()) expect(wrong).toBe(0);
  });

  it('are read from the results and the store of an evaluation, with the time that was noted', () => {
    const store = openStore(join(folder, 'kept.db'));
    store.append(recorded.spans);
    const judgedOnce = judge(dnsSlow, seen, []);
    const fault = { ...judgedOnce.faults[0]!, injectedMs: 123, isNoted: true };
    const result: Result = {
      ...kept[0]!.result,
      traceId: recorded.traceId,
      judged: { ...judgedOnce, faults: [fault] },
    };
    const gone = { ...result, traceId: 'a'.repeat(32) };
    const [read, ...others] = readKeptRuns([gone, result], store);
    store.close();
    expect(others).toEqual([]);
    expect(judgedAlone(read!).faults).toMatchObject([{ injectedMs: 123, isNoted: true }]);
    expect(judgedAlone(read!).isCauseRight).toBe(true);
  });

  it('are never part of their own past', () => {
    const all = [1, 2, 3, 4, 5, 6, 7, 8];
    for (const past of ['in a row', 'scattered'] as const)
      for (const run of all) {
        const drawn = drawPast(past, all, run, 5, randomFrom(`${past} ${run}`));
        expect(new Set(drawn).size).toBe(5);
        expect(drawn).not.toContain(run);
      }
    expect(drawPast('in a row', all, 1, 5, () => 0.99)).toEqual([4, 5, 6, 7, 8]);
  });
});

describe('the judgement', () => {
  it('compares the blamed time with what was noted while the run was on', () => {
    const injections = [
      noted('dns-slow', 148),
      noted('dns-slow', 3),
      noted('dns-slow', 900, -5_000),
      noted('db-seq-scan', 70),
    ];
    const judged = judge(dnsSlow, report(entry('dns.slow_upstream', 155)), injections);
    expect(judged).toMatchObject({
      isLayerRight: true,
      isCauseRight: true,
      falseCauses: [],
      unknownShare: 0.005,
    });
    expect(judged.faults).toEqual([
      { name: 'dns-slow', askedMs: 150, injectedMs: 151, isNoted: true, blamedMs: 155 },
    ]);
  });

  it('takes the asked time where nobody noted any', () => {
    const {
      faults: [fault],
    } = judge(dnsSlow, report(entry('dns.slow_upstream', 155)), []);
    expect(fault).toMatchObject({ injectedMs: 150, isNoted: false });
  });

  it('is wrong when the verdict names another cause, even when the ledger has the right one too', () => {
    const judged = judge(
      dnsSlow,
      report(entry('dns.timeout_retry', 200), entry('dns.slow_upstream', 150)),
      [],
    );
    expect(judged).toMatchObject({
      isLayerRight: true,
      isCauseRight: false,
      falseCauses: [{ cause: 'dns.timeout_retry', ms: 200 }],
    });
  });

  it('calls a problem in a quiet run a false cause, and normal work none', () => {
    expect(
      judge(quiet, report(entry('browser.automation', 300), entry('dns.slow_upstream', 19)), []),
    ).toMatchObject({ isCauseRight: true, falseCauses: [] });
    expect(judge(quiet, report(entry('dns.slow_upstream', 21)), [])).toMatchObject({
      isCauseRight: false,
      falseCauses: [{ cause: 'dns.slow_upstream', ms: 21 }],
    });
  });

  it('of two faults wants the one that was really larger', () => {
    const two: Case = {
      key: 'double 1',
      kind: 'double',
      faults: [
        { name: 'db-seq-scan', ms: 300 },
        { name: 'dns-slow', ms: 200 },
      ],
      runs: 1,
    };
    const judged = judge(two, report(entry('dns.slow_upstream', 250), entry('db.seq_scan', 120)), [
      noted('db-seq-scan', 120),
      noted('dns-slow', 250),
    ]);
    expect(judged).toMatchObject({ isCauseRight: true, isSecondNamed: false });
    expect(judged.faults.map(({ name }) => name)).toEqual(['dns-slow', 'db-seq-scan']);
  });
});

describe('the judgement beside earlier runs', () => {
  it('takes for the time what the verdict says is more than usual, and all that it blames else for false', () => {
    const made = blaming('dns.slow_upstream', 140, ['service.work', 30]);
    expect(judgeCompared(dnsSlow, made, [noted('dns-slow', 150)])).toMatchObject({
      isLayerRight: true,
      isCauseRight: true,
      falseCauses: [{ cause: 'service.work', ms: 30 }],
      faults: [{ injectedMs: 150, blamedMs: 140 }],
    });
  });

  it('is wrong where nothing stands out, even if the largest piece is what was injected', () => {
    const judged = judgeCompared(dnsSlow, report(entry('dns.slow_upstream', 150)), []);
    expect(judged).toMatchObject({ isLayerRight: false, isCauseRight: false, faults: [{ blamedMs: 0 }] });
  });

  it('calls a quiet run right when nothing stands out, and any blame false', () => {
    expect(judgeCompared(quiet, report(entry('dns.slow_upstream', 150)), []).falseCauses).toEqual([]);
    expect(judgeCompared(quiet, blaming('service.work', 30), [])).toMatchObject({
      isCauseRight: false,
      falseCauses: [{ cause: 'service.work', ms: 30 }],
    });
  });

  it('takes what a journey failed on from its verdict', () => {
    const failed: RunReport = { ...blaming('dns.nxdomain', 3), status: 'failed' };
    const gone: Case = { ...dnsSlow, faults: [{ name: 'dns-gone', ms: 150 }] };
    expect(judgeCompared(gone, failed, [])).toMatchObject({ isCauseRight: true, falseCauses: [] });
  });
});

const result = (key: string, judged: Result['judged']): Result => ({
  key,
  version: 'v',
  commit: 'c',
  atUnixMs: 1,
  tookMs: 1,
  judged,
});
const right: Result = {
  ...result(
    'dns-slow=150 seed 1 #1',
    judge(dnsSlow, report(entry('dns.slow_upstream', 152)), [noted('dns-slow', 150)]),
  ),
  compared: judgeCompared(dnsSlow, blaming('dns.slow_upstream', 149), [noted('dns-slow', 150)]),
};
const wrong = result(
  'dns-slow=150 seed 1 #2',
  judge(dnsSlow, report(entry('dns.timeout_retry', 150)), [noted('dns-slow', 150)]),
);
const broken: Result = {
  key: 'dns-slow=150 seed 1 #3',
  version: 'v',
  commit: 'c',
  atUnixMs: 1,
  tookMs: 1,
  broken: 'dns did not start',
};

describe('the sums', () => {
  it('count each promise, kept or not, and never a broken run as right', () => {
    const { rows, criteria, runs, confusion } = summaryOf([right, wrong, broken]);
    expect(runs).toBe(2);
    expect(rows).toEqual([
      expect.objectContaining({
        fault: 'dns-slow',
        runs: 2,
        layerRight: 2,
        causeRight: 1,
        noted: 2,
        broken: 1,
        medianErrorMs: -74,
      }),
    ]);
    expect(criteria[0]).toMatchObject({ reached: '50 % (1 of 2)', isKept: false });
    expect(confusion).toEqual({ 'dns.slow_upstream': { 'dns.slow_upstream': 1, 'dns.timeout_retry': 1 } });
  });

  it('leave out what shows what is usual, and of those compared the ones that were not', () => {
    const usual = result(
      'usual seed 1.1 #1',
      judge({ ...quiet, kind: 'usual' }, report(entry('dns.slow_upstream', 90)), []),
    );
    expect(summaryOf([usual, right])).toEqual(summaryOf([right]));
    expect(summaryOf(comparedOf([usual, right, wrong, broken]))).toMatchObject({
      runs: 1,
      broken: [],
      rows: [{ runs: 1, causeRight: 1, medianErrorMs: -1 }],
    });
  });

  it('know nothing of what was not run', () => {
    const criterion = summaryOf([right]).criteria.find(({ name }) => name.includes('quiet'));
    expect([criterion?.reached, criterion?.isKept]).toEqual(['not run', undefined]);
  });

  it('count every false cause of a quiet run, and its interval by runs', () => {
    const two = judge(quiet, report(entry('dns.slow_upstream', 30), entry('db.seq_scan', 40)), []);
    const { criteria } = summaryOf([result('quiet seed 1.1 #1', two)]);
    expect(criteria.at(-1)).toMatchObject({ reached: '2 in 1', isKept: false, hits: 1, total: 1 });
  });

  it('take quantiles between ranks, and Wilson’s interval', () => {
    expect([quantile([4, 1, 3, 2], 0.5), quantile([], 0.5), quantile([7], 0.95)]).toEqual([
      2.5,
      undefined,
      7,
    ]);
    const { low, high } = wilson(10, 10);
    expect([low.toFixed(4), high.toFixed(4)]).toEqual(['0.7225', '1.0000']);
  });
});

describe('the results file', () => {
  it('gives back what was appended, without a line that was cut off', () => {
    const file = join(folder, 'results.jsonl');
    appendResult(file, right);
    writeFileSync(file, `${readFileSync(file, 'utf8')}{"key":"dns-slow=150 se`);
    expect(readResults(file)).toEqual([right]);
    expect(readResults(join(folder, 'none'))).toEqual([]);
  });
});

describe('the evaluation', () => {
  const options = {
    version: 'v',
    commit: 'c',
    done: new Set<string>(),
    signal: new AbortController().signal,
  };

  it('does what is missing, and goes on after a shop that does not start and a run that breaks', async () => {
    const results: Result[] = [];
    let runs = 0;
    const judged = right.judged!;
    const run = async () => {
      if (++runs === 2) throw new Error('the browser is gone');
      return { traceId: 't', judged };
    };
    const stage = {
      startShop: async ({ kind }: Case) => {
        if (kind === 'single') throw new Error('dns did not start');
        return { run, stop: async () => {} };
      },
      stop: async () => {},
    };
    const three = { ...quiet, runs: 4 };
    const done = new Set([`${quiet.key} #2`]);
    await evaluate([dnsSlow, three], stage, { ...options, done, onResult: (made) => results.push(made) });
    expect(results.map(({ key, broken: why }) => [key, why])).toEqual([
      ['dns-slow=150 seed 1 #1', 'dns did not start'],
      ['quiet seed 1.1 #1', undefined],
      ['quiet seed 1.1 #3', 'the browser is gone'],
      ['quiet seed 1.1 #4', undefined],
    ]);
  });
});

describe('the page', () => {
  it('is written with its figures and its picture', async () => {
    const docs = mkdtempSync(join(folder, 'docs-'));
    mkdirSync(join(docs, 'images'));
    await publish([right, wrong, broken], 'npm run eval', docs);
    expect(readFileSync(join(docs, 'accuracy.md'), 'utf8')).toMatch(
      /2 runs on 1970-01-01, code c: .*PostgreSQL \d/,
    );
    expect(JSON.parse(readFileSync(join(docs, 'accuracy.json'), 'utf8'))).toMatchObject({
      version: 2,
      runs: 2,
      broken: [{}],
      compared: { runs: 1 },
    });
    expect(readFileSync(join(docs, PICTURE), 'utf8')).toContain('</svg>');
  });

  it('tells what was reached and what was wrong', () => {
    const machine = { cpu: 'a CPU', cores: 2, memoryGb: 4, system: 'Linux 6', versions: { Chromium: '156' } };
    const page = accuracyPage({
      summary: summaryOf([right, wrong, broken]),
      compared: summaryOf(comparedOf([right, wrong, broken])),
      usualRuns: 10,
      machine,
      command: 'npm run eval',
      commit: 'c',
      day: '2026-01-02',
      notRun: ['db-seq-scan'],
    });
    expect(page).toContain(
      '| Layer and cause, one fault of 50–500 ms | ≥ 99 % | ❌ 50 % (1 of 2) | 9.5 % – 91 % | ✅ 100.0 % (1 of 1) |',
    );
    expect(page).toContain('| `dns-slow` | `dns.slow_upstream` | 2 (1 broken) | 2 | **1** |');
    expect(page).toContain('beside 10 quiet runs');
    expect(page).toContain('`dns-slow=150 seed 1 #2`: blamed dns.timeout_retry');
    expect(page).toContain('| 150 ms | 2 | **1** | 76.0 ms |');
    expect(page).toContain('Not part of this evaluation: `db-seq-scan`');
  });

  it('draws what was taken for what', () => {
    const svg = drawConfusion(summaryOf([right, wrong]).confusion);
    expect(svg).toContain('<title>dns.slow_upstream blamed as dns.timeout_retry: 1 (50 %)</title>');
    expect(svg).not.toMatch(/NaN|undefined/);
  });
});
