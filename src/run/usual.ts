/** What is usual for a run, from what the store holds: earlier runs of the same journey at the same site. */
import { type JudgedRun, type Normal, normalOf } from '../analyse/normal.ts';
import { textAt, typeOf } from '../analyse/tree.ts';
import { HEADWATER } from '../model/attributes.ts';
import type { Span, Trace } from '../model/trace.ts';
import type { Store } from '../store/store.ts';

/** A site changes; what it was like many runs ago is not what is usual now. */
export const RUNS_LOOKED_AT = 20;
/** How far back those are looked for among runs of other journeys. */
const RUNS_LISTED = 500;

export type Usual = (trace: Trace) => Normal | undefined;

export function usualFrom(store: Pick<Store, 'runs' | 'outline'>): Usual {
  return (trace) => {
    const root = trace.spans.find(({ spanId }) => spanId === trace.rootId);
    const journey = root && textAt(root.attributes, HEADWATER.journey);
    return journey === undefined ? undefined : normalOf(earlierRuns(trace, root!, journey, store));
  };
}

function earlierRuns(
  trace: Trace,
  root: Span,
  journey: string,
  store: Pick<Store, 'runs' | 'outline'>,
): JudgedRun[] {
  const startUnixNano = BigInt(trace.originUnixNano) + BigInt(root.startNs);
  const site = siteOf(trace.spans);
  return store
    .runs(RUNS_LISTED)
    .filter(
      (run) => run.journey === journey && run.status === 'ok' && BigInt(run.startUnixNano) < startUnixNano,
    )
    .slice(0, RUNS_LOOKED_AT)
    .flatMap(({ traceId }) => {
      const view = store.outline(traceId);
      return view && view.site === site ? [view.report] : [];
    });
}

/** Host of the first request: the same journey at another site is another matter, at another port it is not. */
export function siteOf(spans: readonly Span[]): string | undefined {
  let first: Span | undefined;
  for (const span of spans)
    if (typeOf(span) === 'request' && (first === undefined || span.startNs < first.startNs)) first = span;
  return first && textAt(first.attributes, 'server.address');
}
