import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { Attributes, ReportedSpan } from '../../src/model/span.ts';
import { awaitedBy } from '../../src/run/awaited.ts';
import { reopened } from '../../src/run/reopen.ts';
import { restitch } from '../../src/run/restitch.ts';
import { settle } from '../../src/run/settle.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { type Given, reported } from '../stitch/reported.ts';

const BEFORE = 'b'.repeat(32);
const NOW = 'c'.repeat(32);
const SECOND_MS = 1_000;

let store: Store;
beforeEach(() => {
  store = openStore(':memory:');
});
afterEach(() => store.close());

const of = (traceId: string, ...spans: readonly ReportedSpan[]): ReportedSpan[] =>
  spans.map((span) => ({ ...span, traceId }));
const run = (startMs = 0): ReportedSpan =>
  reported('run', undefined, startMs, startMs + 500, {
    type: 'run',
    attributes: { [HEADWATER.journey]: 'buy' },
  });
const http = { 'http.request.method': 'GET', 'http.response.status_code': 200 };
const service = (name: string, given: Given): Given => ({
  source: 'otlp',
  clock: name,
  resource: { 'service.name': name },
  ...given,
});
const call = (id: string, startMs: number, attributes: Attributes = {}): ReportedSpan =>
  reported(
    id,
    'run',
    startMs,
    startMs + 20,
    service('front', {
      kind: 'client',
      attributes: { ...http, 'server.address': 'back.internal', 'server.port': 80, ...attributes },
    }),
  );
const answer = (id: string, parent: string, startMs: number): ReportedSpan =>
  reported(id, parent, startMs, startMs + 10, service('back', { kind: 'server', attributes: http }));

/** A finished run of the same journey, before this one. */
function earlier(...spans: readonly ReportedSpan[]): void {
  store.append(of(BEFORE, run(-60 * SECOND_MS), ...spans));
  store.saveRun(restitch(BEFORE, store)!);
}
const awaited = () => awaitedBy(NOW, 'buy', store);

describe('who is awaited', () => {
  it('is nobody when all have spoken, or nobody was asked', () => {
    earlier(call('a', 10), answer('x', 'a', 12));
    store.append(of(NOW, run(), call('a', 10), answer('x', 'a', 12)));
    expect(awaited().isWaiting()).toBe(false);
    expect(awaitedBy(NOW, 'another journey', store).isWaiting()).toBe(false);
    expect(awaited().silent()).toEqual([]);
  });

  it('is nobody whom this run did not ask, though the run before did', () => {
    earlier(call('a', 10), answer('x', 'a', 12));
    store.append(of(NOW, run()));
    expect(awaited().isWaiting()).toBe(false);
  });

  it('is who answered the run before at the same place and has not answered this one', () => {
    earlier(call('a', 10), answer('x', 'a', 12));
    store.append(of(NOW, run(), call('a', 10)));
    expect(awaited().isWaiting()).toBe(true);
    expect(awaited().silent()).toEqual([
      {
        code: 'source.silent',
        where: 'back',
        message:
          'back told of the run before this one, and has said nothing of this one, though front asked it: look whether its reports still arrive here.',
      },
    ]);
  });

  it('is the database’s log too', () => {
    const asks = call('q', 10, { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT 1' });
    const log = reported('s', 'q', 12, 20, {
      type: 'db_server',
      source: 'postgresql',
      component: 'postgresql shop',
    });
    earlier(asks, log);
    store.append(of(NOW, run(), asks));
    expect(
      awaited()
        .silent()
        .map(({ where }) => where),
    ).toEqual(['postgresql shop']);
  });

  it('is who answered other requests of this run and not this one, until it is known that it will not', () => {
    const lost = [call('a', 10), answer('x', 'a', 12), call('b', 100)];
    store.append(of(NOW, run(), ...lost));
    expect(awaited().isWaiting()).toBe(true);
    earlier(...lost);
    expect(awaited().isWaiting()).toBe(false);
  });

  it('is who has not sent the parent of a span, until it is known that nobody will', () => {
    const orphan = answer('x', 'nobody', 12);
    store.append(of(NOW, run(), orphan));
    expect(awaited().isWaiting()).toBe(true);
    earlier(orphan);
    expect(awaited().isWaiting()).toBe(false);
  });
});

it('a silent source that speaks late is part of the run, and silent no more', () => {
  earlier(call('a', 10), answer('x', 'a', 12));
  store.append(of(NOW, run(), call('a', 10)));
  store.warn(NOW, awaited().silent());
  const closed = restitch(NOW, store)!;
  store.saveRun(closed);
  expect(closed.report.warnings.map(({ code }) => code)).toEqual(['source.silent']);
  store.append(of(NOW, answer('x', 'a', 12)));
  const open = reopened(NOW, store)!;
  expect(open.report.warnings).toEqual([]);
  expect(open.trace.spans.some(({ component }) => component === 'back')).toBe(true);
  // Kept: the next who asks gets it without it being made again.
  expect(store.run(NOW)!.madeOf).toBe(open.madeOf);
});

describe('settling', () => {
  const atOnce = { quietMs: 0, atLeastMs: 0, atMostMs: 60 * SECOND_MS };

  it('goes on while somebody is awaited, and ends when that one has spoken', async () => {
    store.append(of(NOW, run(), call('a', 10), answer('x', 'a', 12), call('b', 100)));
    let looks = 0;
    await settle(NOW, store, {
      ...atOnce,
      isWaiting: awaited().isWaiting,
      flush: async () => {
        if (++looks === 3) store.append(of(NOW, answer('y', 'b', 105)));
      },
    });
    expect(looks).toBe(3);
    expect(store.spans(NOW)).toHaveLength(5);
  });

  it('does not look again at what has not changed', async () => {
    store.append(of(NOW, run()));
    const [stop, counts] = [new AbortController(), { flushes: 0, looks: 0 }];
    await settle(NOW, store, {
      ...atOnce,
      signal: stop.signal,
      isWaiting: () => ++counts.looks > 0,
      flush: async () => {
        if (++counts.flushes === 4) stop.abort();
      },
    });
    expect(counts).toEqual({ flushes: 4, looks: 1 });
  });

  it('ends at its limit, whoever is awaited', async () => {
    store.append(of(NOW, run()));
    await settle(NOW, store, { ...atOnce, atMostMs: 1, isWaiting: () => true });
  });
});
