/** Makes a run of so many spans and stores it, in a process of its own: a million spans need the memory. */
import { analyse } from '../../src/analyse/analyse.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { BENCH_TRACE_ID, generateTrace, type Shape } from './generate.ts';

/** One trace a size, all in one store. */
export const traceIdOf = (spans: number): string =>
  BENCH_TRACE_ID.slice(0, 16) + spans.toString(16).padStart(16, '0');

const [path, spans, shape] = process.argv.slice(2);
if (path && spans && import.meta.filename === process.argv[1]) {
  const stitched = stitch(generateTrace({ spans: Number(spans), shape: shape as Shape }))!;
  const trace = { ...stitched, traceId: traceIdOf(Number(spans)) };
  const store = openStore(path);
  store.saveRun({ ...analyse(trace), trace });
  store.close();
}
