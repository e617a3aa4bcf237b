/**
 * What of the runs is dropped, and in which order.
 *
 * ```
 * // by age and share   ordinary: files and spans after `days`, or at once when it is not in the share of `ordinary`
 * //                    notable: after `failedDays`, with every run's report
 * // by size            loose spans · ordinary files · ordinary spans · notable files · notable spans · reports ·
 * //                    fresh files · fresh spans;  each oldest first, until there is room
 * // never              what is needed (live, named by an open alert), and the reports that normal is learned from
 * ```
 * Fresh are a journey's last runs: neither `days` nor the share touches them.
 */
import type { Drop, DroppedBy, KeepPolicy, KeptPart, KeptRun } from '../../model/keeping.ts';
import { journeyKey, notableIn, shareOf } from './notable.ts';

/** As many as are looked at for what is usual (`RUNS_LOOKED_AT` of run/usual.ts), of each journey at each site. */
export const FRESH_RUNS = 20;
const DAY_MS = 86_400_000;
/** A run that has been running for longer was left by a process that died. */
const LIVE_UP_TO_MS = DAY_MS;
/** A service that lost the context is found among loose traces, while the run that it belongs to is put together. */
const LOOSE_FOR_MS = 3_600_000;

export interface KeepingGiven {
  /** When something was deployed: `headwater mark`. */
  readonly markedUnixMs?: readonly number[];
  /** Trace IDs that somebody points to: open alerts. */
  readonly needed?: ReadonlySet<string>;
  /** How much must go, whatever age and share leave; the sum of what is returned is no less, if there is so much. */
  readonly overBytes?: number;
}

/** @param runs what has something to drop, in any order */
export function toDrop(
  runs: readonly KeptRun[],
  policy: KeepPolicy,
  nowUnixMs: number,
  { markedUnixMs = [], needed = new Set(), overBytes = 0 }: KeepingGiven = {},
): Drop[] {
  const all = sorted(runs, markedUnixMs, needed, nowUnixMs);
  const drops = all.flatMap((run) => byAgeAndShare(run, policy, nowUnixMs));
  const gone = new Set(drops.map(keyOf));
  let leftBytes = overBytes - drops.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const drop of leftBytes > 0 ? bySize(all) : []) {
    if (leftBytes <= 0) break;
    if (gone.has(keyOf(drop))) continue;
    drops.push(drop);
    leftBytes -= drop.bytes;
  }
  return drops;
}

interface Sorted {
  readonly run: KeptRun;
  readonly isNeeded: boolean;
  readonly isFresh: boolean;
  readonly isNotable: boolean;
  /** What is usual is learned from its report. */
  readonly isTeaching: boolean;
}

/** Oldest first. */
function sorted(
  runs: readonly KeptRun[],
  markedUnixMs: readonly number[],
  needed: ReadonlySet<string>,
  nowUnixMs: number,
): Sorted[] {
  const oldestFirst = [...runs].sort((a, b) => a.atUnixMs - b.atUnixMs || (a.traceId < b.traceId ? -1 : 1));
  const notable = notableIn(oldestFirst, markedUnixMs);
  const isRun = ({ status }: KeptRun) => status !== 'loose';
  const fresh = lastOfEach(oldestFirst.filter(isRun));
  const teaching = lastOfEach(oldestFirst.filter(({ status, healthy }) => status === 'ok' && healthy));
  return oldestFirst.map((run) => ({
    run,
    isNeeded: needed.has(run.traceId) || isInUse(run, nowUnixMs),
    isFresh: fresh.has(run.traceId),
    isNotable: notable.has(run.traceId),
    isTeaching: teaching.has(run.traceId),
  }));
}

function isInUse({ status, atUnixMs }: KeptRun, nowUnixMs: number): boolean {
  const ageMs = nowUnixMs - atUnixMs;
  return (status === 'running' && ageMs < LIVE_UP_TO_MS) || (status === 'loose' && ageMs < LOOSE_FOR_MS);
}

function lastOfEach(oldestFirst: readonly KeptRun[]): Set<string> {
  const counts = new Map<string, number>();
  const last = new Set<string>();
  for (let i = oldestFirst.length - 1; i >= 0; i--) {
    const run = oldestFirst[i]!;
    const count = (counts.get(journeyKey(run)) ?? 0) + 1;
    counts.set(journeyKey(run), count);
    if (count <= FRESH_RUNS) last.add(run.traceId);
  }
  return last;
}

const STAYS: readonly Drop[] = [];

function byAgeAndShare(sorted: Sorted, policy: KeepPolicy, nowUnixMs: number): readonly Drop[] {
  const { run } = sorted;
  const days = (nowUnixMs - run.atUnixMs) / DAY_MS;
  const isOld = days > policy.failedDays;
  if (sorted.isNeeded || (sorted.isFresh && !isOld)) return STAYS;
  const by = isOld ? 'failedDays' : heavyGoesBy(sorted, policy, days);
  if (!by) return STAYS;
  return [
    ...dropOf(run, 'files', by),
    ...dropOf(run, 'spans', by),
    ...(isOld && !sorted.isTeaching ? dropOf(run, 'report', by) : []),
  ];
}

/** Undefined: it stays. */
function heavyGoesBy({ run, isNotable }: Sorted, policy: KeepPolicy, days: number): DroppedBy | undefined {
  if (isNotable) return undefined;
  if (days > policy.days) return 'days';
  // a loose trace has no report that could say what it was
  if (run.status === 'loose') return undefined;
  return shareOf(run.traceId) >= policy.ordinary ? 'ordinary' : undefined;
}

function* bySize(all: readonly Sorted[]): Generator<Drop> {
  const stale = all.filter(({ isNeeded, isFresh }) => !isNeeded && !isFresh);
  const ordinary = stale.filter(({ isNotable, run }) => !isNotable && run.status !== 'loose');
  const notable = stale.filter(({ isNotable }) => isNotable);
  const fresh = all.filter(({ isNeeded, isFresh }) => !isNeeded && isFresh);
  const groups: [readonly Sorted[], KeptPart][] = [
    [stale.filter(({ run }) => run.status === 'loose'), 'spans'],
    [ordinary, 'files'],
    [ordinary, 'spans'],
    [notable, 'files'],
    [notable, 'spans'],
    [stale.filter(({ isTeaching }) => !isTeaching), 'report'],
    [fresh, 'files'],
    [fresh, 'spans'],
  ];
  for (const [runs, part] of groups) for (const { run } of runs) yield* dropOf(run, part, 'size');
}

const dropOf = ({ traceId, bytes }: KeptRun, part: KeptPart, by: DroppedBy): Drop[] =>
  bytes[part] > 0 ? [{ traceId, part, by, bytes: bytes[part] }] : [];

const keyOf = ({ traceId, part }: Drop): string => `${traceId} ${part}`;
