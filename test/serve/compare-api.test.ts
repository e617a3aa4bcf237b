import { describe, expect, it } from 'vitest';
import { normalOf } from '../../src/analyse/normal.ts';
import type { CompareChoices, Comparison } from '../../src/model/comparison.ts';
import { createApp } from '../../src/serve/app.ts';
import type { RunSource } from '../../src/serve/run-source.ts';
import { runSummary, runView } from '../fixtures/run-view.ts';

const idOf = (n: number): string => `${n}bf92f3577b34da6a3ce929d0e0e4736`;
const views = [4, 3, 2].map((n) => runView({ traceId: idOf(n) }));
const store: RunSource = {
  runs: () => [
    runSummary(runView({ traceId: idOf(9) }), { status: 'running' }),
    ...views.map((view) => runSummary(view)),
  ],
  run: (traceId) => views.find((view) => view.report.traceId === traceId),
  file: () => undefined,
  findTrace: (prefix) => views.map(({ report }) => report.traceId).filter((id) => id.startsWith(prefix)),
};
const healthy = { ...views[0]!.report, ledger: [], steps: [] };
const knowing: RunSource = { ...store, usual: () => normalOf(Array.from({ length: 5 }, () => healthy)) };

const ask = (path: string, from = store) =>
  createApp({ store: from }).request(path, { headers: { host: '127.0.0.1' } });
const sentence = async (response: Response) => ((await response.json()) as { error: string }).error;

describe('the API of comparisons', () => {
  it('compares two runs, by prefixes too', async () => {
    const response = await ask('/api/compare/4bf9/3bf9');
    const comparison = (await response.json()) as Comparison;
    expect([comparison.a.traceId, comparison.b.traceId]).toEqual([idOf(4), idOf(3)]);
    expect(comparison.sentence).toMatch(/^Nothing differs/);
  });

  it('sends of many spans those that changed, when it is asked so', async () => {
    const large = runView({ traceId: idOf(5), spans: 6_000 });
    const scan = large.trace.spans.find(({ name }) => name === 'Seq Scan on orders')!;
    const spans = large.trace.spans.map((span) =>
      span === scan ? { ...span, endNs: span.endNs - 1e9 } : span,
    );
    const quicker = {
      ...large,
      report: { ...large.report, traceId: idOf(6) },
      trace: { ...large.trace, spans },
    };
    const both: RunSource = {
      ...store,
      run: (traceId) => [large, quicker].find(({ report }) => report.traceId === traceId),
    };
    const compared = async (least: string) =>
      (await (await ask(`/api/compare/${idOf(5)}/${idOf(6)}${least}`, both)).json()) as Comparison;
    const all = await compared('');
    expect([all.spans!.length, all.leftOut]).toEqual([(await compared('?least=0')).spans!.length, undefined]);
    const some = await compared('?least=usual');
    expect(some.spans!.length + some.leftOut!.spans).toBe(all.spans!.length);
    expect(some.spans!.length).toBeLessThan(20);
    const { spans: _, leftOut, ...rest } = some;
    const { spans: __, ...same } = all;
    expect(rest).toEqual(same);
    expect(leftOut!.leastNs).toBe(26e6);
  });

  it('compares with what is usual, once that is known', async () => {
    const comparison = (await (await ask('/api/compare/4bf9/normal', knowing)).json()) as Comparison;
    expect(comparison.b).toMatchObject({ kind: 'usual', runs: 5 });
    expect(comparison.spans).toBeNull();
    const unknown = await ask('/api/compare/4bf9/normal');
    expect(unknown.status).toBe(404);
    expect(await sentence(unknown)).toContain('five earlier runs');
  });

  it('says what a run can be compared with, and what is best', async () => {
    const choices = (await (await ask('/api/compare/4bf9')).json()) as CompareChoices;
    expect(choices).toMatchObject({ a: { traceId: idOf(4) }, usualRuns: null, first: idOf(3) });
    expect(choices.runs.map(({ traceId }) => traceId)).toEqual([idOf(3), idOf(2)]);
    const known = (await (await ask('/api/compare/4bf9', knowing)).json()) as CompareChoices;
    expect(known).toMatchObject({ usualRuns: 5, first: 'normal' });
  });

  it('says in a sentence what is no run', async () => {
    expect([(await ask('/api/compare/zz')).status, (await ask('/api/compare/ffff/4bf9')).status]).toEqual([
      400, 404,
    ]);
    expect(await sentence(await ask('/api/compare/4bf9/usual'))).toBe(
      '"usual" is not a trace ID: give 4 to 32 hex digits.',
    );
    expect(await sentence(await ask(`/api/compare/4bf9/${idOf(9)}`))).toContain('still under way');
  });
});
