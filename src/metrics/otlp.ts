/**
 * The same metrics as OTLP: the body of a POST to `/v1/metrics`, as JSON. Cumulative, so a push that is lost costs
 * nothing: the next one tells all.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 * https://github.com/open-telemetry/opentelemetry-proto/blob/v1.3.2/opentelemetry/proto/metrics/v1/metrics.proto
 *
 * By hand, because OpenTelemetry's SDK for JavaScript counts inside one process, and knows neither exemplars nor summaries.
 */
import type { Family, Labels, Sample } from './family.ts';

export interface OtlpTimes {
  /** Since when is counted. Unix ms. */
  readonly startUnixMs: number;
  readonly nowUnixMs: number;
}

const CUMULATIVE = 2;
const UNIT = { seconds: 's', bytes: 'By' } as const;

export function otlpMetrics(families: readonly Family[], times: OtlpTimes, version: string): object {
  return {
    resourceMetrics: [
      {
        resource: { attributes: attributesOf({ 'service.name': 'headwater', 'service.version': version }) },
        scopeMetrics: [
          {
            scope: { name: 'headwater', version },
            metrics: families
              .filter(({ samples }) => samples.length > 0)
              .map((family) => ({
                name: family.name,
                description: family.help,
                unit: family.unit ? UNIT[family.unit] : '1',
                ...dataOf(family, times),
              })),
          },
        ],
      },
    ],
  };
}

function dataOf({ type, samples }: Family, times: OtlpTimes): object {
  const span = { startTimeUnixNano: nanos(times.startUnixMs), timeUnixNano: nanos(times.nowUnixMs) };
  const number = ({ labels, value }: Sample) => ({
    ...span,
    attributes: attributesOf(labels),
    asDouble: value,
  });
  switch (type) {
    case 'gauge':
      return { gauge: { dataPoints: samples.map(number) } };
    case 'counter':
      return {
        sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints: samples.map(number) },
      };
    case 'histogram': {
      const dataPoints = pointsOf(samples).map((point) => ({ ...span, ...histogramPoint(point) }));
      return { histogram: { aggregationTemporality: CUMULATIVE, dataPoints } };
    }
    case 'summary':
      return {
        summary: { dataPoints: pointsOf(samples).map((point) => ({ ...span, ...sumAndCount(point) })) },
      };
  }
}

/** The samples of one series of a histogram or summary, put together again. */
interface Point {
  readonly labels: Labels;
  readonly samples: Sample[];
}

function pointsOf(samples: readonly Sample[]): Point[] {
  const points = new Map<string, Point>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    const point = points.get(key) ?? { labels, samples: [] };
    points.set(key, point);
    point.samples.push(sample);
  }
  return [...points.values()];
}

function histogramPoint(point: Point): object {
  const buckets = point.samples.filter(({ suffix }) => suffix === '_bucket');
  return {
    ...sumAndCount(point),
    bucketCounts: buckets.map(({ value }, i) => String(value - (buckets[i - 1]?.value ?? 0))),
    explicitBounds: buckets.slice(0, -1).map(({ labels }) => Number(labels.le)),
    exemplars: buckets.flatMap(({ exemplar }) =>
      exemplar
        ? {
            timeUnixNano: nanos(exemplar.atUnixMs),
            asDouble: exemplar.wallNs / 1e9,
            traceId: exemplar.traceId,
          }
        : [],
    ),
  };
}

const sumAndCount = ({ labels, samples }: Point): object => ({
  attributes: attributesOf(labels),
  count: String(samples.find(({ suffix }) => suffix === '_count')?.value ?? 0),
  sum: samples.find(({ suffix }) => suffix === '_sum')?.value ?? 0,
});

const attributesOf = (labels: Labels): object[] =>
  Object.entries(labels).map(([key, value]) => ({ key, value: { stringValue: value } }));

/** 64 bits are text in JSON. */
const nanos = (unixMs: number): string => `${Math.round(unixMs)}000000`;
