/** The check that every importer passes on every fixture: read → golden, spans well formed, save → load → equal. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { isSpanId, isTraceId } from '../../src/model/ids.ts';
import { redactSpan } from '../../src/model/redact.ts';
import type { ImportResult, ReportedSpan } from '../../src/model/span.ts';
import { openStore } from '../../src/store/sqlite.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');
const GOLDEN = join(import.meta.dirname, '..', 'golden', 'import');

export const fixturesOf = (format: string): string[] => readdirSync(join(FIXTURES, format)).sort();
export const fixture = (format: string, name: string): Buffer => readFileSync(join(FIXTURES, format, name));

export async function checkImport(format: string, name: string, result: ImportResult): Promise<void> {
  for (const span of result.spans) {
    expect(isTraceId(span.traceId) && isSpanId(span.spanId), `ids of ${span.name}`).toBe(true);
    expect(span.endUnixNano).toBeGreaterThanOrEqual(span.startUnixNano);
  }
  expect(storedAndLoaded(result.spans)).toEqual(inOrderOfTraces(result.spans.map(redactSpan)));
  await expect(goldenJson(result)).toMatchFileSnapshot(join(GOLDEN, format, `${basename(name)}.golden.json`));
}

function storedAndLoaded(spans: readonly ReportedSpan[]): ReportedSpan[] {
  const store = openStore(':memory:');
  try {
    store.append(spans);
    return [...new Set(spans.map(({ traceId }) => traceId))].flatMap((traceId) => store.spans(traceId));
  } finally {
    store.close();
  }
}

function inOrderOfTraces(spans: readonly ReportedSpan[]): ReportedSpan[] {
  const traceIds = [...new Set(spans.map(({ traceId }) => traceId))];
  return traceIds.flatMap((wanted) => spans.filter(({ traceId }) => traceId === wanted));
}

const goldenJson = (result: ImportResult): string =>
  `${JSON.stringify(result, (_, value) => (typeof value === 'bigint' ? value.toString() : value), 1)}\n`;
