/** Makes what the viewer draws from all that the store holds of one run: spans, warnings, pictures, samples of hosts. */
import { analyse, type RunFacts } from '../analyse/analyse.ts';
import type { Frame, Lane, RunView } from '../model/report.ts';
import { sinceOrigin } from '../model/time.ts';
import { stitch } from '../stitch/stitch.ts';
import type { Store } from '../store/store.ts';
import { HOST_FILES, type HostSamples, lanesOf } from './host-samples.ts';

type Kept = Pick<Store, 'spans' | 'warnings' | 'fileNames' | 'file'>;

/** @returns undefined when the store has no span of it */
export function makeRunView(traceId: string, store: Kept, facts: RunFacts): RunView | undefined {
  const trace = stitch(store.spans(traceId), store.warnings(traceId));
  if (!trace) return undefined;
  const origin = BigInt(trace.originUnixNano);
  const names = store.fileNames(traceId);
  const frames = names.flatMap((name) => frameOf(name, origin) ?? []);
  const lanes = names
    .filter((name) => name.startsWith(HOST_FILES))
    .flatMap((name) => readLanes(store.file(traceId, name)?.body, origin));
  const { report, path } = analyse(trace, facts, lanes);
  return { report, path, trace, ...(frames.length && { frames }), ...(lanes.length && { lanes }) };
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
