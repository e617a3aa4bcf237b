/** Traces that a run's requests name, as they come: before, meanwhile, late, in pieces, or not at all. */
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { awaitedBy } from '../../src/run/awaited.ts';
import { withNamed } from '../../src/run/named-traces.ts';
import { reopened } from '../../src/run/reopen.ts';
import { restitch } from '../../src/run/restitch.ts';
import { strangersIn } from '../../src/run/strangers.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { idOf, reported, TRACE_ID } from '../stitch/reported.ts';

const THEIRS = 'e'.repeat(32);
const CLIENT_PORT = { [HEADWATER.clientPort]: 50_488 };

const run = reported('run', undefined, 0, 100, { type: 'run', attributes: { [HEADWATER.journey]: 'buy' } });
const page = reported('page', 'run', 10, 90, {
  type: 'request',
  kind: 'client',
  attributes: {
    'http.request.method': 'GET',
    'url.full': 'https://shop.example/cart',
    'http.response.status_code': 200,
    'server.address': 'shop.example',
    ...CLIENT_PORT,
  },
  links: [{ traceId: THEIRS, spanId: idOf('web'), attributes: { 'headwater.role': 'answered_in' } }],
});
const theirs = (id: string, parent: string | undefined, startMs: number, endMs: number, given = {}) => ({
  ...reported(id, parent, startMs, endMs, {
    source: 'otlp',
    kind: 'server' as const,
    resource: { 'service.name': 'web' },
    attributes: { 'http.request.method': 'GET', 'url.path': '/cart', 'network.peer.port': 50_488 },
    ...given,
  }),
  traceId: THEIRS,
});
const edge = theirs('edge', undefined, 20, 80, { resource: { 'service.name': 'edge' } });
const web = theirs('web', 'edge', 30, 70);
const query = theirs('query', 'web', 40, 60, {
  kind: 'client',
  attributes: { 'db.system.name': 'postgresql' },
});

const open: Store[] = [];
afterEach(() => {
  for (const store of open.splice(0)) store.close();
});
function storeWith(...spans: readonly ReportedSpan[]): Store {
  const store = openStore(':memory:');
  open.push(store);
  store.append(spans);
  return store;
}
const lookAt = (store: Store) => {
  const view = reopened(TRACE_ID, store) ?? restitch(TRACE_ID, store)!;
  store.saveRun(view);
  return view;
};
/** span ← its parent */
const tree = (store: Store) =>
  lookAt(store)
    .trace.spans.filter(({ evidence }) => evidence !== 'inferred')
    .map(
      ({ name, parentId }) => `${name} ← ${[run, page, edge, web].find((s) => s.spanId === parentId)?.name}`,
    );

it('are part of the run when they were there before', () => {
  const store = storeWith(run, page, edge, web, query);
  expect(tree(store)).toEqual(['run ← undefined', 'page ← run', 'edge ← page', 'web ← edge', 'query ← web']);
  const found = lookAt(store).trace.spans.find(({ name }) => name === 'query');
  expect(found?.attributes[HEADWATER.joinedTrace]).toBe(THEIRS);
});

it('make the run anew when they come late, or in pieces, and once only', () => {
  const store = storeWith(run, page);
  expect(tree(store)).toEqual(['run ← undefined', 'page ← run']);
  store.append([web]);
  expect(tree(store)).toEqual(['run ← undefined', 'page ← run', 'web ← page']);
  store.append([query, edge]);
  expect(tree(store)).toHaveLength(5);
  const { chunks } = store.lastAppend(TRACE_ID);
  expect(tree(store)).toEqual(['run ← undefined', 'page ← run', 'edge ← page', 'web ← edge', 'query ← web']);
  expect(store.lastAppend(TRACE_ID).chunks).toBe(chunks);
  expect(store.spans(THEIRS)).toEqual([web, query, edge]);
});

it('are the same whatever order and batches they come in', () => {
  const expected = JSON.stringify(lookAt(storeWith(run, page, edge, web, query)).report);
  const arrivals = fc.tuple(
    fc.shuffledSubarray([page, edge, web, query], { minLength: 4 }),
    fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  );
  fc.assert(
    fc.property(arrivals, ([spans, looks]) => {
      const store = storeWith(run);
      spans.forEach((span, i) => {
        store.append([span]);
        if (looks[i]) lookAt(store);
      });
      expect(JSON.stringify(lookAt(store).report)).toBe(expected);
    }),
    { numRuns: 60 },
  );
});

it('count as the run’s own while it settles', () => {
  const store = storeWith(run, page);
  const arrivals = withNamed(TRACE_ID, store);
  expect(arrivals.lastAppend(TRACE_ID).chunks).toBe(1);
  store.append([web]);
  expect(arrivals.lastAppend(TRACE_ID).chunks).toBe(2);
});

it('are awaited where the run before has heard them', () => {
  const store = storeWith(run, page, web);
  store.saveRun(lookAt(store));
  const now = 'a'.repeat(32);
  const later = { ...page, links: [{ ...page.links[0]!, traceId: 'd'.repeat(32) }] };
  store.append([run, later].map((span) => ({ ...span, traceId: now })));
  const awaited = awaitedBy(now, 'buy', store);
  expect([awaited.isWaiting(), awaited.silent().map(({ where }) => where)]).toEqual([true, ['web']]);
  store.append([{ ...web, traceId: 'd'.repeat(32) }]);
  expect([awaited.isWaiting(), awaited.silent()]).toEqual([false, []]);
});

it('are not looked for by port and path besides', async () => {
  const store = storeWith(run, page);
  const witness = strangersIn(store);
  await witness.begin!(TRACE_ID);
  store.append([theirs('web', undefined, 30, 70)]);
  expect((await witness.ask!(TRACE_ID)).spans).toEqual([]);
  store.append([{ ...theirs('web', undefined, 30, 70), traceId: 'b'.repeat(32) }]);
  expect((await witness.ask!(TRACE_ID)).spans).toHaveLength(1);
});

it('leave a doubt about servers that were not asked only while none has told', () => {
  const store = storeWith(run, page);
  store.warn(TRACE_ID, [{ code: 'probe.not_asked', where: 'servers', message: 'No server was told.' }]);
  const codes = () => lookAt(store).trace.warnings.map(({ code }) => code);
  expect(codes()).toEqual(['probe.not_asked']);
  store.append([web]);
  expect(codes()).toEqual([]);
});
