/** Everything that `/metrics` tells, from the store's totals and what it takes on the disk. */
import { type DiskUse, DROPPED_BY, KEPT_PARTS } from '../model/keeping.ts';
import type { Family, Sample } from './family.ts';
import { type CountedStatus, DURATION_BOUNDS_S, type Durations, type JourneyTotals } from './totals.ts';

export interface Counts {
  readonly totals: readonly JourneyTotals[];
  /** By label. */
  readonly refused: Readonly<Record<string, number>>;
  /** By part and what it went by: `spans days`. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly disk: DiskUse;
}

export function familiesOf({ totals, refused, dropped, disk }: Counts): Family[] {
  return [
    durations(totals),
    {
      name: 'headwater_runs',
      type: 'counter',
      help: 'Finished runs.',
      samples: totals.flatMap((journey) =>
        statusesOf(journey).map(([labels, { count }]) => ({ suffix: '_total', labels, value: count })),
      ),
    },
    layers(totals),
    {
      name: 'headwater_last_run_timestamp_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'When the last run began.',
      samples: totals.map(({ journey, site, lastUnixMs }) => gauge(lastUnixMs / 1e3, { journey, site })),
    },
    ...storeFamilies(disk),
    {
      name: 'headwater_runs_dropped',
      type: 'counter',
      help: 'Parts of runs that were dropped, by the key of the configuration that said so.',
      samples: KEPT_PARTS.flatMap((part) =>
        DROPPED_BY.flatMap((by) => {
          const value = dropped[`${part} ${by}`];
          return value === undefined ? [] : [{ suffix: '_total' as const, labels: { part, by }, value }];
        }),
      ),
    },
    {
      name: 'headwater_series_refused',
      type: 'counter',
      help: 'Observations without a series, because there would be too many, by the label that asked for more.',
      samples: Object.entries(refused).map(([label, value]) => ({
        suffix: '_total',
        labels: { label },
        value,
      })),
    },
  ];
}

const gauge = (value: number, labels: Sample['labels'] = {}): Sample => ({ suffix: '', labels, value });

type Status = readonly [labels: { journey: string; site: string; status: string }, durations: Durations];

const statusesOf = ({ journey, site, statuses }: JourneyTotals): Status[] =>
  (Object.entries(statuses) as [CountedStatus, Durations][]).map(([status, durations]) => [
    { journey, site, status },
    durations,
  ]);

const durations = (totals: readonly JourneyTotals[]): Family => ({
  name: 'headwater_run_duration_seconds',
  type: 'histogram',
  unit: 'seconds',
  help: 'How long runs took, from their first to their last moment.',
  samples: totals.flatMap((journey) => statusesOf(journey).flatMap(histogram)),
});

function histogram([labels, { buckets, exemplars, sumNs, count }]: Status): Sample[] {
  let reached = 0;
  const samples = buckets.map((own, i): Sample => {
    reached += own;
    const exemplar = exemplars[i];
    return {
      suffix: '_bucket',
      labels: { ...labels, le: boundText(DURATION_BOUNDS_S[i]) },
      value: reached,
      ...(exemplar && { exemplar }),
    };
  });
  return [
    ...samples,
    { suffix: '_count', labels, value: count },
    { suffix: '_sum', labels, value: sumNs / 1e9 },
  ];
}

/** As OpenMetrics wants it: `1.0`. */
const boundText = (bound: number | undefined): string =>
  bound === undefined ? '+Inf' : Number.isInteger(bound) ? bound.toFixed(1) : String(bound);

const layers = (totals: readonly JourneyTotals[]): Family => ({
  name: 'headwater_layer_seconds',
  type: 'summary',
  unit: 'seconds',
  help: 'Where the time of steps that ended well went.',
  samples: totals.flatMap(({ journey, site, steps }) =>
    steps.flatMap(({ step, layers: seen }) =>
      seen.flatMap(({ layer, count, sumNs }): Sample[] => {
        const labels = { journey, site, step, layer };
        return [
          { suffix: '_count', labels, value: count },
          { suffix: '_sum', labels, value: sumNs / 1e9 },
        ];
      }),
    ),
  ),
});

function storeFamilies({ limit, file, log, free, parts, runs }: DiskUse): Family[] {
  return [
    {
      name: 'headwater_store_size_bytes',
      type: 'gauge',
      unit: 'bytes',
      help: 'What the store takes on the disk.',
      samples: [gauge(file, { file: 'database' }), gauge(log, { file: 'log' })],
    },
    {
      name: 'headwater_store_limit_bytes',
      type: 'gauge',
      unit: 'bytes',
      help: 'What it may take.',
      samples: [gauge(limit)],
    },
    {
      name: 'headwater_store_free_bytes',
      type: 'gauge',
      unit: 'bytes',
      help: 'Inside the database, to be used again.',
      samples: [gauge(free)],
    },
    {
      name: 'headwater_store_part_bytes',
      type: 'gauge',
      unit: 'bytes',
      help: 'What is kept of runs, by part.',
      samples: KEPT_PARTS.map((part) => gauge(parts[part], { part })),
    },
    {
      name: 'headwater_runs_kept',
      type: 'gauge',
      help: 'Runs, and traces that belong to none, that still have this part; every run has a summary.',
      samples: [...KEPT_PARTS, 'summary' as const].map((part) => gauge(runs[part], { part })),
    },
  ];
}
