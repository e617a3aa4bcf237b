/**
 * What was agreed on for a journey: what it may take (budgets), and how many of its runs must go well (its objective,
 * an SLO in Google's words). And what the runs say of that.
 */
import type { Layer } from './layer.ts';
import type { RunSummary, Verdict } from './report.ts';
import type { Severity } from './signal.ts';
import type { Nanos } from './time.ts';

/** What is looked at: the wall time, or one layer's part of it. */
export type BudgetOf = 'total' | Layer;

export interface Budget {
  /** Null: the whole run. */
  readonly step: string | null;
  readonly of: BudgetOf;
  readonly allowedNs: Nanos;
}

export interface Objective {
  /** Per cent of the runs that end well: 99.5. */
  readonly okPercent: number;
  /** A run that takes longer has not gone well. */
  readonly withinNs?: Nanos;
  /** Over how many days, counted back from now. */
  readonly days: number;
}

export interface JourneyGoals {
  readonly budgets: readonly Budget[];
  readonly objective?: Objective;
}

/** Goals of a journey by its name. */
export type GoalsOf = (journey: string) => JourneyGoals | undefined;

/** What is needed of a run to say whether it went well. */
export type GoalRun = Pick<RunSummary, 'status' | 'wallNs' | 'startUnixNano' | 'blamed'>;

/** The part of the ledger that had most of what a budget is about. */
export interface GuiltyPiece extends Pick<Verdict, 'layer' | 'component' | 'cause'> {
  readonly ns: Nanos;
}

export interface BrokenBudget extends Budget {
  readonly actualNs: Nanos;
  /** Undefined when the ledger has nothing there. */
  readonly guilty?: GuiltyPiece;
}

/** A budget over several runs: the median is judged. */
export interface JudgedBudget extends Budget {
  /** In the order of the runs; null where a run has no such step, or did not end well. */
  readonly eachNs: readonly (Nanos | null)[];
  /** Null when no run could be judged. */
  readonly medianNs: Nanos | null;
  /** How many of the judged runs are over it, each by itself. */
  readonly over: number;
  readonly isBroken: boolean;
  readonly guilty?: GuiltyPiece;
}

export interface BurnRate {
  readonly runs: number;
  readonly bad: number;
  /** 1: the budget is used up exactly when the period ends. 0 when there are no runs. */
  readonly burn: number;
}

/** One row of the workbook's table: too much was used up in the long window, and it still goes on in the short one. */
export interface BurnWindow {
  readonly severity: Severity;
  readonly longMs: number;
  readonly shortMs: number;
  /** It fires above this burn rate. */
  readonly limit: number;
  readonly long: BurnRate;
  readonly short: BurnRate;
  readonly isFiring: boolean;
  /** False when not even nothing but bad runs would burn so fast: the objective is too low for it. */
  readonly isReachable: boolean;
}

export interface LayerShare {
  readonly layer: Layer;
  /** Bad runs that blame the layer. */
  readonly bad: number;
  /** Of the whole error budget; 1: the layer alone used it up. */
  readonly share: number;
}

export interface ErrorBudget {
  readonly objective: Objective;
  readonly runs: number;
  readonly bad: number;
  /** So many of them may be bad; with a fraction. */
  readonly allowed: number;
  /** 1: untouched; 0: used up; below: overdrawn. */
  readonly leftShare: number;
  /** Most first. */
  readonly layers: readonly LayerShare[];
  readonly windows: readonly BurnWindow[];
}

/** A budget and the last run that ended well, for the list of journeys. */
export interface BudgetMark {
  readonly traceId: string;
  readonly budgets: number;
  /** Of the whole run, where one is set. */
  readonly total?: { readonly allowedNs: Nanos; readonly actualNs: Nanos };
  readonly broken: readonly Omit<BrokenBudget, 'guilty'>[];
}

/** What a journey's history tells of its goals. */
export interface GoalsState {
  /** Over the last runs, oldest first. */
  readonly budgets: readonly JudgedBudget[];
  readonly errorBudget?: ErrorBudget;
}
