/** One measurement in a process of its own: nothing that another one left behind is in it. Prints one line of JSON. */
import { analyse } from '../../src/analyse/analyse.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { spanTableOf } from '../../src/model/span-table.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { decodeChunk, encodeChunk } from '../../src/store/chunk.ts';
import { BENCH_TRACE_ID, generateTrace, type Shape, type Wanted } from './generate.ts';

export interface Measured {
  readonly spans: number;
  readonly shape: Shape;
  /** Spans of the trace, the inferred ones included. */
  readonly stitched: number;
  /** Each the median of all rounds. */
  readonly stitchMs: number;
  readonly analyseMs: number;
  readonly totalMs: number;
  /** Of one core or of several together (the garbage collector's helpers): what a busy machine does not change much. */
  readonly cpuMs: number;
  readonly peakRssMb: number;
  /** What the viewer would get as JSON; only where it is small enough to be made. */
  readonly viewMb?: number;
}

/** Enough for the compiler to have seen every kind of span a few times. */
const WARM_UP_SPANS = 20_000;
const WARM_UP_ROUNDS = 5;
/** JSON of more would only measure how V8 joins strings. */
const VIEW_UP_TO_SPANS = 100_000;

/** Spans that come together, as an OpenTelemetry SDK sends them. */
const SPANS_OF_A_BATCH = 512;

/** As stitching gets them: read from the store, batch by batch. */
function storedTrace(wanted: Wanted): ReportedSpan[] {
  const generated = generateTrace(wanted);
  const stored: ReportedSpan[] = [];
  for (let i = 0; i < generated.length; i += SPANS_OF_A_BATCH) {
    const chunk = encodeChunk(generated.slice(i, i + SPANS_OF_A_BATCH));
    for (const report of decodeChunk(BENCH_TRACE_ID, chunk)) stored.push(report);
  }
  return stored;
}

type Times = Pick<Measured, 'stitchMs' | 'analyseMs' | 'totalMs' | 'cpuMs'>;

function measure(spans: number, shape: Shape, rounds: number): Measured {
  const small = storedTrace({ spans: Math.min(spans, WARM_UP_SPANS), shape });
  for (let i = 0; i < WARM_UP_ROUNDS; i++) analyse(stitch(small)!);
  const reports = storedTrace({ spans, shape });
  const times: Times[] = [];
  let [stitched, viewBytes] = [0, 0];
  for (let i = 0; i < rounds; i++) {
    const cpu = process.cpuUsage();
    const startMs = performance.now();
    const trace = stitch(reports)!;
    const stitchedMs = performance.now();
    const { report, path } = analyse(trace);
    const endMs = performance.now();
    const { user, system } = process.cpuUsage(cpu);
    times.push({
      stitchMs: stitchedMs - startMs,
      analyseMs: endMs - stitchedMs,
      totalMs: endMs - startMs,
      cpuMs: (user + system) / 1_000,
    });
    // Asked of its table: to ask for its spans makes a million objects, and the next round would clear them away.
    stitched = spanTableOf(trace)?.length ?? 0;
    if (i === 0 && spans <= VIEW_UP_TO_SPANS)
      viewBytes = Buffer.byteLength(JSON.stringify({ report, path, trace }));
  }
  const middle = (key: keyof Times) =>
    times.map((time) => time[key]).sort((a, b) => a - b)[times.length >> 1]!;
  return {
    spans,
    shape,
    stitched,
    stitchMs: middle('stitchMs'),
    analyseMs: middle('analyseMs'),
    totalMs: middle('totalMs'),
    cpuMs: middle('cpuMs'),
    // what the process needed at most, in KiB
    peakRssMb: process.resourceUsage().maxRSS / 1024,
    ...(viewBytes > 0 && { viewMb: viewBytes / 1e6 }),
  };
}

const [spans, shape, rounds] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(measure(Number(spans), shape as Shape, Number(rounds)))}\n`);
