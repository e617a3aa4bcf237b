/**
 * Runs by what they were, and journeys over time. Answered from columns: no run is read, however many there are.
 *
 *   GET /api/runs               RunSummary[], newest first
 *         ?journey= &site= &status=ok|failed|running &layer= &q=words &since= &until= (Unix ms)
 *         &before=START.TRACEID (the last run of the page before) &limit=
 *   GET /api/journeys           JourneyRow[], the one that ran last first; `budget` where budgets are set
 *   GET /api/journeys/history   JourneyHistory  ?journey= &site= &since= &until= &limit= (the newest)
 *                               `goals` where budgets or an objective are set: of the last runs, whatever is asked for
 */
import type { Context, Hono } from 'hono';
import { usualWall } from '../analyse/journey/usual-wall.ts';
import type { GoalsOf } from '../model/goals.ts';
import type { JourneyHistory, RunFilter, RunPlace } from '../model/journey.ts';
import { isLayer } from '../model/layer.ts';
import type { RunSummary } from '../model/report.ts';
import { unixNanoFromMs } from '../model/time.ts';
import { RUNS_LOOKED_AT } from '../run/usual.ts';
import { goalsState, markedRow } from './goals-state.ts';
import type { RunSource } from './run-source.ts';

const DEFAULT_LIMIT = 200;
const MAX_LIMIT = 1_000;
/** What a trend on the first screen shows, and its percentiles are of. */
export const RECENT_RUNS = 50;
/** A year of hourly runs would be 8 760; more points than this are more than a screen has pixels. */
const MAX_HISTORY = 2_000;

export interface AgreedOptions {
  /** What was agreed on for a journey; asked anew each time, so that a changed configuration counts. */
  readonly goals?: GoalsOf;
  /** Unix ms, for what is counted back from now; the machine's clock unless given. */
  readonly now?: () => number;
}

export function addJourneysApi(
  app: Hono,
  store: RunSource,
  { goals = () => undefined, now = Date.now }: AgreedOptions = {},
): void {
  app.get('/api/runs', (c) => {
    const filter = filterOf(c);
    if (typeof filter === 'string') return c.json({ error: filter }, 400);
    return c.json(store.runs(countOf(c, DEFAULT_LIMIT, MAX_LIMIT), filter));
  });
  app.get('/api/journeys', (c) => {
    const rows = store.journeys?.(RECENT_RUNS) ?? [];
    return c.json(rows.map((row) => markedRow(row, goals(row.journey), store)));
  });
  app.get('/api/journeys/history', (c) => sendHistory(c, store, { goals, now }));
}

function sendHistory(c: Context, store: RunSource, agreed: Required<AgreedOptions>): Response {
  const filter = filterOf(c);
  if (typeof filter === 'string') return c.json({ error: filter }, 400);
  const { journey } = filter;
  if (journey === undefined) return c.json({ error: 'Which journey? Give ?journey=NAME.' }, 400);
  const rows = (store.journeys?.(1) ?? []).filter((row) => row.journey === journey);
  const row = rows.find(({ site }) => site === (filter.site ?? rows[0]?.site));
  if (!row) return c.json({ error: noSuch(journey, filter.site, rows.length > 0) }, 404);
  const at = { journey, site: row.site };
  const outcomes = (limit: number, more: RunFilter) => store.outcomes?.(limit, { ...more, ...at }) ?? [];
  const usual = usualWall(outcomes(RUNS_LOOKED_AT, {}));
  const goals = agreed.goals(journey);
  const history: JourneyHistory = {
    ...at,
    sites: rows.map(({ site }) => site),
    total: row.runs,
    runs: [...outcomes(countOf(c, MAX_HISTORY, MAX_HISTORY), filter)].reverse(),
    ...(usual && { usual }),
    ...(goals && { goals: goalsState(at, goals, store, agreed.now()) }),
  };
  return c.json(history);
}

const noSuch = (journey: string, site: string | undefined, isKnown: boolean): string =>
  isKnown
    ? `No run of the journey "${journey}" at "${site}" is stored here.`
    : `No run of a journey "${journey}" is stored here. \`npx headwater list\` shows those that are.`;

function countOf(c: Context, otherwise: number, most: number): number {
  const count = Number(c.req.query('limit') ?? otherwise);
  return Number.isInteger(count) && count > 0 ? Math.min(count, most) : otherwise;
}

/** A sentence when something cannot be read. */
function filterOf(c: Context): RunFilter | string {
  const { journey, site, status, layer, q, since, until, before } = c.req.query();
  if (status && !isStatus(status)) return `"${status}" is no status: give ok, failed or running.`;
  if (layer && !isLayer(layer)) return `"${layer}" is no layer: give browser, dns, tcp, … as in the address.`;
  const [sinceUnixNano, untilUnixNano] = [since, until].map(instantOf);
  if (sinceUnixNano === null || untilUnixNano === null)
    return 'since and until are Unix times in milliseconds: give whole numbers.';
  const place = before ? placeOf(before) : undefined;
  if (place === null) return `"${before}" is no place in the list: give START.TRACEID of a run.`;
  const words = q?.split(/\s+/).filter(Boolean).slice(0, MAX_WORDS);
  return {
    ...(journey !== undefined && { journey }),
    ...(site !== undefined && { site }),
    ...(status && isStatus(status) && { status }),
    ...(layer && isLayer(layer) && { layer }),
    ...(words?.length && { words }),
    ...(sinceUnixNano !== undefined && { sinceUnixNano }),
    ...(untilUnixNano !== undefined && { untilUnixNano }),
    ...(place && { before: place }),
  };
}

/** Each is one more look at every row. */
const MAX_WORDS = 12;

const isStatus = (text: string): text is RunSummary['status'] => /^(ok|failed|running)$/.test(text);

/** Undefined when nothing was said, null when it is no instant. */
function instantOf(text: string | undefined): bigint | undefined | null {
  if (!text) return undefined;
  return /^\d{1,13}$/.test(text) ? unixNanoFromMs(Number(text)) : null;
}

function placeOf(text: string): RunPlace | null {
  const [, startUnixNano, traceId] = /^(\d{1,19})\.([0-9a-f]{32})$/i.exec(text) ?? [];
  return startUnixNano && traceId ? { startUnixNano, traceId: traceId.toLowerCase() } : null;
}
