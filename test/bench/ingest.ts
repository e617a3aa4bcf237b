/**
 * How fast spans are taken in: OTLP as protobuf, read, and kept in SQLite so that they survive a power cut, batch by
 * batch. Without HTTP: what is measured is ours. Prints one line of JSON.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOtlpProtobuf } from '../../src/import/otlp.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { generateTrace } from './generate.ts';
import { otlpRequest } from './otlp-request.ts';

export interface Ingested {
  readonly spans: number;
  readonly bytesPerSpan: number;
  readonly readMs: number;
  readonly totalMs: number;
}

/** What an OpenTelemetry collector sends at once by default (its batch processor's `send_batch_size`). */
const BATCH_SPANS = 8_192;

function ingest(spans: number): Ingested {
  const reports = generateTrace({ spans });
  const requests: Uint8Array[] = [];
  for (let i = 0; i < spans; i += BATCH_SPANS) requests.push(otlpRequest(reports.slice(i, i + BATCH_SPANS)));
  const folder = mkdtempSync(join(tmpdir(), 'headwater-bench-'));
  const store = openStore(join(folder, 'bench.db'));
  try {
    let [readMs, totalMs] = [0, 0];
    for (const request of requests) {
      const startMs = performance.now();
      const result = readOtlpProtobuf(request);
      readMs += performance.now() - startMs;
      store.append(result.spans);
      totalMs += performance.now() - startMs;
    }
    const bytes = requests.reduce((sum, request) => sum + request.length, 0);
    return { spans, bytesPerSpan: bytes / spans, readMs, totalMs };
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

process.stdout.write(`${JSON.stringify(ingest(Number(process.argv[2])))}\n`);
