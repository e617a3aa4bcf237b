/**
 * The witness that looks through what else arrived while the run was on, for servers that spoke of its requests
 * without knowing its trace (see stitch/adopt.ts). Whatever may fit is told with the trace's id; stitching decides, so
 * that the answer does not depend on what came first.
 */
import type { ReportedSpan, Warning } from '../model/span.ts';
import { isStranger, offeredTo, strangersToOffer, withBelow } from '../stitch/adopt.ts';
import { namedTraceIds } from '../stitch/named-traces.ts';
import type { Arrived, Store } from '../store/store.ts';
import type { Testimony, Witness } from './witness.ts';

/** A busy site's servers send far more than one run; what is beyond this many batches a look is not looked at. */
const MAX_CHUNKS = 20_000;
/** So many traces beside a run that look like its own say that nothing can be told apart by path and time. */
const MAX_OFFERED = 1_000;

interface Offered {
  readonly stranger: ReportedSpan;
  readonly how: string;
  /** Keys of its spans that were told already. */
  readonly told: Set<string>;
}

type SpanStore = Pick<Store, 'lastChunk' | 'spansSince' | 'spans'>;

/** A witness for each of many runs that were on together: what arrived meanwhile is read once for all of them. */
export function strangersOfEach(
  traceIds: readonly string[],
  store: SpanStore,
  since: number,
): ReadonlyMap<string, Witness> {
  let latest: { readonly after: number; readonly arrived: Arrived } | undefined;
  const together: SpanStore = {
    lastChunk: () => store.lastChunk(),
    spans: (traceId) => store.spans(traceId),
    spansSince(after, limit) {
      if (latest?.after !== after || latest.arrived.lastChunk !== store.lastChunk())
        latest = { after, arrived: store.spansSince(after, limit, traceIds) };
      return latest.arrived;
    },
  };
  return new Map(traceIds.map((traceId) => [traceId, strangersIn(together, since)]));
}

/** @param since the store's batch after which they are looked for; `begin` makes it the last one */
export function strangersIn(store: SpanStore, since = 0): Witness {
  let seen = since;
  let strangers: ReportedSpan[] = [];
  let warned = false;
  const offeredByTrace = new Map<string, Offered[]>();
  return {
    name: 'traces of their own',
    async begin() {
      seen = store.lastChunk();
      strangers = [];
      warned = false;
      offeredByTrace.clear();
    },
    async ask(traceId): Promise<Testimony> {
      const arrived = store.spansSince(seen, MAX_CHUNKS);
      if (arrived.lastChunk === seen) return NOTHING;
      seen = arrived.lastChunk;
      const others = arrived.spans.filter((span) => span.traceId !== traceId);
      strangers.push(...others.filter(isStranger));
      const own = strangers.length > 0 ? store.spans(traceId) : [];
      // What the run's requests name comes to it by that.
      const named = namedTraceIds(own);
      const found = strangersToOffer(
        own,
        strangers.filter((span) => !named.has(span.traceId)),
      );
      strangers = strangers.filter((span) => !found.has(span));
      const changed = new Set(others.map((span) => span.traceId).filter((id) => offeredByTrace.has(id)));
      for (const [stranger, how] of [...found].slice(0, MAX_OFFERED - offeredByTrace.size)) {
        const ofTrace = offeredByTrace.get(stranger.traceId) ?? [];
        offeredByTrace.set(stranger.traceId, [...ofTrace, { stranger, how, told: new Set() }]);
        changed.add(stranger.traceId);
      }
      const warnings = offeredByTrace.size >= MAX_OFFERED && !warned ? [tooMany(traceId)] : [];
      warned ||= warnings.length > 0;
      return { spans: [...changed].flatMap((id) => untold(id, traceId)), warnings };
    },
  };

  /** What hangs below the strangers of one trace and was not told before: it comes in any order. */
  function untold(strangeTraceId: string, traceId: string): ReportedSpan[] {
    const spans = store.spans(strangeTraceId);
    return offeredByTrace.get(strangeTraceId)!.flatMap(({ stranger, how, told }) =>
      withBelow(stranger, spans).flatMap((span) => {
        const key = `${span.spanId}/${span.source}/${span.kind}`;
        if (told.has(key)) return [];
        told.add(key);
        return [offeredTo(traceId, span, stranger, how)];
      }),
    );
  }
}

const tooMany = (traceId: string): Warning => ({
  code: 'context.too_much_traffic',
  where: traceId,
  message: `More than ${MAX_OFFERED} traces of other requests look like this run's own; later ones were not compared.`,
});

const NOTHING: Testimony = { spans: [], warnings: [] };
