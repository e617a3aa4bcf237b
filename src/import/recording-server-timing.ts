/**
 * What a server said of itself in a recorded `Server-Timing` header, as spans under the request.
 *
 * ```
 * // request  |--------------------------------------|
 * // waiting          |---------------------|
 * // db (12 ms)            |-----------|              only the length is known: drawn in the middle of the wait
 * // app (40 ms)      |---------------------|         longer than the wait: drawn as the wait, and said so
 * ```
 */
import { HEADWATER, PHASES } from '../model/attributes.ts';
import { spanIdOf } from '../model/ids.ts';
import type { ReportedSpan } from '../model/span.ts';
import { NANOS_PER_MS } from '../model/time.ts';
import { readServerTiming } from './server-timing.ts';

const HEADER = 'http.response.header.server-timing';
const METRIC = 'headwater.server_timing';

export function serverTimingSpans(request: ReportedSpan, phases: readonly ReportedSpan[]): ReportedSpan[] {
  const header = request.attributes[HEADER];
  const waiting = phases.find(({ name }) => name === PHASES.waiting);
  if (!Array.isArray(header) || !waiting) return [];
  const room = waiting.endUnixNano - waiting.startUnixNano;
  return readServerTiming(String(header[0])).flatMap(({ name, durationMs, description }, i) => {
    if (!durationMs) return [];
    const said = BigInt(Math.round(durationMs * NANOS_PER_MS));
    const length = said < room ? said : room;
    const startUnixNano = waiting.startUnixNano + (room - length) / 2n;
    return {
      ...waiting,
      spanId: spanIdOf(request.traceId, request.spanId, METRIC, i),
      parentSpanId: request.spanId,
      name,
      startUnixNano,
      endUnixNano: startUnixNano + length,
      evidence: 'inferred' as const,
      // It lies somewhere in what is left of the wait.
      precisionNs: Math.max(NANOS_PER_MS, Number(room - length)),
      attributes: {
        [HEADWATER.type]: 'server_timing',
        [HEADWATER.layer]: 'service',
        [HEADWATER.component]: String(
          request.attributes['server.address'] ?? request.attributes[HEADWATER.component],
        ),
        [`${METRIC}.duration_ms`]: durationMs,
        [`${METRIC}.clipped`]: said > room,
        ...(description && { [`${METRIC}.description`]: description }),
        [HEADWATER.inference]: 'Server-Timing says how long, not when: drawn in the middle of the wait',
      },
    };
  });
}
