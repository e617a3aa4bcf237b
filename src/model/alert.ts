/** What is told to people who are not looking: signals that share a guilty part, from the first of them to the last. */
import type { Severity, Signal } from './signal.ts';

/** One signal of an alert, and whether it still comes. */
export interface AlertMember {
  /** As it was last; `sinceUnixMs` is the earliest that was said while it went on. */
  readonly signal: Signal;
  /** When a judgement last had it. */
  readonly seenUnixMs: number;
  /** Judgements of its journey in a row that did not have it. */
  readonly clearJudgements: number;
  readonly isOver: boolean;
}

/** What people know of an alert, because it was sent. */
export interface Told {
  readonly severity: Severity;
  /** How many journeys were named. */
  readonly journeys: number;
  /** Messages sent so far. */
  readonly times: number;
  readonly resolved: boolean;
  /** When a ticket became a page. */
  readonly raisedUnixMs?: number;
  /** That the worst was over was told, once; and that it was back, once. */
  readonly eased?: 'told' | 'back';
}

export interface Alert {
  /** 16 hex digits; another one each time the group fires anew. */
  readonly id: string;
  /** What its signals share: the guilty part, or the journey where nobody is guilty. */
  readonly group: string;
  readonly firedUnixMs: number;
  /** Null while it fires. */
  readonly resolvedUnixMs: number | null;
  /** How often it has come back soon after it was over. */
  readonly comebacks: number;
  /** By the signal's key. */
  readonly members: readonly AlertMember[];
  /** Null: nobody was told of it yet. */
  readonly told: Told | null;
}

/** Somebody is at it. */
export interface Acknowledgement {
  readonly by?: string;
  readonly atUnixMs: number;
}

/** What signals must be like; each that is given must fit. */
export interface SilenceMatcher {
  readonly journey?: string;
  readonly site?: string;
  readonly kind?: string;
  readonly severity?: string;
  readonly layer?: string;
  readonly component?: string;
  readonly cause?: string;
}

/** Nothing is sent of signals that are like this. */
export interface Silence {
  readonly id: string;
  readonly matcher: SilenceMatcher;
  readonly atUnixMs: number;
  readonly untilUnixMs: number;
  readonly by?: string;
  readonly reason?: string;
}

export type AlertState = 'firing' | 'acknowledged' | 'silenced' | 'resolved';

/** An alert as lists show it. */
export interface AlertRow {
  readonly id: string;
  readonly state: AlertState;
  readonly severity: Severity;
  readonly headline: string;
  readonly sentence: string;
  readonly next: string;
  readonly journeys: readonly string[];
  readonly sinceUnixMs: number;
  readonly resolvedUnixMs: number | null;
  readonly acknowledgedBy?: string;
  /** A run that shows it. */
  readonly traceId?: string;
  /** A run as they were before. */
  readonly usualTraceId?: string;
}
