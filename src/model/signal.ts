/** Something about a journey that somebody should know. Alerts are made of signals, never of single runs. */
import type { Verdict } from './report.ts';

/**
 * failing    its runs fail
 * slower     a layer takes longer than it used to, and not by chance
 * budget     a time that was agreed on is exceeded
 * burn_rate  the error budget is used up faster than it may be
 */
export type SignalKind = 'failing' | 'slower' | 'budget' | 'burn_rate';

/** page: somebody gets up for it. ticket: somebody looks at it in working hours. */
export type Severity = 'page' | 'ticket';

/** Who is to blame: journeys that share it share one alert. */
export type Guilty = Pick<Verdict, 'layer' | 'component' | 'cause'>;

export interface Signal {
  readonly kind: SignalKind;
  /** The same as long as the same thing goes on: made of kind, journey, site, step and what is looked at. */
  readonly key: string;
  readonly severity: Severity;
  readonly journey: string;
  readonly site: string;
  /** Null: the whole run. */
  readonly step: string | null;
  /** Undefined when nobody can be named. */
  readonly guilty?: Guilty;
  /** When it began, as far as the runs show it. Unix ms. */
  readonly sinceUnixMs: number;
  /** What is wrong, in one sentence: "checkout takes 180 ms longer: 171 ms of it is TLS at cdn.example". */
  readonly sentence: string;
  /** The numbers behind it. */
  readonly evidence: string;
  /** What to look at next. */
  readonly next: string;
  /** Against what is usual: "+171 ms (95 % of the change)", "3 of 5 runs failed". */
  readonly change: string;
  /** A run that shows it; the newest. */
  readonly traceId?: string;
  /** A run as they were before, to compare with. */
  readonly usualTraceId?: string;
}
