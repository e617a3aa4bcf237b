/**
 * What a host's agent saw of the process behind a span: whether it was computing, or waited for a CPU.
 * Samples are coarser than spans, so what a sample says is an upper bound for the stretch that it touches:
 * ```
 * // samples   |---------|---------|---------|
 * // stretch        |--------|                   all CPU time of the first two samples may be its own
 * ```
 */
import type { ProcessQuantity } from '../model/host-lanes.ts';
import type { Lane } from '../model/report.ts';
import type { Nanos } from '../model/time.ts';
import type { Span } from '../model/trace.ts';
import { eachSample, type Stretch } from './lane-window.ts';
import type { Tree } from './tree.ts';

export interface ProcessTime {
  readonly host: string;
  /** At most the stretch's length, both. */
  readonly cpuNs: Nanos;
  readonly waitedNs: Nanos;
  /** Did it wait for a CPU more than it had one, in all of the samples? */
  readonly isStarved: boolean;
}

/** Undefined where nobody watched this process all the while. */
export function processTimeOf(
  { osProcess }: Pick<Span, 'osProcess'>,
  stretch: Stretch,
  tree: Pick<Tree, 'lanes'>,
): ProcessTime | undefined {
  if (!osProcess) return undefined;
  const lanes = tree.lanes.filter(
    (lane) =>
      lane.osProcess?.pid === osProcess.pid && (osProcess.host === undefined || lane.host === osProcess.host),
  );
  const cpu = lanes.find((lane) => lane.osProcess?.quantity === 'cpu');
  if (!cpu || !covers(cpu, stretch)) return undefined;
  const [cpuNs, waitedNs] = [spentIn(lanes, 'cpu', stretch), spentIn(lanes, 'cpu_wait', stretch)];
  const ns = stretch.endNs - stretch.startNs;
  return {
    host: cpu.host,
    cpuNs: Math.min(cpuNs, ns),
    waitedNs: Math.min(waitedNs, ns),
    isStarved: waitedNs > cpuNs,
  };
}

const covers = ({ timesNs }: Lane, { startNs, endNs }: Stretch): boolean =>
  timesNs.length > 1 && timesNs[0]! <= startNs && timesNs.at(-1)! >= endNs;

function spentIn(lanes: readonly Lane[], quantity: ProcessQuantity, stretch: Stretch): Nanos {
  const lane = lanes.find((candidate) => candidate.osProcess?.quantity === quantity);
  if (!lane) return 0;
  let ns = 0;
  eachSample(lane, (fromNs, toNs, percent) => {
    if (fromNs < stretch.endNs && toNs > stretch.startNs) ns += ((toNs - fromNs) * percent) / 100;
  });
  return ns;
}
