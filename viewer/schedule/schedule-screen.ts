/** The screen of the schedule: what is next, what runs, how it went, and what can be done about it. */
import type { ScheduleStanding, SlotEntry } from '../../src/model/schedule.ts';
import { ask, send } from '../api.ts';
import { type Child, el, replace, shorten } from '../element.ts';
import { keyHelp } from '../key-help.ts';
import { pageHeader } from '../page-header.ts';
import { readAndShow, runsLink, type Screen, type TakeDown } from '../screen.ts';
import { emptySchedule } from './empty-schedule.ts';
import { clock, journeyRow, skippedInWords } from './journey-row.ts';
import { connectScheduleKeys, SCHEDULE_KEYS } from './schedule-keys.ts';

/** A run takes seconds. */
const REFRESH_MS = 2_000;
/** More than a person looks back over here; the run list has the runs. */
const RECENT_SHOWN = 20;

export const scheduleScreen: Screen = ({ page, path }) => {
  if (!/^\/schedule\/?$/.test(path)) return undefined;
  document.title = 'Schedule · Headwater';
  return readAndShow(page, {
    waiting: 'Reading the schedule…',
    failed: 'The schedule cannot be shown',
    ask: readStanding,
    show: (standing) => new ScheduleView(page, standing).stop,
  });
};

const readStanding = (): Promise<ScheduleStanding> => ask<ScheduleStanding>('/api/schedule');

class ScheduleView {
  private shown = '';
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private readonly content = el('div', {});
  private readonly said = el('p', { class: 'schedule-said', role: 'status' });
  private readonly disconnect: TakeDown;

  constructor(page: HTMLElement, standing: ScheduleStanding) {
    const main = el('main', { class: 'history schedule' }, el('h1', {}, 'Schedule'), this.said, this.content);
    const here = el('span', { class: 'here', 'aria-current': 'page' }, 'Schedule');
    const slash = el('span', { class: 'slash', 'aria-hidden': true }, '/');
    replace(page, pageHeader([runsLink(), slash, here], [keyHelp(SCHEDULE_KEYS)]), main);
    this.disconnect = connectScheduleKeys(main);
    this.show(standing);
    this.refreshLater();
  }

  readonly stop = (): void => {
    this.stopped = true;
    clearTimeout(this.timer);
    this.disconnect();
  };

  private refreshLater(): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      if (document.visibilityState === 'visible') void this.read(readStanding());
      else this.refreshLater();
    }, REFRESH_MS);
  }

  /** What could not be read or done is said; what was known stays. */
  private async read(asked: Promise<ScheduleStanding>): Promise<void> {
    try {
      const standing = await asked;
      if (this.stopped) return;
      this.said.textContent = '';
      this.show(standing);
    } catch (error) {
      this.said.textContent = error instanceof Error ? error.message : String(error);
    }
    this.refreshLater();
  }

  private act(action: 'pause' | 'resume' | 'run', journey?: string): void {
    void this.read(send<ScheduleStanding>(`/api/schedule/${action}`, { journey }));
  }

  private show(standing: ScheduleStanding): void {
    const text = JSON.stringify({ ...standing, nowUnixMs: 0 });
    if (text === this.shown) return;
    this.shown = text;
    const focused = placeOf(document.activeElement);
    replace(this.content, ...(standing.journeys.length === 0 ? [emptySchedule()] : this.parts(standing)));
    if (focused) this.content.querySelector<HTMLElement>(focused)?.focus();
  }

  private parts(standing: ScheduleStanding): Child[] {
    const { paused, journeys, recent } = standing;
    const all = el(
      'button',
      {
        ...{ type: 'button', 'data-act': 'all', title: 'All journeys (a)' },
        on: { click: () => this.act(paused ? 'resume' : 'pause') },
      },
      paused ? 'Resume all' : 'Pause all',
    );
    const rows = journeys.map((one) =>
      journeyRow(one, paused, {
        pause: (journey) => this.act('pause', journey),
        resume: (journey) => this.act('resume', journey),
        runNow: (journey) => this.act('run', journey),
      }),
    );
    return [
      el(
        'div',
        { class: 'history-tools' },
        el('p', {}, stateInWords(standing)),
        el('div', { class: 'history-buttons' }, all),
      ),
      table(rows),
      recent.length > 0 && el('h2', {}, 'What happened last'),
      recent.length > 0 && el('ul', { class: 'slots' }, ...recent.slice(0, RECENT_SHOWN).map(slotItem)),
    ];
  }
}

const placeOf = (element: Element | null): string | undefined => {
  const row = element?.closest('tr[data-journey]')?.getAttribute('data-journey');
  const act = element?.getAttribute('data-act');
  if (row === null || row === undefined) return act ? `[data-act="${act}"]` : undefined;
  return `tr[data-journey="${CSS.escape(row)}"] ${act ? `[data-act="${act}"]` : 'a'}`;
};

function stateInWords({ state, paused, journeys, concurrency }: ScheduleStanding): string {
  if (state === 'stopping') return 'The schedule is being stopped.';
  if (paused) return 'Everything is paused.';
  const count = `${journeys.length} journey${journeys.length === 1 ? '' : 's'}`;
  return `${count}, ${concurrency === 1 ? 'one' : concurrency} at a time.`;
}

const table = (rows: readonly HTMLElement[]): HTMLElement =>
  el(
    'div',
    { class: 'table-box', tabindex: 0, role: 'group', 'aria-label': 'Scheduled journeys' },
    el(
      'table',
      { class: 'journey-table schedule-table' },
      el('caption', { class: 'spoken' }, 'Scheduled journeys'),
      el(
        'thead',
        {},
        el('tr', {}, ...['Journey', 'Next', 'Last', 'Do'].map((head) => el('th', { scope: 'col' }, head))),
      ),
      el('tbody', {}, ...rows),
    ),
  );

function slotItem(entry: SlotEntry): HTMLElement {
  const name = el('b', {}, el('bdi', {}, shorten(entry.journey, 60)));
  if (entry.state === 'skipped') return el('li', {}, name, ' ', skippedInWords(entry));
  const how = entry.state === 'broken_off' ? 'broken off' : (entry.tries.at(-1)?.status ?? 'running');
  const tries = entry.tries.length > 1 ? `, ${entry.tries.length} tries` : '';
  return el(
    'li',
    {},
    name,
    ' ',
    clock(entry.begunUnixMs),
    ` ${how}${tries}${entry.byHand ? ', by hand' : ''}`,
  );
}
