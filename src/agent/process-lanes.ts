/** What was followed of single processes → two lanes each: computing, and ready without a CPU. */
import type { ProcessQuantity } from '../model/host-lanes.ts';
import type { SampledLane } from '../run/host-samples.ts';
import type { Snapshot } from './lanes.ts';
import type { Listener } from './proc/listeners.ts';

/** A process that never did this much in an interval served nobody. */
const SHOWN_FROM_PERCENT = 1;
/** More than a person looks at; those that had least to do are left out. */
const MAX_SHOWN = 16;
/** Below a tenth of the time nobody feels a wait for a CPU. */
const WAIT_SHOWN_FROM_PERCENT = 10;

const QUANTITIES: readonly (readonly [ProcessQuantity, counter: string, name: string, shownFrom: number])[] =
  [
    ['cpu', 'cpu_ns', 'CPU', SHOWN_FROM_PERCENT],
    ['cpu_wait', 'waited_ns', 'waiting for a CPU', WAIT_SHOWN_FROM_PERCENT],
  ];

/** Those that had most to do first. @param snapshots by time */
export function processLanes(snapshots: readonly Snapshot[], listeners: readonly Listener[]): SampledLane[] {
  return QUANTITIES.flatMap(([quantity, counter, name, shownFrom]) =>
    listeners
      .map(({ pid, program, port }) => ({
        ...shareOf(`process.${pid}.${counter}`, snapshots),
        name: `${name}: ${program} :${port}`,
        unit: '%',
        limit: 100,
        osProcess: { pid, quantity },
      }))
      .filter(({ values }) => values.some((value) => value >= shownFrom))
      .sort((a, b) => sumOf(b.values) - sumOf(a.values))
      .slice(0, MAX_SHOWN),
  );
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Percent of the time since the reading before. */
function shareOf(key: string, snapshots: readonly Snapshot[]): Pick<SampledLane, 'timesUnixNano' | 'values'> {
  const timesUnixNano: string[] = [];
  const values: number[] = [];
  let before: { unixNano: bigint; ns: number } | undefined;
  for (const { unixNano, readings } of snapshots) {
    const ns = readings.get(key);
    if (ns === undefined) continue;
    if (before && unixNano > before.unixNano) {
      timesUnixNano.push(String(unixNano));
      values.push(percent(ns - before.ns, Number(unixNano - before.unixNano)));
    }
    before = { unixNano, ns };
  }
  return { timesUnixNano, values };
}

/** The clock of the scheduler and ours differ a little. */
const percent = (ns: number, elapsedNs: number): number =>
  Math.round(Math.min(100, Math.max(0, (100 * ns) / elapsedNs)) * 10) / 10;
