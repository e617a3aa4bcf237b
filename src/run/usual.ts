/** What is usual for a run, from what the store holds: earlier runs of the same journey at the same site. */
import { type JudgedRun, type Normal, normalOf } from '../analyse/normal.ts';
import { textAt, typeOf } from '../analyse/tree.ts';
import { HEADWATER } from '../model/attributes.ts';
import type { RunView } from '../model/report.ts';
import type { Span } from '../model/trace.ts';
import type { Store } from '../store/store.ts';

/** A site changes; what it was like many runs ago is not what is usual now. */
export const RUNS_LOOKED_AT = 20;
/** How far back those are looked for among runs under other conditions. */
const RUNS_LISTED = 200;

type Asking = Pick<RunView, 'trace' | 'conditions'>;

export type Usual = (run: Asking) => Normal | undefined;

export function usualFrom(store: Pick<Store, 'runs' | 'outline'>): Usual {
  return (run) => {
    const root = run.trace.spans.find(({ spanId }) => spanId === run.trace.rootId);
    const journey = root && textAt(root.attributes, HEADWATER.journey);
    return journey === undefined ? undefined : normalOf(earlierRuns(run, root!, journey, store));
  };
}

/** At the same site and under the same conditions: on a warm connection a run is quicker. */
function earlierRuns(
  { trace, conditions }: Asking,
  root: Span,
  journey: string,
  store: Pick<Store, 'runs' | 'outline'>,
): JudgedRun[] {
  const startUnixNano = BigInt(trace.originUnixNano) + BigInt(root.startNs);
  const site = siteOf(trace.spans);
  const earlier: JudgedRun[] = [];
  const before = { journey, site: site ?? '', status: 'ok', untilUnixNano: startUnixNano - 1n } as const;
  for (const { traceId } of store.runs(RUNS_LISTED, before)) {
    if (earlier.length === RUNS_LOOKED_AT) break;
    const view = store.outline(traceId);
    if (view && view.site === site && isAlike(view.conditions, conditions)) earlier.push(view.report);
  }
  return earlier;
}

/** Views of older versions do not tell. */
const isAlike = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || one === other;

/** Host of the first request: the same journey at another site is another matter, at another port it is not. */
export function siteOf(spans: readonly Span[]): string | undefined {
  let first: Span | undefined;
  for (const span of spans)
    if (typeOf(span) === 'request' && (first === undefined || span.startNs < first.startNs)) first = span;
  return first && textAt(first.attributes, 'server.address');
}
