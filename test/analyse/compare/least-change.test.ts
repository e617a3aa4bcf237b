import { expect, it } from 'vitest';
import { withChangesFrom } from '../../../src/analyse/compare/least-change.ts';
import type { Comparison, SpanChange } from '../../../src/model/comparison.ts';

/** Name, parent, change. */
const span = (name: string, parent: number, deltaNs: number, ownDeltaNs = 0): SpanChange => ({
  parent,
  kind: 'both',
  name,
  type: null,
  layer: 'service',
  component: 'web',
  a: null,
  b: null,
  deltaNs,
  ownDeltaNs,
});
const comparison = (spans: readonly SpanChange[] | null) => ({ spans }) as Comparison;

it('keeps what changed enough, and what it hangs under, however little that changed', () => {
  const all = [
    span('run', -1, 0),
    span('quiet step', 0, 1),
    span('quiet request', 1, 2),
    span('step', 0, 3),
    span('request', 3, -4),
    span('query', 4, -500),
    span('waited less in itself', 3, 0, -90),
  ];
  const { spans, leftOut } = withChangesFrom(comparison(all), 90);
  expect(spans?.map(({ name, parent }) => [name, parent])).toEqual([
    ['run', -1],
    ['step', 0],
    ['request', 1],
    ['query', 2],
    ['waited less in itself', 1],
  ]);
  expect(leftOut).toEqual({ leastNs: 90, spans: 2 });
});

it('leaves a comparison without spans as it is', () => {
  expect(withChangesFrom(comparison(null), 90)).toEqual({ spans: null });
});
