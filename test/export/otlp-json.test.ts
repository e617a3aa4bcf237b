/** Out and in again without loss: spans, warnings, samples of hosts, and what is made of them. */
import { deepStrictEqual } from 'node:assert';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { otlpJson, otlpMessage } from '../../src/export/otlp-json.ts';
import { formatOf, readAs } from '../../src/import/formats.ts';
import { readOtlpJson } from '../../src/import/otlp-json.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { keepImported } from '../../src/run/keep-imported.ts';
import { restitch } from '../../src/run/restitch.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { randomSpan } from '../fixtures/random-span.ts';
import { readRun, viewOf } from '../fixtures/recorded-run.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

/** `toEqual` takes −0 for 0, and trips over a key that is called `constructor`: Node's own comparison does not. */
const exactly = (spans: readonly ReportedSpan[]) =>
  spans.map((span) =>
    Object.entries(span)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

describe('any spans', () => {
  it('come back as they were, in their order', () => {
    fc.assert(
      fc.property(fc.array(randomSpan(TRACE_ID), { maxLength: 6 }), (spans) => {
        const text = otlpJson(spans);
        const back = readOtlpJson(text);
        expect(back.rejected).toBe(0);
        deepStrictEqual(exactly(back.spans), exactly(spans));
        expect(otlpJson(back.spans)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('come back as the store holds them', () => {
    fc.assert(
      fc.property(fc.array(randomSpan(TRACE_ID), { minLength: 1, maxLength: 6 }), (spans) => {
        const [first, second] = [openStore(':memory:'), openStore(':memory:')];
        try {
          first.append(spans);
          const stored = first.spans(TRACE_ID);
          second.append(readOtlpJson(otlpJson(stored)).spans);
          deepStrictEqual(exactly(second.spans(TRACE_ID)), exactly(stored));
        } finally {
          first.close();
          second.close();
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('what other readers see', () => {
  const [log] = readRun('lb-queue').spans.filter(({ source }) => source === 'haproxy');

  it('names a log’s service, and takes the name away again', () => {
    const { resourceSpans } = otlpMessage([log!]);
    expect(resourceSpans[0]!.resource.attributes).toContainEqual({
      key: 'service.name',
      value: { stringValue: 'haproxy' },
    });
    expect(readOtlpJson(otlpJson([log!])).spans[0]!.resource).toEqual(log!.resource);
  });

  it('has 64-bit numbers as text, enums as numbers and ids in hex, as OTLP’s JSON wants them', () => {
    const span = otlpMessage([log!]).resourceSpans[0]!.scopeSpans[0]!.spans[0]!;
    expect(span).toMatchObject({
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      kind: 2,
      startTimeUnixNano: String(log!.startUnixNano),
    });
    expect(span.attributes).toContainEqual({ key: HEADWATER.source, value: { stringValue: 'haproxy' } });
  });

  it('is recognised without its name', () => {
    const bytes = Buffer.from(otlpJson([log!]));
    expect(formatOf(bytes)?.name).toBe('OTLP/JSON');
    expect(readAs(formatOf(bytes)!, bytes, {}).spans).toEqual([log]);
  });
});

const FAULTS = join(import.meta.dirname, '..', 'fixtures', 'faults');
/** One of each kind of source: load balancer, database, resolver, sockets, a host's agent, a failed journey. */
const RUNS = readdirSync(FAULTS)
  .map((name) => name.replace(/\.json\.gz$/, ''))
  .filter((name) => /^(lb-queue|db-lock|dns-|tcp-refused|service-cpu-starved|service-fails)/.test(name));

describe.each(RUNS)('a recorded run: %s', (name) => {
  it('has the same report, path and trace in another store', () => {
    const run = readRun(name);
    const { traceId, error, spans, warnings, files } = run;
    const extras = {
      traceId,
      ...(error !== undefined && { error }),
      overhead: { probeMs: 1.5 },
      warnings,
      files,
    };
    const back = readOtlpJson(otlpJson(spans, extras));
    expect(back.warnings).toEqual([]);
    expect(back.runs).toEqual([extras]);
    const store = openStore(':memory:');
    try {
      store.append(back.spans);
      keepImported(new Set([traceId]), store, undefined, back.runs);
      const view = restitch(traceId, store)!;
      const before = viewOf(run);
      expect(view.report).toEqual({ ...before.report, overhead: { probeMs: 1.5 } });
      expect(view.path).toEqual(before.path);
      expect(view.lanes).toEqual(before.lanes);
    } finally {
      store.close();
    }
  });
});

describe('what a file says of a run beside its spans', () => {
  const kept = (files: Record<string, string>) => {
    const extras = { traceId: TRACE_ID, overhead: {}, warnings: [], files };
    const store = openStore(':memory:');
    try {
      store.append(readRun('lb-queue').spans.map((span) => ({ ...span, traceId: TRACE_ID })));
      keepImported(new Set([TRACE_ID]), store, undefined, [extras]);
      return store.fileNames(TRACE_ID);
    } finally {
      store.close();
    }
  };

  it.each([
    ['no samples', { 'hosts/a.json': '{"version":1}' }],
    ['no JSON', { 'hosts/a.json': '<html>' }],
    ['another folder', { 'frames/1.jpg': 'x', 'hosts/../a.json': '{}' }],
    [
      'times that are none',
      {
        'hosts/a.json':
          '{"version":1,"host":"a","lanes":[{"name":"x","unit":"1","timesUnixNano":["x"],"values":[1]}]}',
      },
    ],
  ])('is not believed: %s', (_, files) => {
    expect(kept(files as Record<string, string>)).toEqual([]);
  });

  it('is kept when it is what an agent writes', () => {
    const lane = '{"name":"x","unit":"1","timesUnixNano":["5"],"values":[1]}';
    expect(kept({ 'hosts/a.json': `{"version":1,"host":"a","lanes":[${lane}]}` })).toEqual(['hosts/a.json']);
  });

  it('may be anything', () => {
    for (const said of ['', 'x', '[]', '{}', '{"traceId":5}', '{"traceId":"x","files":{"a":1}}']) {
      const value = { stringValue: said };
      const resource = { attributes: [{ key: 'headwater.run', value }] };
      expect(readOtlpJson({ resourceSpans: [{ resource }] }).runs).toBeUndefined();
    }
  });
});

it('reads all of the recorded runs', () => {
  expect(existsSync(FAULTS)).toBe(true);
  expect(RUNS.length).toBeGreaterThan(8);
});
