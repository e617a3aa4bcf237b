/**
 * Traces that a run's requests name (stitch/named-traces.ts) become part of it as far as the store holds them: when its
 * view is made, and again when more of them has come since.
 */
import type { RunView } from '../model/report.ts';
import type { ReportedSpan } from '../model/span.ts';
import { copiedTo, namedTraceIds, ofServers } from '../stitch/named-traces.ts';
import type { Store } from '../store/store.ts';

/** Of a page with more requests, the first that were named are looked for. */
const MAX_TRACES = 1_000;
/** A trace that goes on for hours is no request's; reading it would hold up everybody. */
const MAX_CHUNKS_OF_ONE = 500;

type NamedTraces = NonNullable<RunView['named']>;

type Kept = Pick<Store, 'spans' | 'lastAppend'>;

export interface RunSpans {
  readonly spans: readonly ReportedSpan[];
  /** Of so many batches of the run's own. */
  readonly madeOf: number;
  /** Those of `spans` that the run has not got yet in the store. */
  readonly news: readonly ReportedSpan[];
  /** Undefined when its requests name none. */
  readonly named?: NamedTraces;
}

/** All that there is of a run, what the traces tell that its requests name included. */
export function runSpans(traceId: string, store: Kept): RunSpans {
  const madeOf = store.lastAppend(traceId).chunks;
  const own = store.spans(traceId);
  const traceIds = namedIn(own);
  if (traceIds.length === 0) return { spans: own, madeOf, news: [] };
  const { chunks } = store.lastAppend(traceIds);
  const named = { traceIds, chunks };
  if (chunks === 0) return { spans: own, madeOf, news: [], named };
  const known = new Set(own.map(keyOf));
  const news = traceIds
    .filter((id) => store.lastAppend(id).chunks <= MAX_CHUNKS_OF_ONE)
    .flatMap((id) => ofServers(store.spans(id)))
    .map((span) => copiedTo(traceId, span))
    .filter((copy) => !known.has(keyOf(copy)));
  return { spans: [...own, ...news], madeOf, news, named };
}

/** Whether more of the named traces is there than when it was last asked. */
export const hasMore = (named: NamedTraces, store: Pick<Store, 'lastAppend'>): boolean =>
  store.lastAppend(named.traceIds).chunks !== named.chunks;

/** A store in which what comes of the named traces counts as the run's own. */
export function withNamed(traceId: string, store: Kept): Pick<Store, 'lastAppend'> {
  const traceIds = [traceId, ...namedIn(store.spans(traceId))];
  return { lastAppend: () => store.lastAppend(traceIds) };
}

const namedIn = (own: readonly ReportedSpan[]): readonly string[] =>
  [...namedTraceIds(own)].slice(0, MAX_TRACES);

/** Client and server may share one span id. */
const keyOf = ({ spanId, source, kind }: ReportedSpan): string => `${spanId}/${source}/${kind}`;
