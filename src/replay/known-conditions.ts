/**
 * Under what conditions spans were taken: what the run itself says of it (own runs), else what its requests show.
 *
 * ```
 * first request of a host   |dns|tcp|tls|send|wait|    cold: names and connections were new
 * first request of a host   |send|wait|                 warm: a connection was open already
 * answered from a cache that the run itself cannot have filled: the cache was warm
 * ```
 */
import { HEADWATER, PHASES, spanType } from '../model/attributes.ts';
import { RUN_CONDITIONS } from '../model/run-conditions.ts';
import type { ReportedSpan } from '../model/span.ts';
import type { Conditions, NetworkConditions } from './conditions.ts';

export function knownConditions(
  spans: readonly ReportedSpan[],
  requests: readonly ReportedSpan[],
): Conditions {
  const run = spans.find((span) => spanType(span.attributes[HEADWATER.type]) === 'run');
  return { ...shownByRequests(spans, requests), ...(run ? toldByRun(run) : {}) };
}

function toldByRun({ attributes }: ReportedSpan): Conditions {
  const text = attributes[RUN_CONDITIONS];
  if (typeof text !== 'string') return {};
  try {
    return conditionsOf(JSON.parse(text));
  } catch {
    return {};
  }
}

/** Only what has the shape that it should have: it comes from a file. */
export function conditionsOf(value: unknown): Conditions {
  if (typeof value !== 'object' || value === null) return {};
  const { viewport, locale, cpuSlowdown, network, cache, connections, names, dns, trusted } = value as Record<
    string,
    unknown
  >;
  const size = sizeOf(viewport);
  const throttled = networkOf(network);
  return {
    ...(size ? { viewport: size } : {}),
    ...(typeof locale === 'string' ? { locale } : {}),
    ...(isNumber(cpuSlowdown) && cpuSlowdown > 1 ? { cpuSlowdown } : {}),
    ...(throttled ? { network: throttled } : {}),
    ...(cache === 'cold' || cache === 'warm' || cache === 'off' ? { cache } : {}),
    ...(connections === 'cold' || connections === 'warm' ? { connections } : {}),
    ...(names === 'cold' || names === 'warm' ? { names } : {}),
    ...(typeof dns === 'string' ? { dns } : {}),
    ...(Array.isArray(trusted) && trusted.every((key) => typeof key === 'string') ? { trusted } : {}),
  };
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

function sizeOf(value: unknown): Conditions['viewport'] {
  const { width, height } = (value ?? {}) as Record<string, unknown>;
  return isNumber(width) && isNumber(height) && width > 0 && height > 0 ? { width, height } : undefined;
}

function networkOf(value: unknown): NetworkConditions | undefined {
  const { latencyMs, downloadBytesPerS, uploadBytesPerS } = (value ?? {}) as Record<string, unknown>;
  return isNumber(latencyMs) && isNumber(downloadBytesPerS) && isNumber(uploadBytesPerS)
    ? { latencyMs, downloadBytesPerS, uploadBytesPerS }
    : undefined;
}

function shownByRequests(spans: readonly ReportedSpan[], requests: readonly ReportedSpan[]): Conditions {
  const first = requests[0];
  if (!first) return {};
  const phases = new Set(
    spans
      .filter(
        (span) => span.parentSpanId === first.spanId && spanType(span.attributes[HEADWATER.type]) === 'phase',
      )
      .map(({ name }) => name),
  );
  if (phases.size === 0) return {};
  const connections = phases.has(PHASES.connect) ? 'cold' : 'warm';
  return {
    connections,
    names: phases.has(PHASES.dns) ? 'cold' : 'warm',
    ...cacheShown(requests),
  };
}

/** An answer from the cache that no earlier request of the run can have put there. */
function cacheShown(requests: readonly ReportedSpan[]): Pick<Conditions, 'cache'> {
  const fetched = new Set<unknown>();
  let isKnown = false;
  for (const { attributes } of requests) {
    const from = attributes['headwater.from_cache'];
    const url = attributes['url.full'];
    if (from === undefined) fetched.add(url);
    else if (!fetched.has(url)) return { cache: 'warm' };
    isKnown ||= from !== undefined;
  }
  return isKnown ? { cache: 'cold' } : {};
}
