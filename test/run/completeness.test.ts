/** Whatever order and batches the reports of a run come in, late ones too, what is said of it is the same. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import { StatementJoiner } from '../../src/collect/statement-joiner.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { reopened } from '../../src/run/reopen.ts';
import { restitch } from '../../src/run/restitch.ts';
import { strangersIn, strangersOfEach } from '../../src/run/strangers.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { type Given, reported, TRACE_ID } from '../stitch/reported.ts';

interface Recorded {
  readonly traceId: string;
  readonly batches: readonly (readonly ReportedSpan[])[];
}

const readRecorded = (): Recorded =>
  JSON.parse(
    readFileSync(new URL('../fixtures/runs/lost-context.json', import.meta.url), 'utf8'),
    (_, value: unknown) =>
      typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  );

/** All of these, in any order, cut anywhere. */
const arrivalsOf = <T>(values: readonly T[]): fc.Arbitrary<T[][]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...values], { minLength: values.length }),
      fc.array(fc.boolean(), { minLength: values.length, maxLength: values.length }),
    )
    .map(([shuffled, cuts]) => {
      const batches: T[][] = [[]];
      shuffled.forEach((value, i) => {
        if (cuts[i]) batches.push([]);
        batches.at(-1)!.push(value);
      });
      return batches.filter((batch) => batch.length > 0);
    });

function withStore<T>(use: (store: Store) => T): T {
  const store = openStore(':memory:');
  try {
    return use(store);
  } finally {
    store.close();
  }
}

/** As a run does it: what came is stored, and who else was heard is asked now and then. */
async function collected(
  traceId: string,
  batches: readonly (readonly ReportedSpan[])[],
): Promise<ReportedSpan[]> {
  const store = openStore(':memory:');
  const witness = strangersIn(store);
  await witness.begin!(traceId);
  for (const batch of batches) {
    store.append(batch);
    store.append((await witness.ask!(traceId)).spans);
  }
  for (let chunks = -1; chunks !== store.lastChunk(); ) {
    chunks = store.lastChunk();
    store.append((await witness.ask!(traceId)).spans);
  }
  const spans = store.spans(traceId);
  store.close();
  return spans;
}

const said = (spans: readonly ReportedSpan[]) => {
  const trace = stitch(spans)!;
  return { trace, ...analyse(trace) };
};

describe('a recorded run that lost its trace context', () => {
  const { traceId, batches } = readRecorded();

  it('is put together with the trace of the service that did not get it', async () => {
    const { trace } = said(await collected(traceId, batches));
    const inventory = trace.spans.find((span) => span.component === 'inventory' && span.kind === 'server');
    expect(inventory?.attributes[HEADWATER.joinedBy]).toBe('method, path and time');
    expect(trace.spans.some((span) => span.source === 'postgresql')).toBe(true);
    expect(trace.warnings.map(({ code }) => code)).toEqual(['context.lost']);
  });

  it('is the same whatever order and batches its reports came in', async () => {
    const expected = said(await collected(traceId, batches));
    await fc.assert(
      fc.asyncProperty(arrivalsOf(batches.flat()), async (arrivals) => {
        expect(said(await collected(traceId, arrivals))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('is the same among many runs that were on together, and what arrived is read once for all', async () => {
    const expected = said(await collected(traceId, batches));
    const store = openStore(':memory:');
    let reads = 0;
    const counted = {
      lastChunk: () => store.lastChunk(),
      spans: (id: string) => store.spans(id),
      spansSince(...asked: Parameters<Store['spansSince']>) {
        reads++;
        return store.spansSince(...asked);
      },
    };
    const others = Array.from({ length: 40 }, (_, i) => `${i}`.padStart(32, 'c'));
    store.append(batches.flat());
    store.append(others.map((id) => ({ ...batches.flat()[0]!, traceId: id })));
    const witnesses = strangersOfEach([...others, traceId], counted, 0);
    for (const [id, witness] of witnesses) {
      const told = (await witness.ask!(id)).spans;
      if (id === traceId) store.append(told);
    }
    expect(reads).toBe(1);
    for (const [id, witness] of witnesses) expect((await witness.ask!(id)).spans).toEqual([]);
    expect(reads).toBe(2);
    expect(said(store.spans(traceId))).toEqual(expected);
    store.close();
  });

  it('is the same when it was closed and opened again after every batch', async () => {
    const spans = await collected(traceId, batches);
    const expected = withStore((store) => {
      store.append(spans);
      return restitch(traceId, store)!;
    });
    fc.assert(
      fc.property(arrivalsOf(spans), (arrivals) => {
        const view = withStore((store) => {
          for (const batch of arrivals) {
            store.append(batch);
            const view = reopened(traceId, store) ?? restitch(traceId, store);
            if (view) store.saveRun(view);
          }
          return reopened(traceId, store)!;
        });
        expect({ ...view, madeOf: expected.madeOf }).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
      { numRuns: 30 },
    );
  }, 60_000);
});

describe('statements without a trace', () => {
  const SQL = 'SELECT stock FROM product WHERE id = $1';
  const OTHER_TRACE = 'b'.repeat(32);
  const client = (id: string, parent: string, startMs: number): ReportedSpan =>
    reported(id, parent, startMs, startMs + 10, {
      kind: 'client',
      source: 'otlp',
      clock: 'app',
      attributes: { 'db.system.name': 'postgresql', 'db.query.text': SQL },
    });
  const statement = (id: string, startMs: number, given: Given = {}): ReportedSpan =>
    reported(id, undefined, startMs, startMs + 5, {
      type: 'db_server',
      source: 'postgresql',
      clock: 'pg',
      precisionNs: 1e6,
      evidence: 'logged',
      attributes: { 'db.query.text': SQL, [HEADWATER.dbAct]: 'statement', [HEADWATER.dbSession]: id },
      ...given,
    });
  const run = (traceId: string) => ({ ...reported('run', undefined, 0, 500, { type: 'run' }), traceId });

  interface Arrival {
    readonly span: ReportedSpan;
    readonly isUntraced: boolean;
  }
  const traced = (span: ReportedSpan): Arrival => ({ span, isUntraced: false });
  const untraced = (span: ReportedSpan): Arrival => ({
    span: { ...span, traceId: '0'.repeat(32) },
    isUntraced: true,
  });

  const joined = (batches: readonly (readonly Arrival[])[]) =>
    withStore((store) => {
      const joiner = new StatementJoiner({ accept: ({ spans }) => store.append(spans) });
      joiner.begin();
      for (const batch of batches) {
        const spans = batch.filter(({ isUntraced }) => !isUntraced).map(({ span }) => span);
        const others = batch.filter(({ isUntraced }) => isUntraced).map(({ span }) => span);
        joiner.accept({ spans, untraced: others, warnings: [] });
      }
      return [TRACE_ID, OTHER_TRACE].map((traceId) => stitch(store.spans(traceId)));
    });

  const arrivals = [
    traced(run(TRACE_ID)),
    traced(run(OTHER_TRACE)),
    traced(client('first', 'run', 10)),
    traced(client('second', 'run', 100)),
    // Two runs ask at once: nobody can tell whose the statement is.
    traced(client('mine', 'run', 200)),
    traced({ ...client('theirs', 'run', 202), traceId: OTHER_TRACE }),
    untraced(statement('a', 12)),
    untraced(statement('b', 103)),
    untraced(statement('c', 204)),
  ];

  it('are joined to whom they fit, whatever order and batches they came in', () => {
    const [mine, theirs] = joined([arrivals]);
    const joinedTo = mine!.spans
      .filter(({ source }) => source === 'postgresql')
      .map(({ parentId }) => parentId);
    expect(joinedTo).toHaveLength(2);
    expect(theirs!.spans.filter(({ source }) => source === 'postgresql')).toEqual([]);
    fc.assert(
      fc.property(arrivalsOf(arrivals), (batches) => {
        expect(joined(batches)).toEqual([mine, theirs]);
      }),
      { numRuns: 100 },
    );
  });
});
