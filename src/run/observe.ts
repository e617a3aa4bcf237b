/**
 * One observed run, from the journey's start to its report: drive the browser, wait until the servers have said what
 * they had to say, stitch, analyse, keep.
 */
import type { Journey } from '../../probe/journey.ts';
import { type JourneyResult, type ProbeOptions, runJourney } from '../../probe/run-journey.ts';
import { newTraceId } from '../../probe/spans/span-draft.ts';
import { redactText } from '../model/redact.ts';
import type { RunSummary, RunView } from '../model/report.ts';
import { unixNanoFromMs } from '../model/time.ts';
import type { Store } from '../store/store.ts';
import { awaitedBy } from './awaited.ts';
import { withNamed } from './named-traces.ts';
import { makeRunView } from './run-view.ts';
import { type SettleOptions, settle } from './settle.ts';
import { strangersIn } from './strangers.ts';
import type { Usual } from './usual.ts';
import type { Testimony, Witness } from './witness.ts';

export interface ObserveOptions {
  readonly journey: Journey;
  readonly probe: ProbeOptions;
  readonly store: Store;
  readonly settle: SettleOptions;
  /** Who else watches: agents of hosts, backends that are asked for the trace. */
  readonly witnesses?: readonly Witness[];
  /** Tells what earlier runs were like; without it, the run is judged by itself. */
  readonly usual?: Usual;
  /** Told when the journey has ended and the wait for the servers begins. */
  readonly onSettling?: (result: JourneyResult) => void;
  /** Makes the address under which the viewer shows the run. */
  readonly viewerUrl?: (traceId: string) => string;
}

export async function observe(options: ObserveOptions): Promise<RunView> {
  const { journey, probe, store } = options;
  const witnesses = [...(options.witnesses ?? []), strangersIn(store)];
  const traceId = newTraceId();
  const keep = (testimony: Testimony) => keepTestimony(traceId, testimony, store);
  await Promise.all(witnesses.map((witness) => witness.begin?.(traceId)));
  const result = await runJourney(journey, {
    ...probe,
    traceId,
    onStart: () => store.startRun(runningSummary(traceId, journey.name, probe.baseUrl)),
    onLive: (spans) => store.keepLive(traceId, { state: 'running', toldUnixMs: Date.now(), spans }),
  }).catch(async (error: unknown) => {
    // No browser, no run: who has begun to watch must not go on.
    await Promise.all(witnesses.map((witness) => witness.end?.(traceId)));
    throw error;
  });
  keep(result);
  store.keepLive(traceId, { state: 'settling', toldUnixMs: Date.now(), spans: [] });
  for (const told of await Promise.all(witnesses.map((witness) => witness.end?.(traceId))))
    if (told) keep(told);
  options.onSettling?.(result);
  const awaited = awaitedBy(traceId, journey.name, store);
  await settle(traceId, withNamed(traceId, store), {
    isWaiting: awaited.isWaiting,
    ...options.settle,
    flush: async () => {
      await options.settle.flush?.();
      for (const told of await Promise.all(witnesses.map((witness) => witness.ask?.(traceId))))
        if (told) keep(told);
    },
  });
  if (!options.settle.signal?.aborted && result.status === 'ok') store.warn(traceId, awaited.silent());
  const view = viewOf(result, options);
  store.saveRun(view);
  return view;
}

function keepTestimony(traceId: string, { spans, warnings, files = [] }: Testimony, store: Store): void {
  store.append(spans);
  store.attach(traceId, files);
  store.warn(traceId, warnings);
}

const runningSummary = (traceId: string, journey: string, baseUrl: string): RunSummary => ({
  traceId,
  journey,
  status: 'running',
  startUnixNano: String(unixNanoFromMs(Date.now())),
  wallNs: 0,
  layers: {},
  sentence: '',
  // The first request, which tells the site of a finished run, goes there.
  ...(URL.canParse(baseUrl) && { site: new URL(baseUrl).hostname.replace(/^\[|\]$/g, '') }),
});

function viewOf(result: JourneyResult, { store, viewerUrl, usual }: ObserveOptions): RunView {
  const { traceId, error, overhead } = result;
  const facts = {
    error: error && redactText(error),
    overhead,
    viewerUrl: viewerUrl?.(traceId) ?? null,
  };
  const view = makeRunView(traceId, store, facts, usual);
  if (!view) throw new Error(`The run ${traceId} left no spans: the journey ended before it began.`);
  return view;
}
