/**
 * Metrics as text, in both formats that are asked for.
 *
 *   OpenMetrics 1.0   with exemplars and units, ends with # EOF
 *                     https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 *   Prometheus 0.0.4  what came before it
 *                     https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * By hand, because libraries for it count inside one process, and these totals are the store's.
 */
import type { Family, Labels, Sample } from './family.ts';

export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export const openMetricsText = (families: readonly Family[]): string =>
  `${families.map(openMetricsFamily).join('')}# EOF\n`;

function openMetricsFamily({ name, type, unit, help, samples }: Family): string {
  return [
    `# TYPE ${name} ${type}`,
    ...(unit ? [`# UNIT ${name} ${unit}`] : []),
    `# HELP ${name} ${escaped(help)}`,
    ...samples.map((sample) => sampleText(name, sample) + exemplarText(sample)),
    '',
  ].join('\n');
}

export const prometheusText = (families: readonly Family[]): string =>
  families.map(prometheusFamily).join('');

/** The name of a counter has its `_total` here from the first line on. */
function prometheusFamily({ name, type, help, samples }: Family): string {
  const named = type === 'counter' ? `${name}_total` : name;
  return [
    `# HELP ${named} ${escaped(help)}`,
    `# TYPE ${named} ${type}`,
    ...samples.map((sample) => sampleText(name, sample)),
    '',
  ].join('\n');
}

const sampleText = (name: string, { suffix, labels, value }: Sample): string =>
  `${name}${suffix}${labelsText(labels)} ${numberText(value)}`;

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}

function exemplarText({ exemplar }: Sample): string {
  if (!exemplar) return '';
  const { traceId, wallNs, atUnixMs } = exemplar;
  return ` # ${labelsText({ trace_id: traceId })} ${wallNs / 1e9} ${(atUnixMs / 1e3).toFixed(3)}`;
}

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

const numberText = (value: number): string => (value === Infinity ? '+Inf' : String(value));
