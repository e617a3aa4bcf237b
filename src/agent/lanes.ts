/**
 * Readings → lanes: one quantity over the run. Only what moved or matters gets one, most telling first.
 *
 * ```
 * // readings   *     *     *     *
 * // lane          +2    +0    +1      a counter: what was added since the reading before
 * // lane       5     5     7     4    a level: what it held
 * ```
 * Slow quantities are read less often: a lane's interval is from one reading that has it to the next.
 */
import { HOST_LANES } from '../model/host-lanes.ts';
import type { SampledLane } from '../run/host-samples.ts';
import type { Readings } from './proc/readings.ts';

export interface Snapshot {
  readonly unixNano: bigint;
  readonly readings: Readings;
}

/** More than a person looks at. */
export const MAX_LANES = 20;

interface LaneRule {
  readonly name: string;
  readonly unit: string;
  /** What the lane holds at `now`; undefined where the kernel was not asked or did not say. */
  readonly value: (now: Snapshot, before: Snapshot) => number | undefined;
  /** A reading without this says nothing of the lane. */
  readonly key: string;
  readonly limit?: (readings: Readings) => number | undefined;
  /** The lane is drawn when it reaches this once. */
  readonly shownFrom: number | ((readings: Readings) => number);
}

const delta = (key: string, now: Snapshot, before: Snapshot): number | undefined => {
  const [a, b] = [before.readings.get(key), now.readings.get(key)];
  // A counter that went back was reset (another namespace, a device that came anew): nothing is known of the interval.
  return a === undefined || b === undefined || b < a ? undefined : b - a;
};

/** A counter; drawn when it rose at all. */
const counter = (name: string, unit: string, key: string): LaneRule => ({
  name,
  unit,
  key,
  value: (now, before) => delta(key, now, before),
  shownFrom: 1,
});

const elapsedNs = (now: Snapshot, before: Snapshot): number => Number(now.unixNano - before.unixNano);
const percent = (part: number | undefined, whole: number): number | undefined =>
  part === undefined || whole <= 0 ? undefined : round(Math.min(100, (100 * part) / whole));
const round = (value: number): number => Math.round(value * 10) / 10;

const hundred = () => 100;
/** Below a tenth of the time nobody feels it. */
const PRESSURE_SHOWN_FROM_PERCENT = 10;

const pressure = (name: string, key: string): LaneRule => ({
  name,
  unit: '%',
  key,
  value: (now, before) => percent(delta(key, now, before), elapsedNs(now, before) / 1_000),
  limit: hundred,
  shownFrom: PRESSURE_SHOWN_FROM_PERCENT,
});

const TICKS = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'].map(
  (state) => `cpu.${state}_ticks`,
);
const IDLE: ReadonlySet<string> = new Set(['cpu.idle_ticks', 'cpu.iowait_ticks']);

const ticks = (keys: readonly string[], now: Snapshot, before: Snapshot): number =>
  keys.reduce((sum, key) => sum + (delta(key, now, before) ?? 0), 0);

/** Ticks are counted per CPU, 10 ms each: over a few of them a share is coarse. */
const cpuShare = (name: string, keys: readonly string[], shownFrom: number): LaneRule => ({
  name,
  unit: '%',
  key: keys[0]!,
  value: (now, before) => percent(ticks(keys, now, before), ticks(TICKS, now, before)),
  limit: hundred,
  shownFrom,
});

/** A table is worth a look when it is this full. */
const FULL_SHARE = 0.8;

const table = (name: string, unit: string, key: string, limitKey: string): LaneRule => ({
  name,
  unit,
  key,
  value: (now) => now.readings.get(key),
  limit: (readings) => readings.get(limitKey),
  shownFrom: (readings) => FULL_SHARE * (readings.get(limitKey) ?? Number.POSITIVE_INFINITY),
});

const RULES: readonly LaneRule[] = [
  counter(HOST_LANES.listenOverflows, '{connection}', 'TcpExtListenOverflows'),
  counter(HOST_LANES.synRetransmits, '{packet}', 'TcpExtTCPSynRetrans'),
  counter(HOST_LANES.tcpRetransmits, '{packet}', 'TcpRetransSegs'),
  pressure(HOST_LANES.cpuPressure, 'pressure.cpu.some_us'),
  pressure(HOST_LANES.memoryPressure, 'pressure.memory.some_us'),
  pressure(HOST_LANES.ioPressure, 'pressure.io.some_us'),
  {
    name: 'run queue',
    unit: '{process}',
    key: 'procs_running',
    // The sampler itself is running while it looks.
    value: ({ readings }) => {
      const running = readings.get('procs_running');
      return running === undefined ? undefined : Math.max(0, running - 1);
    },
    limit: (readings) => readings.get('cpus'),
    shownFrom: 1,
  },
  cpuShare(
    HOST_LANES.cpuBusy,
    TICKS.filter((key) => !IDLE.has(key)),
    1,
  ),
  cpuShare('CPU stolen by other guests', ['cpu.steal_ticks'], 5),
  counter('listen queue drops', '{connection}', 'TcpExtListenDrops'),
  counter('TCP timeouts', '{packet}', 'TcpExtTCPTimeouts'),
  counter('failed connects', '{connection}', 'TcpAttemptFails'),
  counter('UDP receive buffer overflows', '{packet}', 'UdpRcvbufErrors'),
  counter('pages swapped in', '{page}', 'swap.in_pages'),
  counter('pages swapped out', '{page}', 'swap.out_pages'),
  {
    name: 'memory used',
    unit: 'By',
    key: 'memory.available_bytes',
    value: ({ readings }) => {
      const [total, available] = [readings.get('memory.total_bytes'), readings.get('memory.available_bytes')];
      return total === undefined || available === undefined ? undefined : total - available;
    },
    limit: (readings) => readings.get('memory.total_bytes'),
    // Always of interest: the context of the others.
    shownFrom: 0,
  },
  table('conntrack entries', '{connection}', 'conntrack.count', 'conntrack.limit'),
  table('open files', '{file}', 'files.open', 'files.limit'),
];

/** A disk that is busy for a tenth of the time is at work. */
const DISK_SHOWN_FROM_PERCENT = 10;

const diskRules = (device: string): LaneRule[] => [
  {
    name: `disk queue ${device}`,
    unit: '{request}',
    key: `disk.${device}.in_flight`,
    value: ({ readings }) => readings.get(`disk.${device}.in_flight`),
    shownFrom: 1,
  },
  {
    name: `disk busy ${device}`,
    unit: '%',
    key: `disk.${device}.busy_ms`,
    value: (now, before) =>
      percent(delta(`disk.${device}.busy_ms`, now, before), elapsedNs(now, before) / 1e6),
    limit: hundred,
    shownFrom: DISK_SHOWN_FROM_PERCENT,
  },
];

const disksIn = (readings: Readings): string[] =>
  [...readings.keys()].flatMap((key) => /^disk\.(.+)\.in_flight$/.exec(key)?.[1] ?? []);

/** @param snapshots by time */
export function lanesFrom(snapshots: readonly Snapshot[]): SampledLane[] {
  const last = snapshots.at(-1);
  if (!last) return [];
  const rules = [...RULES, ...disksIn(last.readings).flatMap(diskRules)];
  return rules.flatMap((rule) => laneOf(rule, snapshots) ?? []);
}

function laneOf(rule: LaneRule, snapshots: readonly Snapshot[]): SampledLane | undefined {
  const timesUnixNano: string[] = [];
  const values: number[] = [];
  let before: Snapshot | undefined;
  for (const now of snapshots) {
    if (!now.readings.has(rule.key)) continue;
    const value = before && rule.value(now, before);
    before = now;
    if (value === undefined) continue;
    timesUnixNano.push(String(now.unixNano));
    values.push(value);
  }
  if (!before) return undefined;
  const last = before.readings;
  const shownFrom = typeof rule.shownFrom === 'number' ? rule.shownFrom : rule.shownFrom(last);
  if (!values.some((value) => value >= shownFrom)) return undefined;
  const limit = rule.limit?.(last);
  return { name: rule.name, unit: rule.unit, timesUnixNano, values, ...(limit !== undefined && { limit }) };
}
