/**
 * The `Server-Timing` response header (https://www.w3.org/TR/server-timing/): `db;dur=53.2;desc="orders", cache`.
 *
 * Read: metric names, `dur` in milliseconds, `desc` (token or quoted string); the first of a repeated parameter counts.
 * Ignored: other parameters; metrics without a duration carry none. Refused: what is not a token, negative, infinite or
 * absurdly long durations (proxies write −1 for "not reached"), and everything past the first metrics and bytes.
 */
export interface ServerTimingMetric {
  readonly name: string;
  readonly durationMs?: number;
  readonly description?: string;
}

/** A header is a few hundred bytes; what is longer was not written for people. */
const MAX_BYTES = 8_192;
const MAX_METRICS = 50;
/** No answer is waited for longer than this. */
const MAX_DURATION_MS = 24 * 3_600_000;
const MAX_DESCRIPTION = 200;

const SPACE = '[ \\t]*';
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const QUOTED = '"(?:[^"\\\\]|\\\\.)*"?';
const METRIC = new RegExp(
  `${SPACE}(${TOKEN})((?:${SPACE};(?:"(?:[^"\\\\]|\\\\.)*"?|[^",])*)?)[^,]*(?:,|$)`,
  'y',
);
const PARAMETER = new RegExp(`;${SPACE}(${TOKEN})${SPACE}(?:=${SPACE}(${QUOTED}|${TOKEN})?)?`, 'g');

export function readServerTiming(header: string): ServerTimingMetric[] {
  // Several headers of one name come joined, by commas or by line ends.
  const text = header.slice(0, MAX_BYTES).replace(/[\r\n]+/g, ',');
  const metrics: ServerTimingMetric[] = [];
  let at = 0;
  while (at < text.length && metrics.length < MAX_METRICS) {
    METRIC.lastIndex = at;
    const match = METRIC.exec(text);
    if (match?.[1]) metrics.push(metricOf(match[1], match[2] ?? ''));
    at = match ? METRIC.lastIndex : after(text, at);
  }
  return metrics;
}

/** Behind the next comma: what cannot be read is passed over. */
function after(text: string, at: number): number {
  const comma = text.indexOf(',', at);
  return comma < 0 ? text.length : comma + 1;
}

function metricOf(name: string, parameters: string): ServerTimingMetric {
  const values = new Map<string, string>();
  for (const [, key = '', value = ''] of parameters.matchAll(PARAMETER)) {
    const known = key.toLowerCase();
    if (!values.has(known)) values.set(known, unquoted(value));
  }
  const durationMs = durationOf(values.get('dur'));
  const description = values.get('desc')?.slice(0, MAX_DESCRIPTION);
  return { name, ...(durationMs !== undefined && { durationMs }), ...(description && { description }) };
}

function durationOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\+?\d*\.?\d+(e[+-]?\d+)?$/i.test(text)) return undefined;
  const durationMs = Number(text);
  return durationMs >= 0 && durationMs <= MAX_DURATION_MS ? durationMs : undefined;
}

const unquoted = (value: string): string =>
  value.startsWith('"') ? value.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1') : value;
