/** Of `headwater.config.ts`: where numbers go, and how many series there may be. */
import { z } from 'zod';
import { DEFAULT_LIMITS, type SeriesLimits } from '../metrics/guard.ts';
import { durationNs } from '../model/duration-text.ts';
import { duration } from './duration.ts';

const count = z.number().int().positive();

export const metrics = z.strictObject({
  /** Where to send metrics by OTLP/HTTP: `http://127.0.0.1:4318/v1/metrics`. They are at `/metrics` anyway. */
  otlpEndpoint: z
    .string()
    .refine(
      (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
      'must be an address such as http://127.0.0.1:4318/v1/metrics',
    )
    .optional(),
  /** How often; a minute unless told otherwise. */
  otlpEvery: duration.optional(),
  /** Time series in all; 10 000 unless told otherwise. */
  maxSeries: count.optional(),
  /** Values of one label; 300 unless told otherwise. */
  maxValues: count.optional(),
});

type MetricsConfig = z.infer<typeof metrics>;

export const seriesLimits = ({ maxSeries, maxValues }: MetricsConfig): SeriesLimits => ({
  maxSeries: maxSeries ?? DEFAULT_LIMITS.maxSeries,
  maxValues: maxValues ?? DEFAULT_LIMITS.maxValues,
});

const DEFAULT_EVERY = '1m';
export const otlpEveryMs = ({ otlpEvery }: MetricsConfig): number =>
  durationNs(otlpEvery ?? DEFAULT_EVERY)! / 1e6;
