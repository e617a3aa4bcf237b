/**
 * One observed run, from the journey's start to its report: drive the browser, wait until the servers have said what
 * they had to say, stitch, analyse, keep.
 */
import type { Journey } from '../../probe/journey.ts';
import { type JourneyResult, type ProbeOptions, runJourney } from '../../probe/run-journey.ts';
import { analyse } from '../analyse/analyse.ts';
import { redactText } from '../model/redact.ts';
import type { RunSummary, RunView } from '../model/report.ts';
import { unixNanoFromMs } from '../model/time.ts';
import { stitch } from '../stitch/stitch.ts';
import type { Store } from '../store/store.ts';
import { type SettleOptions, settle } from './settle.ts';

export interface ObserveOptions {
  readonly journey: Journey;
  readonly probe: ProbeOptions;
  readonly store: Store;
  readonly settle: SettleOptions;
  /** Told when the journey has ended and the wait for the servers begins. */
  readonly onSettling?: (result: JourneyResult) => void;
  /** Makes the address under which the viewer shows the run. */
  readonly viewerUrl?: (traceId: string) => string;
}

export async function observe(options: ObserveOptions): Promise<RunView> {
  const { journey, probe, store } = options;
  const result = await runJourney(journey, {
    ...probe,
    onStart: (traceId) => store.startRun(runningSummary(traceId, journey.name)),
  });
  store.append(result.spans);
  options.onSettling?.(result);
  await settle(result.traceId, store, options.settle);
  const view = viewOf(result, options);
  store.saveRun(view);
  return view;
}

const runningSummary = (traceId: string, journey: string): RunSummary => ({
  traceId,
  journey,
  status: 'running',
  startUnixNano: String(unixNanoFromMs(Date.now())),
  wallNs: 0,
  layers: {},
  sentence: '',
});

function viewOf(result: JourneyResult, { store, viewerUrl }: ObserveOptions): RunView {
  const trace = stitch(store.spans(result.traceId), result.warnings);
  if (!trace) throw new Error(`The run ${result.traceId} left no spans: the journey ended before it began.`);
  const { report, path } = analyse(trace, {
    error: result.error && redactText(result.error),
    overhead: result.overhead,
    viewerUrl: viewerUrl?.(result.traceId) ?? null,
  });
  return { report, path, trace };
}
