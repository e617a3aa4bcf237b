/** What a host's lane says in numbers: how high, when, how near to full, and whether anyone need look. */
import type { Lane } from '../../src/model/report.ts';
import { formatDuration, type Nanos } from '../../src/model/time.ts';

export interface LaneFacts {
  readonly lowest: number;
  readonly highest: number;
  readonly highestNs: Nanos;
  readonly mean: number;
}

export function factsOfLane({ values, timesNs }: Lane): LaneFacts | undefined {
  if (values.length === 0) return undefined;
  let [lowest, highest, highestNs, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  values.forEach((value, i) => {
    if (value > highest) [highest, highestNs] = [value, timesNs[i] ?? 0];
    lowest = Math.min(lowest, value);
    sum += value;
  });
  return { lowest, highest, highestNs, mean: sum / values.length };
}

/** Half busy: below it, queues are short whatever else is true. */
const LOUD_PERCENT_SHARE = 0.5;
/** Tables and memory are there to be used; near full they begin to refuse. */
const LOUD_FILL_SHARE = 0.9;
/** Units of what should not happen at all: a packet sent again, a connection refused, a page swapped. */
const COUNTED_TROUBLE = /^\{(packet|connection|page|error|retransmit)s?\}$/;

/** Above the quiet level once: worth a look without being asked. */
export function isLoud(lane: Lane): boolean {
  // Processes are there to compute; where that hurt, the verdict says so.
  if (lane.osProcess) return false;
  const highest = factsOfLane(lane)?.highest ?? 0;
  const limit = lane.limit ?? (lane.unit === '%' ? 100 : undefined);
  if (limit !== undefined)
    return highest >= limit * (lane.unit === '%' ? LOUD_PERCENT_SHARE : LOUD_FILL_SHARE);
  return COUNTED_TROUBLE.test(lane.unit) && highest > 0;
}

/**
 * Each value is what held since the instant before it.
 *
 * ```
 * // times       t0      t1      t2
 * // values  v0 |   v1   |   v2   |   (nothing)
 * ```
 */
export function valueAt({ timesNs, values }: Lane, ns: Nanos): number | undefined {
  let [low, high] = [0, timesNs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timesNs[middle] ?? 0) < ns) low = middle + 1;
    else high = middle;
  }
  return ns < firstStart(timesNs) ? undefined : values[low];
}

/** When the first value began to hold: nobody said; as long before as the next one lasts. */
export function firstStart(timesNs: readonly Nanos[]): Nanos {
  const [first = 0, second = first] = timesNs;
  return first - (second - first);
}

/** A limit further above than this would press the line flat; then it is told in words only. */
const LIMIT_SHOWN_UP_TO = 4;

export function ceilingOf(lane: Lane): number {
  const highest = Math.max(factsOfLane(lane)?.highest ?? 0, 0);
  const limit = lane.limit ?? 0;
  if (lane.unit === '%') return Math.max(limit, highest, 100);
  return limit > 0 && limit <= highest * LIMIT_SHOWN_UP_TO ? Math.max(limit, highest) : highest * 1.1 || 1;
}

const UNITS = ['', 'k', 'M', 'G', 'T'] as const;

/** `91 %`, `3.2 GB`, `2 packets`. Units are UCUM; a `{note}` is a word for what is counted. */
export function formatValue(value: number, unit: string): string {
  if (unit === '%') return `${rounded(value)} %`;
  if (unit === 'ns') return formatDuration(value);
  const step = Math.min(Math.max(Math.floor(Math.log10(Math.abs(value) || 1) / 3), 0), UNITS.length - 1);
  const scaled = `${rounded(value / 1_000 ** step)}${step > 0 ? ` ${UNITS[step]}` : ''}`;
  if (unit === 'By') return `${scaled}${step > 0 ? '' : ' '}B`;
  const noted = /^\{(.*)\}$/.exec(unit)?.[1];
  if (noted !== undefined) return `${scaled} ${value === 1 ? noted : plural(noted)}`;
  return unit === '1' ? scaled : `${scaled} ${unit}`;
}

/** `{process}` → `processes`; a note that is a plural already stays one. */
const plural = (word: string): string =>
  /(ss|x|ch|sh)$/.test(word) ? `${word}es` : word.endsWith('s') ? word : `${word}s`;

const rounded = (value: number): string =>
  Math.abs(value) >= 10 ? value.toFixed(0) : String(Number(value.toFixed(1)));

export interface HostLanes {
  readonly host: string;
  /** The loud ones first. */
  readonly lanes: readonly Lane[];
  readonly loud: readonly Lane[];
}

export function byHost(lanes: readonly Lane[]): HostLanes[] {
  const lanesByHost = new Map<string, Lane[]>();
  for (const lane of lanes) {
    const known = lanesByHost.get(lane.host);
    if (known) known.push(lane);
    else lanesByHost.set(lane.host, [lane]);
  }
  return [...lanesByHost].map(([host, own]) => {
    const loud = own.filter(isLoud);
    return { host, lanes: [...loud, ...own.filter((lane) => !loud.includes(lane))], loud };
  });
}
