/** What is looked at of a journey's history, and who wants to know when that changes. */
import type { JourneyHistory, RunOutcome } from '../../src/model/journey.ts';
import { unixMsFromNano } from '../../src/model/time.ts';
import type { JourneyAddress } from './journey-address.ts';

export interface ShownRun extends RunOutcome {
  readonly startMs: number;
  /** Counted from the first run that is kept. */
  readonly number: number;
}

export class JourneyState {
  history: JourneyHistory;
  all: readonly ShownRun[] = [];
  /** Those inside the span. */
  shown: readonly ShownRun[] = [];
  byRun: boolean;
  /** Unix ms; undefined for all of the time. */
  span: readonly [number, number] | undefined;
  selected: string | undefined;
  /** Whoever was sent to one site stays there, even when a second one comes up later. */
  private readonly askedForSite: boolean;
  private readonly listeners: (() => void)[] = [];

  constructor(history: JourneyHistory, address: JourneyAddress) {
    this.history = history;
    this.byRun = address.byRun ?? false;
    this.askedForSite = address.site !== undefined;
    this.span = address.span;
    this.selected = address.selected;
    this.read(history);
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Newer data of the same journey. */
  read(history: JourneyHistory): void {
    const first = history.total - history.runs.length;
    this.history = history;
    this.all = history.runs.map((run, i) => ({
      ...run,
      startMs: unixMsFromNano(BigInt(run.startUnixNano)),
      number: first + i + 1,
    }));
    this.change({ span: this.span });
  }

  change(change: Partial<Pick<JourneyState, 'byRun' | 'span' | 'selected'>>): void {
    Object.assign(this, change);
    if ('span' in change) this.choose();
    for (const listener of this.listeners) listener();
  }

  private choose(): void {
    const [from, to] = this.span ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    this.shown = this.all.filter(({ startMs }) => startMs >= from && startMs <= to);
  }

  get selectedRun(): ShownRun | undefined {
    return this.shown.find(({ traceId }) => traceId === this.selected);
  }

  /** Selects the run so many further on; from nowhere, the last one. Infinity: the one at that end. */
  step(by: number): void {
    const last = this.shown.length - 1;
    const at = this.shown.findIndex(({ traceId }) => traceId === this.selected);
    const next = at < 0 && Number.isFinite(by) ? last : Math.min(last, Math.max(0, at + by));
    this.change({ selected: this.shown[next]?.traceId });
  }

  get address(): JourneyAddress {
    const { journey, site, sites } = this.history;
    return {
      journey,
      ...((this.askedForSite || sites.length > 1) && { site }),
      byRun: this.byRun,
      ...(this.span && { span: this.span }),
      ...(this.selected !== undefined && { selected: this.selected }),
    };
  }
}
