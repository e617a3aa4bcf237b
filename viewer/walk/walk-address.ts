/**
 * Where on a walk, in the address.
 *
 *   /run/TRACE_ID/walk   the walkthrough of a run
 *     ?stop=3            the third stop; the first when missing
 *     &req=SPAN_ID       along the request around that span; the most telling one when missing
 */
export interface WalkAddress {
  readonly traceId: string;
  /** From 0. */
  readonly stop: number;
  readonly request?: string | undefined;
}

const WALK_PATH = /^\/run\/([0-9a-f]{4,32})\/walk\/?$/i;

export function parseWalkAddress(path: string, query: URLSearchParams): WalkAddress | undefined {
  const traceId = WALK_PATH.exec(path)?.[1]?.toLowerCase();
  if (!traceId) return undefined;
  const stop = Number(query.get('stop') ?? 1);
  return {
    traceId,
    stop: Number.isInteger(stop) && stop > 0 ? stop - 1 : 0,
    request: query.get('req') ?? undefined,
  };
}

export function formatWalkAddress({ traceId, stop, request }: WalkAddress): string {
  const query = new URLSearchParams();
  if (stop > 0) query.set('stop', String(stop + 1));
  if (request !== undefined) query.set('req', request);
  const text = query.toString();
  return `/run/${traceId}/walk${text ? `?${text}` : ''}`;
}
