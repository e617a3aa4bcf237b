/**
 * What becomes of one group's alert when its journeys were judged again.
 *
 *   judged    |x      |x      |.      |x      |.      |.      |.           x: the signal came, .: it did not
 *   fires     |=======================================|                    over when it was absent for `resolveAfterMs`
 *                                             ' since it was last seen '   and in CLEAR_JUDGEMENTS judgements in a row
 *
 * One that comes back soon after it was over fires again, but has to be away twice as long each time before it counts
 * as over: what comes and goes all night becomes one long alert, not forty.
 */
import type { Alert, AlertMember } from '../model/alert.ts';
import { spanIdOf } from '../model/ids.ts';
import type { Signal } from '../model/signal.ts';

export interface AlertRules {
  /** How long a signal must be away before it is over. */
  readonly resolveAfterMs: number;
  /** And in how many judgements in a row. */
  readonly clearJudgements: number;
}

/** One good run may be luck. */
export const CLEAR_JUDGEMENTS = 2;
/** Longer than people need to see that a repair holds, shorter than they want to wait for the word. */
export const RESOLVE_AFTER_MS = 10 * 60_000;
/** Back within this time after it was over, it is taken for the same trouble. */
export const COMEBACK_WITHIN_MS = 60 * 60_000;
/** 2³: with ten minutes to begin with, over an hour's quiet at most is asked for. */
export const DOUBLED_AT_MOST = 3;
/** A journey that nobody has judged for so long was taken out of the schedule. */
export const ABANDONED_AFTER_MS = 7 * 24 * 60 * 60_000;

export interface Judgement {
  /** This group's signals by their keys. */
  readonly signals: ReadonlyMap<string, Signal>;
  readonly isJudged: (signal: Signal) => boolean;
  readonly nowUnixMs: number;
}

/** @param last the group's alert of before, firing or over */
export function stepAlert(
  group: string,
  last: Alert | undefined,
  judgement: Judgement,
  rules: AlertRules,
): Alert | undefined {
  const goesOn = last?.resolvedUnixMs === null;
  if (last && goesOn) return settle({ ...last, members: judgedMembers(last, judgement, rules) }, judgement);
  if (judgement.signals.size === 0) return last;
  return last && isOwed(last) ? reopen(last, judgement) : begin(group, last, judgement);
}

/** It was told of, and that it is over was not: for those who were told it never ended. */
export const isOwed = ({ resolvedUnixMs, told }: Alert): boolean =>
  resolvedUnixMs !== null && told !== null && !told.resolved;

function begin(group: string, last: Alert | undefined, { signals, nowUnixMs }: Judgement): Alert {
  const isBack =
    last?.resolvedUnixMs !== undefined &&
    last.resolvedUnixMs !== null &&
    nowUnixMs - last.resolvedUnixMs <= COMEBACK_WITHIN_MS;
  return {
    id: spanIdOf('alert', group, nowUnixMs),
    group,
    firedUnixMs: nowUnixMs,
    resolvedUnixMs: null,
    comebacks: isBack ? last.comebacks + 1 : 0,
    members: sorted([...signals.values()].map((signal) => seen(signal, nowUnixMs))),
    told: null,
  };
}

function reopen(last: Alert, { signals, nowUnixMs }: Judgement): Alert {
  const others = last.members.filter(({ signal }) => !signals.has(signal.key));
  const back = [...signals.values()].map((signal) => seen(signal, nowUnixMs));
  return {
    ...last,
    resolvedUnixMs: null,
    comebacks: last.comebacks + 1,
    members: sorted([...others, ...back]),
  };
}

const seen = (signal: Signal, nowUnixMs: number): AlertMember => ({
  signal,
  seenUnixMs: nowUnixMs,
  clearJudgements: 0,
  isOver: false,
});

function judgedMembers(alert: Alert, judgement: Judgement, rules: AlertRules): AlertMember[] {
  const { signals, nowUnixMs } = judgement;
  const awayMs = rules.resolveAfterMs * 2 ** Math.min(alert.comebacks, DOUBLED_AT_MOST);
  const known = new Set(alert.members.map(({ signal }) => signal.key));
  const joined = [...signals.values()].filter(({ key }) => !known.has(key));
  return sorted([
    ...alert.members.map((member) => {
      const signal = signals.get(member.signal.key);
      return signal
        ? goingOn(member, signal, nowUnixMs)
        : absent(member, judgement, { ...rules, resolveAfterMs: awayMs });
    }),
    ...joined.map((signal) => seen(signal, nowUnixMs)),
  ]);
}

function goingOn(member: AlertMember, signal: Signal, nowUnixMs: number): AlertMember {
  if (member.isOver) return seen(signal, nowUnixMs);
  const sinceUnixMs = Math.min(member.signal.sinceUnixMs, signal.sinceUnixMs);
  return seen({ ...signal, sinceUnixMs }, nowUnixMs);
}

function absent(member: AlertMember, { isJudged, nowUnixMs }: Judgement, rules: AlertRules): AlertMember {
  if (member.isOver) return member;
  const awayMs = nowUnixMs - member.seenUnixMs;
  if (!isJudged(member.signal)) return { ...member, isOver: awayMs >= ABANDONED_AFTER_MS };
  const clearJudgements = member.clearJudgements + 1;
  const isOver = clearJudgements >= rules.clearJudgements && awayMs >= rules.resolveAfterMs;
  return { ...member, clearJudgements, isOver };
}

const settle = (alert: Alert, { nowUnixMs }: Judgement): Alert =>
  alert.members.every(({ isOver }) => isOver) ? { ...alert, resolvedUnixMs: nowUnixMs } : alert;

const sorted = (members: AlertMember[]): AlertMember[] =>
  members.sort((a, b) => (a.signal.key < b.signal.key ? -1 : a.signal.key > b.signal.key ? 1 : 0));
