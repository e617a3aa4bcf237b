/**
 * Requests that a page makes one after the other though they are alike, each when it has the answer of the one before:
 * ```
 * // GET /price/1  |------|
 * // GET /price/2          |------|            together they would have taken as long as one
 * // GET /price/3                   |------|
 * ```
 */
import type { Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { textAt } from '../tree.ts';

/** Fewer may well need each other's answers. */
export const MIN_CHAIN = 5;
/** A script goes on at once when an answer is there; on a busy machine within this. Slower ones have a plan (polling). */
const MAX_PAUSE_NS: Nanos = 100e6;
/** Stamps of two requests of one browser; the next may be asked for before the end of the last is told. */
const EARLY_NS: Nanos = 2e6;

/** @param requests by start @returns each request of a chain → the whole chain, in order */
export function chainsOf(requests: readonly Span[]): ReadonlyMap<Span, readonly Span[]> {
  const openByShape = new Map<string, Span[]>();
  const chains: Span[][] = [];
  for (const request of requests) {
    const shape = shapeOf(request);
    if (shape === undefined) continue;
    const open = openByShape.get(shape);
    const last = open?.at(-1);
    if (open && last && follows(request, last)) open.push(request);
    else {
      const begun = [request];
      openByShape.set(shape, begun);
      chains.push(begun);
    }
  }
  const long = chains.filter((chain) => new Set(chain.map(urlOf)).size >= MIN_CHAIN);
  return new Map(long.flatMap((chain) => chain.map((request) => [request, chain] as const)));
}

const follows = (request: Span, last: Span): boolean =>
  request.startNs >= last.endNs - EARLY_NS && request.startNs <= last.endNs + MAX_PAUSE_NS;

const urlOf = ({ attributes }: Span): string => textAt(attributes, 'url.full') ?? '';

/** Asked by a script, and alike but for numbers and ids in the path and for the query. */
function shapeOf(request: Span): string | undefined {
  const kind = textAt(request.attributes, 'headwater.resource_type');
  if (kind !== 'fetch' && kind !== 'xhr') return undefined;
  const method = textAt(request.attributes, 'http.request.method') ?? '';
  if (method !== 'GET') return undefined;
  return (urlOf(request).split(/[?#]/, 1)[0] ?? '').replace(/\/[\w-]*\d[\w-]*/g, '/*');
}
