/**
 * Says no to the series that would be one too many: a label that takes a new value with every run fills a metrics
 * database within days, and the bill names nobody. Here the label is named.
 */
import { type JourneyTotals, seriesOf } from './totals.ts';

export interface SeriesLimits {
  /** In all. */
  readonly maxSeries: number;
  /** Of each label that takes names. */
  readonly maxValues: number;
}

/** What one Prometheus takes from one target without a word; a label of a few hundred values can still be read. */
export const DEFAULT_LIMITS: SeriesLimits = { maxSeries: 10_000, maxValues: 300 };

/** A run ends well or it does not, and there are ten layers: those two are bounded by what they are. */
export type CountedLabel = 'journey' | 'site' | 'step' | 'status' | 'layer';

export interface LabelValue {
  readonly label: CountedLabel;
  readonly value: string;
}

export class Guard {
  /** By the label that asked for more than there may be. */
  readonly refused: LabelValue[] = [];
  readonly #all: () => readonly JourneyTotals[];
  readonly #limits: SeriesLimits;
  #seen: { readonly values: Map<CountedLabel, Set<string>>; series: number } | undefined;

  /** @param all everything that is counted so far; asked only when something new comes */
  constructor(all: () => readonly JourneyTotals[], limits: SeriesLimits) {
    this.#all = all;
    this.#limits = limits;
  }

  /** May there be so many series more, with these values? What is let in is remembered. */
  admits(asked: readonly LabelValue[], series: number): boolean {
    this.#seen ??= seenIn(this.#all());
    const { values, series: before } = this.#seen;
    const isNew = ({ label, value }: LabelValue) => !values.get(label)?.has(value);
    const isFull = ({ label }: LabelValue) =>
      label !== 'status' && label !== 'layer' && (values.get(label)?.size ?? 0) >= this.#limits.maxValues;
    const offending =
      asked.find((one) => isNew(one) && isFull(one)) ??
      (before + series > this.#limits.maxSeries ? (asked.find(isNew) ?? asked[0]) : undefined);
    if (offending) {
      this.refused.push(offending);
      return false;
    }
    for (const { label, value } of asked) setOf(values, label).add(value);
    this.#seen.series += series;
    return true;
  }
}

function seenIn(all: readonly JourneyTotals[]) {
  const values = new Map<CountedLabel, Set<string>>();
  for (const { journey, site, steps } of all) {
    setOf(values, 'journey').add(journey);
    setOf(values, 'site').add(site);
    for (const { step } of steps) setOf(values, 'step').add(step);
  }
  return { values, series: all.reduce((sum, totals) => sum + seriesOf(totals), 0) };
}

function setOf(values: Map<CountedLabel, Set<string>>, label: CountedLabel): Set<string> {
  const known = values.get(label);
  if (known) return known;
  const made = new Set<string>();
  values.set(label, made);
  return made;
}

export const refusedSentence = (
  { label, value }: LabelValue,
  { maxSeries, maxValues }: SeriesLimits,
): string =>
  `A time series was refused: the label ${label} asked for one more with "${value}", beyond ${maxValues} values of a label or ${maxSeries} series in all. Give runs fewer different names, or raise metrics.maxValues or metrics.maxSeries.`;
