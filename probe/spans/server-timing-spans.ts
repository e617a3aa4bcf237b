/**
 * What a server said of itself in `Server-Timing`, as spans under the request.
 *
 * ```
 * // request  |--------------------------------------|
 * // waiting          |---------------------|
 * // db (12 ms)            |-----------|              only the length is known: drawn in the middle of the wait
 * // app (40 ms)      |---------------------|         longer than the wait: drawn as the wait, and said so
 * ```
 * The header gives durations and no instants, so the place is inferred; the duration as said is kept beside it.
 */
import { readServerTiming } from '../../src/import/server-timing.ts';
import { HEADWATER, PHASES } from '../../src/model/attributes.ts';
import { NANOS_PER_MS } from '../../src/model/time.ts';
import { newSpanId, type SpanDraft } from './span-draft.ts';

const METRIC = 'headwater.server_timing';

export function serverTimingSpans(
  header: string | undefined,
  request: SpanDraft,
  phases: readonly SpanDraft[],
): SpanDraft[] {
  const waiting = phases.find((phase) => phase.name === PHASES.waiting);
  if (!header || !waiting) return [];
  const room = waiting.endUnixNano - waiting.startUnixNano;
  return readServerTiming(header).flatMap(({ name, durationMs, description }) => {
    if (!durationMs) return [];
    const said = BigInt(Math.round(durationMs * NANOS_PER_MS));
    const length = said < room ? said : room;
    const startUnixNano = waiting.startUnixNano + (room - length) / 2n;
    return {
      spanId: newSpanId(),
      parentSpanId: request.spanId,
      type: 'server_timing' as const,
      name,
      layer: 'service' as const,
      component: String(request.attributes?.['server.address'] ?? request.component),
      startUnixNano,
      endUnixNano: startUnixNano + length,
      source: 'cdp' as const,
      evidence: 'inferred' as const,
      // It lies somewhere in what is left of the wait.
      precisionNs: Math.max(NANOS_PER_MS, Number(room - length)),
      attributes: {
        [`${METRIC}.duration_ms`]: durationMs,
        [`${METRIC}.clipped`]: said > room,
        ...(description && { [`${METRIC}.description`]: description }),
        [HEADWATER.inference]: 'Server-Timing says how long, not when: drawn in the middle of the wait',
      },
    };
  });
}
