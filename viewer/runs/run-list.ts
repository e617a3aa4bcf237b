/** The first screen: journeys, then runs with their verdicts. Asks again every few seconds. */
import type { AlertRow } from '../../src/model/alert.ts';
import type { JourneyRow } from '../../src/model/journey.ts';
import type { RunSummary } from '../../src/model/report.ts';
import { ask } from '../api.ts';
import { el, replace } from '../element.ts';
import { keyHelp } from '../key-help.ts';
import { errorNotice, loadingNotice } from '../notice.ts';
import { pageHeader } from '../page-header.ts';
import { replacePlace } from '../place.ts';
import { scheduleLink } from '../schedule/schedule-link.ts';
import type { Screen, Visit } from '../screen.ts';
import { alertList } from './alert-list.ts';
import { compareBar } from './compare-bar.ts';
import { emptyNotice } from './empty-notice.ts';
import { journeyRows } from './journey-rows.ts';
import {
  askedFor,
  filterForm,
  formatChoice,
  isNarrowed,
  NO_FILTER,
  parseChoice,
  type RunChoice,
} from './run-filter.ts';
import { mergeRuns, PAGE_SIZE, placeOf } from './run-pages.ts';
import { runRows } from './run-rows.ts';
import { refreshAges } from './run-sign.ts';
import { connectRunsKeys, RUNS_KEYS } from './runs-keys.ts';
import { traceBox } from './trace-box.ts';

/** Runs take seconds; asking more often would show nothing new. */
const REFRESH_MS = 3_000;
/** After the last key of a search. */
const TYPING_MS = 200;

export const runsScreen: Screen = (visit) =>
  visit.path === '/' || visit.path === '' ? new RunsScreen(visit).stop : undefined;

class RunsScreen {
  private choice: RunChoice;
  private runs: RunSummary[] = [];
  private hasMore = false;
  private journeysText = '';
  private isFirst = true;
  private stopped = false;
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly content = el('div', { class: 'run-list' }, loadingNotice('Reading the runs…'));
  private readonly journeys = el('section', { class: 'journeys', 'aria-labelledby': 'journeys-title' });
  private readonly alerts = alertList();
  private readonly all: HTMLElement;
  private readonly rows = runRows((traceId, isPicked) => this.pick(traceId, isPicked));
  private readonly form;
  private readonly bar;
  private readonly more = el('button', {
    type: 'button',
    class: 'more',
    on: { click: () => void this.readMore() },
  });
  private readonly none = el('p', { class: 'none', 'aria-live': 'polite' });
  private readonly disconnect: () => void;

  constructor({ page, query, navigate }: Visit) {
    document.title = 'Runs · Headwater';
    this.choice = parseChoice(query);
    this.form = filterForm(this.choice, (change) => this.narrow(change));
    this.bar = compareBar(navigate, () => this.change({ picked: [] }));
    this.all = el(
      'section',
      { class: 'all-runs', 'aria-labelledby': 'all-title' },
      el('div', { class: 'section-head' }, el('h2', { id: 'all-title' }, 'All runs'), this.form.element),
      this.bar.element,
      this.rows.element,
      this.none,
      this.more,
    );
    const head = el('div', { class: 'runs-head' }, el('h1', {}, 'Runs'), traceBox(navigate));
    const main = el('main', { class: 'runs' }, head, this.content);
    replace(
      page,
      pageHeader([el('span', { 'aria-current': 'page' }, 'Runs')], [scheduleLink(), keyHelp(RUNS_KEYS)]),
      main,
    );
    this.disconnect = connectRunsKeys({
      list: this.rows.element,
      focusSearch: () => this.form.focus(),
      compare: () => this.bar.compare(),
    });
    void this.refresh();
  }

  readonly stop = (): void => {
    this.stopped = true;
    clearTimeout(this.timer);
    this.disconnect();
  };

  private async refresh(): Promise<void> {
    clearTimeout(this.timer);
    const asked = ++this.asked;
    try {
      if (document.visibilityState === 'visible' || this.isFirst) {
        const [journeys, runs, { alerts }] = await Promise.all([
          ask<JourneyRow[]>('/api/journeys'),
          this.page(),
          ask<{ alerts: AlertRow[] }>('/api/alerts'),
        ]);
        if (this.stopped || asked !== this.asked) return;
        this.show(journeys, runs);
        this.alerts.show(alerts);
      }
    } catch (error) {
      if (!this.stopped && asked === this.asked) this.fail(error);
    }
    if (!this.stopped && asked === this.asked) this.timer = setTimeout(() => void this.refresh(), REFRESH_MS);
  }

  private page(before?: RunSummary): Promise<RunSummary[]> {
    const query = askedFor(this.choice, Date.now());
    if (before) query.set('before', placeOf(before));
    query.set('limit', String(PAGE_SIZE));
    return ask<RunSummary[]>(`/api/runs?${query}`);
  }

  private show(journeys: readonly JourneyRow[], fresh: readonly RunSummary[]): void {
    const isEmpty = fresh.length === 0 && !isNarrowed(this.choice);
    if (isEmpty) {
      replace(this.content, emptyNotice());
      this.isFirst = true;
      return;
    }
    if (this.isFirst) replace(this.content, this.alerts.element, this.journeys, this.all);
    if (this.runs.length <= PAGE_SIZE) this.hasMore = fresh.length === PAGE_SIZE;
    this.runs = mergeRuns(fresh, this.isFirst ? [] : this.runs);
    this.isFirst = false;
    this.showJourneys(journeys);
    this.draw();
  }

  private showJourneys(journeys: readonly JourneyRow[]): void {
    const text = JSON.stringify(journeys);
    if (text === this.journeysText && this.journeys.hasChildNodes()) {
      refreshAges(this.journeys);
      return;
    }
    this.journeysText = text;
    this.form.offer([...new Set(journeys.map(({ journey }) => journey))]);
    const focused = document.activeElement?.getAttribute('href');
    replace(this.journeys, el('h2', { id: 'journeys-title' }, 'Journeys'), journeyRows(journeys));
    this.journeys.hidden = journeys.length === 0;
    if (focused) this.journeys.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }

  private draw(): void {
    this.rows.update(this.runs, this.choice.picked);
    refreshAges(this.rows.element);
    this.bar.show(this.choice.picked, this.runs);
    this.more.hidden = !this.hasMore;
    this.more.textContent = `Show ${PAGE_SIZE} more`;
    const clear = el(
      'button',
      { type: 'button', class: 'link', on: { click: () => this.narrow(NO_FILTER) } },
      'Show all',
    );
    replace(this.none, ...(this.runs.length === 0 ? ['No run is like that. ', clear] : []));
  }

  private async readMore(): Promise<void> {
    const last = this.runs.at(-1);
    if (!last) return;
    this.more.disabled = true;
    try {
      const older = await this.page(last);
      if (this.stopped) return;
      this.hasMore = older.length === PAGE_SIZE;
      this.runs = [...this.runs, ...older];
      this.draw();
    } catch (error) {
      this.fail(error);
    } finally {
      this.more.disabled = false;
    }
  }

  /** Another filter: the list begins again. */
  private narrow(change: Partial<RunChoice>): void {
    this.change(change);
    this.form.set(this.choice);
    this.runs = [];
    this.asked++;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), 'words' in change ? TYPING_MS : 0);
  }

  private pick(traceId: string, isPicked: boolean): void {
    const others = this.choice.picked.filter((id) => id !== traceId);
    // A third takes the place of the first.
    this.change({ picked: isPicked ? [...others, traceId].slice(-2) : others });
  }

  private change(change: Partial<RunChoice>): void {
    this.choice = { ...this.choice, ...change };
    replacePlace(formatChoice(this.choice));
    if (!this.isFirst) this.draw();
  }

  private fail(error: unknown): void {
    this.isFirst = true;
    const sentence = error instanceof Error ? error.message : String(error);
    const again = el('button', { type: 'button', on: { click: () => void this.refresh() } }, 'Try again');
    replace(this.content, errorNotice('The runs could not be read', sentence, again));
  }
}
