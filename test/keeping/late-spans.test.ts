/** Spans that come after their run's spans were dropped. */
import { expect, it } from 'vitest';
import { reopened } from '../../src/run/reopen.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { reportedSpan } from '../store/spans.ts';
import { keepRun, traceIdOf } from './fill.ts';

it('do not make a run of themselves, and go with the next sweep', () => {
  const store = openStore(':memory:');
  const traceId = traceIdOf(1);
  const atUnixMs = Date.now() - 40 * 86_400_000;
  keepRun(store, 1, { atUnixMs, spanBytes: 100 });
  store.drop([{ traceId, part: 'spans', by: 'days', bytes: 1 }], 5);
  const left = store.run(traceId);
  // more batches than the run was made of: elsewhere a reason to make it anew
  for (const name of ['one', 'other']) store.append([reportedSpan({ traceId, name })]);
  expect(reopened(traceId, store)).toEqual(left);
  expect(left?.dropped?.spans).toEqual({ atUnixMs: 5, by: 'days' });
  const drops = store.planned({ days: 1, failedDays: 30, ordinary: 1, sizeBytes: 1e9 }, Date.now(), 0, false);
  expect(drops).toMatchObject([{ traceId, part: 'spans', by: 'failedDays' }]);
  store.drop(drops, 9);
  expect(store.spans(traceId)).toEqual([]);
  expect(store.summary(traceId)?.dropped?.spans?.atUnixMs).toBe(5);
});
