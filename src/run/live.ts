/** A run in progress, from what the probe has told of it and what servers have said so far. */
import { liveRows } from '../analyse/live/live-rows.ts';
import type { LiveEnded, LiveRun } from '../model/live.ts';
import { stitch } from '../stitch/stitch.ts';
import type { Store } from '../store/store.ts';

type Kept = Pick<Store, 'summary' | 'live' | 'spans'>;

/** @returns undefined when there is no such run */
export function liveRun(traceId: string, store: Kept): LiveRun | LiveEnded | undefined {
  const summary = store.summary(traceId);
  if (!summary) return undefined;
  if (summary.status !== 'running') return { state: 'ended' };
  const live = store.live(traceId);
  const trace = stitch([...store.spans(traceId), ...(live?.spans ?? [])]);
  const { journey, startUnixNano } = summary;
  const toldUnixMs = live?.toldUnixMs ?? Number(BigInt(startUnixNano) / 1_000_000n);
  return { traceId, journey, startUnixNano, state: live?.state ?? 'running', toldUnixMs, ...liveRows(trace) };
}
