/**
 * The runs that tell what is usual for a journey and what has changed, from the store: the last ones, and a few of each
 * hour of earlier days. However many there are in the store, the same few are read, and each of them once.
 *
 * ```
 * // five days   .   .   .   .   .   .   .   .   .   .   .   .  . ...............|  now
 * //             four runs of every three hours                the last 160
 * ```
 */

import { RUNS_LOOKED_AT } from '../analyse/shift/shifts-in.ts';
import type { RunFilter } from '../model/journey.ts';
import type { RunView } from '../model/report.ts';
import type { ShiftRun } from '../model/shift.ts';
import { unixMsFromNano, unixNanoFromMs } from '../model/time.ts';
import type { Store } from '../store/store.ts';
import { runConditions } from './run-conditions.ts';

export type ReadRuns = Pick<Store, 'runs' | 'outline' | 'spans' | 'lastAppend'>;

/** Cold and warm ones take turns, at most. */
const RECENT = 2 * RUNS_LOOKED_AT;
const EARLIER_DAYS = 5;
const BLOCK_MS = 3 * 3_600_000;
const RUNS_A_BLOCK = 4;
const DAY_MS = 24 * 3_600_000;

/** Oldest first. Only those that ended well: one that broke off has no times to compare. */
export function shiftRuns(journey: string, site: string, store: ReadRuns, nowUnixMs: number): ShiftRun[] {
  const filter = { journey, site, status: 'ok' } as const;
  const recent = idsOf(store, RECENT, { ...filter, untilUnixNano: unixNanoFromMs(nowUnixMs) });
  const oldest = recent.at(-1);
  if (!oldest) return [];
  const earlier = recent.length < RECENT ? [] : earlierIds(filter, oldest.unixMs, nowUnixMs, store);
  return [...recent, ...earlier].reverse().flatMap(({ traceId }) => readRun(traceId, site, store) ?? []);
}

interface Found {
  readonly traceId: string;
  readonly unixMs: number;
}

const idsOf = (store: ReadRuns, limit: number, filter: RunFilter): Found[] =>
  store.runs(limit, filter).map(({ traceId, startUnixNano }) => ({
    traceId,
    unixMs: unixMsFromNano(BigInt(startUnixNano)),
  }));

/** Newest first. Blocks begin at full hours, so that the same runs are read again after the next run. */
function earlierIds(filter: RunFilter, beforeUnixMs: number, nowUnixMs: number, store: ReadRuns): Found[] {
  const found: Found[] = [];
  const first = Math.floor((nowUnixMs - EARLIER_DAYS * DAY_MS) / BLOCK_MS) * BLOCK_MS;
  const last = Math.floor(beforeUnixMs / BLOCK_MS) * BLOCK_MS;
  for (let from = last; from >= first; from -= BLOCK_MS) {
    const until = Math.min(from + BLOCK_MS, beforeUnixMs) - 1;
    const between = { sinceUnixNano: unixNanoFromMs(from), untilUnixNano: unixNanoFromMs(until) };
    found.push(...idsOf(store, RUNS_A_BLOCK, { ...filter, ...between }));
  }
  return found;
}

interface Kept {
  readonly run: ShiftRun;
  /** Of how many batches of spans: with more, it is another run. */
  readonly madeOf: number;
}

const KEPT = new WeakMap<ReadRuns, Map<string, Kept>>();
/** Some 20 KB each. */
const MOST_KEPT = 1_000;

function readRun(traceId: string, site: string, store: ReadRuns): ShiftRun | undefined {
  const known = KEPT.get(store) ?? new Map<string, Kept>();
  KEPT.set(store, known);
  const { chunks } = store.lastAppend(traceId);
  const kept = known.get(traceId);
  if (kept?.madeOf === chunks) return kept.run;
  const view = store.outline(traceId);
  if (!view) return undefined;
  const run = shiftRunOf(view, site, view.conditions ?? runConditions(store.spans(traceId)));
  if (view.madeOf === chunks) keep(known, traceId, { run, madeOf: chunks });
  return run;
}

function keep(known: Map<string, Kept>, traceId: string, kept: Kept): void {
  known.set(traceId, kept);
  const [oldest] = known.keys();
  if (known.size > MOST_KEPT && oldest !== undefined) known.delete(oldest);
}

function shiftRunOf({ report }: RunView, site: string, conditions: string): ShiftRun {
  const { traceId, journey, status, startUnixNano, wallNs, ledger, steps } = report;
  return {
    ...{ traceId, journey, site, conditions, status, startUnixNano, wallNs, ledger },
    steps: steps.map(({ name, status, wallNs, ledger }) => ({ name, status, wallNs, ledger })),
  };
}
