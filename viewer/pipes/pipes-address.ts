/**
 * What is on screen, in the address.
 *
 *   /run/TRACE_ID/pipes
 *     ?sel=PLACE     the station or pipe whose story is open; empty: none
 *     &t=NS          the moment that is shown, ns since the trace's origin; absent: the whole run
 *     &x=SPEED       how fast it plays, times real time
 *     &all=1         no station is folded
 */
import type { Nanos } from '../../src/model/time.ts';

export interface PipesAddress {
  readonly traceId: string;
  readonly selected?: string | undefined;
  readonly atNs?: Nanos | undefined;
  readonly speed?: number | undefined;
  readonly isUnfolded?: boolean;
}

const PATH = /^\/run\/([0-9a-f]{4,32})\/pipes\/?$/i;
const INSTANT = /^-?\d{1,16}$/;

/** Undefined for an address of another screen. What cannot be read of a query is left out. */
export function parsePipesAddress(path: string, query: URLSearchParams): PipesAddress | undefined {
  const traceId = PATH.exec(path)?.[1]?.toLowerCase();
  if (!traceId) return undefined;
  const [at, speed] = [query.get('t') ?? '', Number(query.get('x'))];
  return {
    traceId,
    selected: query.get('sel') ?? undefined,
    atNs: INSTANT.test(at) ? Number(at) : undefined,
    speed: Number.isFinite(speed) && speed > 0 ? speed : undefined,
    isUnfolded: query.get('all') === '1',
  };
}

export function formatPipesAddress({ traceId, selected, atNs, speed, isUnfolded }: PipesAddress): string {
  const query = new URLSearchParams();
  if (selected !== undefined) query.set('sel', selected);
  if (atNs !== undefined) query.set('t', String(Math.round(atNs)));
  if (speed !== undefined) query.set('x', String(speed));
  if (isUnfolded) query.set('all', '1');
  const text = query.toString();
  return `/run/${traceId}/pipes${text ? `?${text}` : ''}`;
}
