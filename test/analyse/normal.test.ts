/** What is usual, and what a verdict makes of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excessesOf } from '../../src/analyse/excess.ts';
import { type JudgedRun, normalOf } from '../../src/analyse/normal.ts';
import { treeOf } from '../../src/analyse/tree.ts';
import { verdictOf } from '../../src/analyse/verdict.ts';
import type { Layer } from '../../src/model/layer.ts';
import type { LedgerEntry, StepReport } from '../../src/model/report.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { reported } from '../stitch/reported.ts';

/** `service.work` → ms, or by component: `service.work@inventory` → ms. */
type Times = Readonly<Record<string, number>>;

const MS = 1e6;

function ledgerOf(times: Times): LedgerEntry[] {
  return Object.entries(times).map(([name, ms]) => {
    const [cause = '', component = 'shop'] = name.split('@');
    const layer = cause.split('.', 1)[0] as Layer;
    return { layer, cause, component, ns: ms * MS, evidence: 'measured', spanIds: [] };
  });
}

const total = (ledger: readonly LedgerEntry[]): number => ledger.reduce((sum, { ns }) => sum + ns, 0);

function run(...steps: readonly Times[]): JudgedRun & { journey: string } {
  const all: StepReport[] = steps.map((times, i) => {
    const ledger = ledgerOf(times);
    return { name: `step ${i + 1}`, spanId: '', status: 'ok', startNs: 0, wallNs: total(ledger), ledger };
  });
  const ledger = all.flatMap((step) => step.ledger);
  return { journey: 'journey', status: 'ok', wallNs: total(ledger), ledger, steps: all };
}

const tree = treeOf(stitch([reported('run', undefined, 0, 1, { type: 'run', layer: 'browser' })])!);
const onLaptop = {
  ...reported('run', undefined, 0, 1, { type: 'run', layer: 'browser' }),
  resource: { 'process.pid': 1, 'host.name': 'laptop' },
};
const crowdedTree = treeOf(stitch([onLaptop])!, [
  { host: 'laptop', name: 'CPU busy', unit: '%', timesNs: [0, 1e6], values: [0, 97] },
]);
const USUAL: Times = {
  'browser.queue': 300,
  'service.work@inventory:80': 20,
  'service.work@web': 90,
  think: 500,
};
/** Six runs that differ by a few ms. */
const earlier = [0, 1, 2, 3, 4, 5].map((i) => run({ ...USUAL, 'browser.queue': 300 + i }));
const normal = normalOf(earlier)!;
const judged = (...steps: readonly Times[]) => verdictOf(run(...steps), tree, normal);

describe('what is usual', () => {
  it('is not known from fewer than five runs', () => {
    expect(normalOf(earlier.slice(0, 4))).toBeUndefined();
    expect(normalOf(earlier.slice(0, 5))?.runs).toBe(5);
  });

  it('is not learned from runs that failed or had a problem', () => {
    const failed = { ...run(USUAL), status: 'failed' as const };
    const spoilt = run({ ...USUAL, 'dns.slow_upstream': 150 });
    expect(normalOf([...earlier.slice(0, 4), failed, spoilt, spoilt])).toBeUndefined();
  });

  it('is not moved by one run that was slow for no known reason', () => {
    const odd = normalOf([...earlier, run({ ...USUAL, 'service.work@web': 2_000 })])!;
    expect(odd.wall.medianNs / MS).toBe(913);
    expect(excessesOf(run({ ...USUAL, 'service.work@web': 290 }), odd)[0]?.ns).toBe(200 * MS);
  });

  it('finds nothing unusual in any of the runs that it was made of', () => {
    const times = fc.record({
      'browser.queue': fc.integer({ min: 0, max: 300 }),
      'service.work': fc.integer({ min: 0, max: 300 }),
    });
    fc.assert(
      fc.property(fc.array(times, { minLength: 5, maxLength: 12 }), (all) => {
        const made = normalOf(all.map((one) => run(one)))!;
        for (const one of all) expect(excessesOf(run(one), made)).toEqual([]);
      }),
    );
  });
});

describe('a verdict against what is usual', () => {
  it('says what the problem has more than usual', () => {
    const verdict = judged({ ...USUAL, 'dns.slow_upstream': 150 });
    expect(verdict).toMatchObject({ layer: 'dns', cause: 'dns.slow_upstream', ns: 150 * MS });
    expect(verdict.usual).toEqual({ runs: 6, wallNs: 912.5 * MS, ns: 0 });
    expect(verdict.sentence).toBe(
      'journey took 1.06 s (usually 913 ms); 150 ms more than usual is DNS: name server shop answered slowly.',
    );
  });

  it('blames work that is no problem by itself, at the part that took longer', () => {
    const verdict = judged({ ...USUAL, 'service.work@inventory:81': 80, 'service.work@inventory:80': 0 });
    expect(verdict).toMatchObject({ cause: 'service.work', component: 'inventory:81', ns: 60 * MS });
    expect(verdict.next).toContain('“step 1”');
  });

  it('blames the part that took longer, not the one that is larger as always', () => {
    const verdict = judged({ ...USUAL, 'service.work@inventory:80': 45 });
    expect(verdict).toMatchObject({ cause: 'service.work', component: 'inventory:80', ns: 25 * MS });
  });

  it('does not blame what is as always', () => {
    const verdict = judged(USUAL);
    expect(verdict.sentence).toBe(
      'journey took 910 ms (usually 913 ms) and nothing stands out; the largest part is the browser with 300 ms.',
    );
    expect(verdict.others).toBeUndefined();
  });

  it('does not blame work that took longer with all the rest, nor where it is but a part of what did', () => {
    const times = (factor: number) =>
      Object.fromEntries(Object.entries(USUAL).map(([name, ms]) => [name, ms * factor]));
    expect(judged(times(1.6)).sentence).toBe(
      'journey took 1.46 s, 244 ms more than usual, spread over the browser and the services; no single part stands out: all work took about 1.6 times as long.',
    );
    expect(judged({ ...USUAL, 'browser.queue': 340 }).sentence).toBe(
      'journey took 950 ms, 38 ms more than usual, most of it (38 ms) in browser.queue of shop, which may be chance; nothing else stands out.',
    );
    const among = { 'service.work@web': 390, 'browser.main_thread': 300, 'browser.queue': 600 };
    expect(judged({ ...USUAL, ...among }).sentence).toContain('spread over');
  });

  it('never blames the observation itself, and says what it took', () => {
    const verdict = judged({ ...USUAL, 'browser.automation': 300, 'browser.polling': 200 });
    expect(verdict.confidence).toBeUndefined();
    expect(verdict.sentence).toBe(
      'journey took 1.41 s, 498 ms more than usual, most of it (498 ms) for the observation itself; no part of the site stands out.',
    );
    expect(judged({ ...USUAL, 'browser.automation': 300, 'service.work@web': 290 })).toMatchObject({
      cause: 'service.work',
      ns: 200 * MS,
    });
  });

  it('says that the machine was busy where its agent saw that, and what was longer', () => {
    const slower = run({ ...USUAL, 'browser.polling': 90, 'browser.queue': 390, 'service.work@web': 150 });
    const verdict = verdictOf(slower, crowdedTree, normal);
    expect(verdict.sentence).toBe(
      'journey took 1.15 s, 238 ms more than usual, spread over the browser and the services; no single part stands out: the machine was busy.',
    );
    expect(verdict.evidence).toBe(
      'What was longer: browser.polling by 90 ms, browser.queue by 88 ms, service.work by 60 ms. No part of it alone explains the slowdown. The CPUs of laptop, where the browser ran, were busy during 97 % of the run.',
    );
    expect(verdict.next).toContain('Run it again when the machine that observes has less to do');
  });

  it('does not blame work that took longer while the run was no slower', () => {
    expect(judged({ ...USUAL, 'service.work@web': 190, 'browser.queue': 200 }).sentence).toContain(
      'nothing stands out',
    );
  });

  it('blames a known problem in a run that was no slower, for that one has a reason of its own', () => {
    expect(judged({ ...USUAL, 'browser.queue': 200, 'dns.slow_upstream': 100 })).toMatchObject({
      cause: 'dns.slow_upstream',
    });
  });

  it('says a known problem before work that was held up with it, and before far more it does not', () => {
    const and = (ms: number) =>
      judged({ ...USUAL, 'dns.slow_upstream': 100, 'browser.queue': 300 + ms }).cause;
    expect([and(400), and(600)]).toEqual(['dns.slow_upstream', 'browser.queue']);
  });

  it('does not look for more where the problem explains why the run was slower', () => {
    const slower = { ...USUAL, 'dns.slow_upstream': 200, 'browser.queue': 262 };
    expect(judged({ ...slower, 'service.work@web': 130 }).others).toBeUndefined();
    expect(judged({ ...slower, 'service.work@web': 330 }).others).toEqual([
      { layer: 'service', component: 'web', cause: 'service.work', ns: 240 * MS },
    ]);
  });

  it('never blames the time that a visitor takes to think', () => {
    expect(judged({ ...USUAL, think: 5_000 })).toMatchObject({
      layer: 'browser',
      sentence: expect.stringContaining('nothing stands out'),
    });
  });

  it('sees a step that is slower while another is faster', () => {
    const two = normalOf(
      [1, 2, 3, 4, 5].map(() => run({ 'dns.slow_upstream': 15 }, { 'dns.slow_upstream': 4 })),
    )!;
    const [excess] = excessesOf(run({ 'dns.slow_upstream': 0 }, { 'dns.slow_upstream': 34 }), two);
    expect(excess?.ns).toBe(30 * MS);
  });

  it('says so when the run was slower and no part is to blame', () => {
    const many = (ms: number) =>
      run(Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`service.work${i}`, ms])));
    const spread = normalOf([1, 2, 3, 4, 5].map(() => many(10)))!;
    expect(verdictOf(many(25), tree, spread).sentence).toBe(
      'journey took 250 ms, 150 ms more than usual, spread over the services; no single part stands out: all work took about 2.5 times as long.',
    );
  });
});
