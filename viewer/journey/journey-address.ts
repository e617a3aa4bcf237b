/**
 * The address of a journey's history.
 *
 *   /journey/NAME
 *     ?site=HOST          where it was walked; the last one when missing
 *     &by=run             runs side by side, instead of over time
 *     &t=START-END        Unix ms: only the runs between
 *     &sel=TRACE_ID       the run that is pointed out
 *
 * A name that a path cannot carry (`..`) is given as ?name=.
 */
export interface JourneyAddress {
  readonly journey: string;
  readonly site?: string;
  readonly byRun?: boolean;
  readonly span?: readonly [startMs: number, endMs: number];
  readonly selected?: string;
}

const PATH = /^\/journey\/([^/]*)\/?$/;
const SPAN = /^(\d{1,15})-(\d{1,15})$/;

export function parseJourneyAddress(path: string, query: URLSearchParams): JourneyAddress | undefined {
  const match = PATH.exec(path);
  if (!match) return undefined;
  const journey = query.get('name') ?? decode(match[1] ?? '');
  if (journey === undefined) return undefined;
  const [, start, end] = SPAN.exec(query.get('t') ?? '') ?? [];
  const isSpan = start !== undefined && end !== undefined && Number(end) > Number(start);
  const selected = query.get('sel') ?? '';
  return {
    journey,
    ...(query.has('site') && { site: query.get('site') ?? '' }),
    ...(query.get('by') === 'run' && { byRun: true }),
    ...(isSpan && { span: [Number(start), Number(end)] as const }),
    ...(/^[0-9a-f]{32}$/.test(selected) && { selected }),
  };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

export function formatJourneyAddress({ journey, site, byRun, span, selected }: JourneyAddress): string {
  const query = new URLSearchParams();
  const fitsPath = !/^\.{0,2}$/.test(journey);
  if (!fitsPath) query.set('name', journey);
  if (site !== undefined) query.set('site', site);
  if (byRun) query.set('by', 'run');
  if (span) query.set('t', `${Math.round(span[0])}-${Math.round(span[1])}`);
  if (selected) query.set('sel', selected);
  const text = query.toString();
  return `/journey/${fitsPath ? encodeURIComponent(journey) : ''}${text ? `?${text}` : ''}`;
}
