/**
 * What is on screen, in the address.
 *
 *   /compare/A            with what is usual, else with the run before it; /run/A/compare says the same
 *   /compare/A/B          with another run; /compare/A/normal with what is usual
 *     ?sel=a:SPAN_ID      selected row (b: where only the other run has it)
 *     &sort=change        siblings by how much they changed, not by when they began
 *     &min=NS             least change that is shown
 *     &q=WORDS            search
 */

export interface CompareAddress {
  readonly a: string;
  /** A trace ID, or `normal`. */
  readonly b: string | undefined;
  readonly selected?: string | undefined;
  readonly sort: SpanSort;
  readonly minNs?: number | undefined;
  readonly query: string;
}

export type SpanSort = 'start' | 'change';

const PATH = /^\/compare\/([0-9a-f]{4,32})(?:\/([0-9a-f]{4,32}|normal))?\/?$/i;
const OF_RUN = /^\/run\/([0-9a-f]{4,32})\/compare\/?$/i;

/** Undefined for an address of another screen. What cannot be read of a query is left out. */
export function parseCompareAddress(path: string, query: URLSearchParams): CompareAddress | undefined {
  const match = PATH.exec(path) ?? OF_RUN.exec(path);
  if (!match?.[1]) return undefined;
  const min = query.get('min');
  return {
    a: match[1].toLowerCase(),
    b: match[2]?.toLowerCase(),
    selected: query.get('sel') ?? undefined,
    sort: query.get('sort') === 'change' ? 'change' : 'start',
    minNs: min !== null && /^\d{1,15}$/.test(min) ? Number(min) : undefined,
    query: query.get('q') ?? '',
  };
}

export function formatCompareAddress({ a, b, selected, sort, minNs, query }: CompareAddress): string {
  const words = new URLSearchParams();
  if (selected) words.set('sel', selected);
  if (sort === 'change') words.set('sort', sort);
  if (minNs !== undefined) words.set('min', String(minNs));
  if (query) words.set('q', query);
  const text = words.toString();
  return `/compare/${a}${b === undefined ? '' : `/${b}`}${text ? `?${text}` : ''}`;
}
