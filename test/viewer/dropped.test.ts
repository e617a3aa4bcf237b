/** A run of which something was dropped, in a real browser over the real store: what is left, and why. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { DroppedBy, KeptPart } from '../../src/model/keeping.ts';
import { reopening } from '../../src/run/reopen.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { runView, TRACE_ID } from '../fixtures/run-view.ts';
import { axeViolations, startViewerBench, type ViewerBench } from './viewer-page.ts';

const store = openStore(':memory:');
let bench: ViewerBench;
beforeAll(async () => {
  bench = await startViewerBench(reopening(store));
}, 120_000);
afterAll(async () => {
  await bench?.stop();
  store.close();
});
afterEach(() => expect(bench.complaints()).toEqual([]));

const drop = (part: KeptPart, by: DroppedBy) =>
  store.drop([{ traceId: TRACE_ID, part, by, bytes: 1 }], Date.UTC(2026, 10, 28));

it('says when and why its spans went, and shows verdict, ledger and steps', async () => {
  store.saveRun(runView());
  drop('spans', 'days');
  const page = await bench.open(`/run/${TRACE_ID}`);
  const note = page.getByRole('note');
  await note.waitFor();
  expect(await note.textContent()).toBe(
    'There is no waterfall of this run: its spans were dropped on 2026-11-28 by keep.days. Its verdict, ledger and steps are kept.',
  );
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(runView().report.verdict.sentence);
  const rows = page.getByRole('group', { name: 'Where the time went' }).getByRole('row');
  expect(await rows.count()).toBeGreaterThan(2);
  expect(await page.getByRole('group', { name: 'Steps' }).getByRole('row').count()).toBeGreaterThan(1);
  expect(await axeViolations(page)).toEqual([]);
  await page.getByRole('link', { name: 'Runs' }).click();
  await page.getByText('summary only').waitFor();
  await page.context().close();
});

it.each(['/pipes', '/walk', '/compare'])('says at %s that it cannot be drawn', async (path) => {
  const page = await bench.open(`/run/${TRACE_ID}${path}`);
  await page
    .getByText('cannot be drawn any more: its spans were dropped on 2026-11-28 by keep.days')
    .waitFor();
  await page.context().close();
});

it('says of one whose report went too that its row is all there is', async () => {
  drop('report', 'size');
  const page = await bench.open(`/run/${TRACE_ID}`);
  await page.getByText('Only the row of run').waitFor();
  await page.context().close();
});
