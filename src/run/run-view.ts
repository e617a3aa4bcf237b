/**
 * Makes what the viewer draws from all that the store holds of one run: spans, warnings, pictures, samples of hosts.
 * What it holds of traces that the run's requests name becomes the run's.
 */
import { analyse, type RunFacts } from '../analyse/analyse.ts';
import { hotPieces } from '../analyse/hot-functions.ts';
import type { Frame, Lane, RunView } from '../model/report.ts';
import { withWarnings } from '../model/span-table.ts';
import { sinceOrigin } from '../model/time.ts';
import { stitch } from '../stitch/stitch.ts';
import type { Store } from '../store/store.ts';
import { stillSilent } from './awaited.ts';
import { HOST_FILES, type HostSamples, lanesOf } from './host-samples.ts';
import { runSpans } from './named-traces.ts';
import { profilesOf } from './profiles.ts';
import { runConditions } from './run-conditions.ts';
import { siteOf, type Usual } from './usual.ts';

type Kept = Pick<Store, 'spans' | 'append' | 'warnings' | 'fileNames' | 'file' | 'lastAppend'>;

/**
 * @param usual tells what earlier runs were like; without it, the run is judged by itself
 * @returns undefined when the store has no span of it
 */
export function makeRunView(
  traceId: string,
  store: Kept,
  facts: RunFacts,
  usual?: Usual,
): RunView | undefined {
  const { spans, news, madeOf, named } = runSpans(traceId, store);
  store.append(news);
  const stitched = stitch(spans, store.warnings(traceId));
  if (!stitched) return undefined;
  const trace = withWarnings(stitched, stillSilent(stitched));
  const origin = BigInt(trace.originUnixNano);
  const names = store.fileNames(traceId);
  const frames = names.flatMap((name) => frameOf(name, origin) ?? []);
  const lanes = names
    .filter((name) => name.startsWith(HOST_FILES))
    .flatMap((name) => readLanes(store.file(traceId, name)?.body, origin));
  const site = siteOf(trace.spans);
  const conditions = runConditions(spans);
  const { report, path } = analyse(trace, facts, lanes, usual?.({ trace, conditions }));
  const hot = hotPieces(path, profilesOf(traceId, names, trace, store), origin);
  return {
    report,
    path,
    trace,
    madeOf: news.length > 0 ? madeOf + 1 : madeOf,
    ...(named && { named }),
    ...(frames.length && { frames }),
    ...(lanes.length && { lanes }),
    ...(hot.length && { hot }),
    ...(site !== undefined && { site }),
    conditions,
  };
}

/** `frames/1795333153872950123.jpg`: the name is when it was taken. */
const FRAME_NAME = /^frames\/(\d{1,19})\.\w+$/;

function frameOf(name: string, origin: bigint): Frame | undefined {
  const time = FRAME_NAME.exec(name)?.[1];
  return time === undefined ? undefined : { timeNs: sinceOrigin(BigInt(time), origin), file: name };
}

function readLanes(body: Uint8Array | undefined, origin: bigint): Lane[] {
  if (!body) return [];
  return lanesOf(JSON.parse(new TextDecoder().decode(body)) as HostSamples, origin);
}
