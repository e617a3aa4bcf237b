/** The screen of one journey: its runs over time, where their time went, and what went wrong how often. */
import type { JourneyHistory } from '../../src/model/journey.ts';
import { ask } from '../api.ts';
import { el, replace, shorten } from '../element.ts';
import { keyHelp } from '../key-help.ts';
import { pageHeader } from '../page-header.ts';
import { replacePlace } from '../place.ts';
import { readAndShow, runsLink, type Screen, type TakeDown, type Visit } from '../screen.ts';
import { goalsPanel } from './goals-panel.ts';
import { createHistoryChart } from './history-chart.ts';
import { formatJourneyAddress, type JourneyAddress, parseJourneyAddress } from './journey-address.ts';
import { factList, layerLegend, readout, usualSentence } from './journey-facts.ts';
import { connectJourneyKeys, JOURNEY_KEYS } from './journey-keys.ts';
import { JourneyState } from './journey-state.ts';
import { blamedTable, runTable, stepTable } from './journey-tables.ts';
import { createSpanStrip } from './span-strip.ts';

/** A journey runs every few minutes at most. */
const REFRESH_MS = 5_000;
/** Browsers limit how often an address may change; a pointer moves faster. */
const ADDRESS_DELAY_MS = 150;

export const journeyScreen: Screen = ({ page, path, query, navigate }) => {
  const address = parseJourneyAddress(path, query);
  if (!address) return undefined;
  document.title = `${shorten(address.journey, 60)} · Headwater`;
  return readAndShow(page, {
    waiting: 'Reading the history…',
    failed: 'This journey cannot be shown',
    ask: () => readHistory(address),
    show: (history) => showJourney(page, history, address, navigate),
  });
};

function readHistory({ journey, site }: Pick<JourneyAddress, 'journey' | 'site'>): Promise<JourneyHistory> {
  const query = new URLSearchParams({ journey, ...(site !== undefined && { site }) });
  return ask<JourneyHistory>(`/api/journeys/history?${query}`);
}

function showJourney(
  page: HTMLElement,
  history: JourneyHistory,
  address: JourneyAddress,
  navigate: Visit['navigate'],
): TakeDown {
  const state = new JourneyState(history, address);
  const open = (traceId: string): void => navigate(`/run/${traceId}`);
  const chart = createHistoryChart(state, (run) => open(run.traceId));
  const strip = createSpanStrip(state);
  const parts = {
    facts: el('div', {}),
    usual: el('p', { class: 'usual-words' }),
    legend: el('div', {}),
    // The chart itself tells assistive technology which run it is; this says more of it.
    readout: el('p', { class: 'readout' }),
    goals: el('div', {}),
    tables: el('div', { class: 'journey-tables' }),
  };
  const axis = axisButtons(state);
  const all = el(
    'button',
    { type: 'button', title: 'All of the time (f)', on: { click: () => state.change({ span: undefined }) } },
    'All runs',
  );
  const { journey, site, sites } = history;
  const name = el('bdi', {}, shorten(journey, 120) || 'without a name');
  const main = el(
    'main',
    { class: 'history' },
    el(
      'div',
      { class: 'history-head' },
      el('div', {}, el('h1', {}, name), siteLinks(journey, site, sites)),
      parts.facts,
    ),
    parts.usual,
    el(
      'div',
      { class: 'history-tools' },
      parts.legend,
      el('div', { class: 'history-buttons' }, all, ...axis.buttons),
    ),
    chart.element,
    strip.element,
    parts.readout,
    parts.goals,
    parts.tables,
  );
  const here = el('bdi', { class: 'here', 'aria-current': 'page' }, shorten(journey, 60));
  replace(
    page,
    pageHeader(
      [runsLink(), el('span', { class: 'slash', 'aria-hidden': true }, '/'), here],
      [keyHelp(JOURNEY_KEYS)],
    ),
    main,
  );
  let drawnRuns: unknown;
  let drawnBy: boolean | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keepAddress = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => replacePlace(formatJourneyAddress(state.address)), ADDRESS_DELAY_MS);
  };
  const draw = (): void => {
    axis.draw();
    all.disabled = state.span === undefined;
    replace(parts.readout, ...readout(state));
    keepAddress();
    if (drawnBy === state.byRun && drawnRuns === state.shown) {
      chart.point();
      return;
    }
    chart.draw();
    strip.draw();
    drawnBy = state.byRun;
    if (drawnRuns === state.shown) return;
    drawnRuns = state.shown;
    replace(parts.facts, factList(state));
    replace(parts.legend, layerLegend(state.shown));
    parts.usual.textContent = usualSentence(state);
    replace(parts.goals, goalsPanel(state));
    replace(parts.tables, ...tables(state));
  };
  state.onChange(draw);
  const onResize = new ResizeObserver(() => {
    chart.draw();
    strip.draw();
  });
  draw();
  onResize.observe(main);
  const stops = [
    () => clearTimeout(timer),
    connectJourneyKeys(state, chart.element, open),
    keepReading(state),
    () => onResize.disconnect(),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function tables({ shown }: JourneyState): HTMLElement[] {
  if (shown.length === 0)
    return [
      el('p', { class: 'mute' }, 'No run began in this span of time. Press “All runs” to see the others.'),
    ];
  const section = (title: string, ...content: HTMLElement[]): HTMLElement =>
    el('section', {}, el('h2', {}, title), ...content);
  return [
    section('Steps', stepTable(shown)),
    section('Blamed most often', blamedTable(shown)),
    section('Runs', runTable(shown)),
  ];
}

/** A run that ended before its first page has no site: those are listed apart. */
const siteInWords = (site: string): string => (site === '' ? 'runs without a known site' : shorten(site, 80));

function siteLinks(journey: string, here: string, sites: readonly string[]): HTMLElement {
  const links = sites
    .filter((site) => site !== here)
    .map((site) =>
      el(
        'a',
        { href: formatJourneyAddress({ journey, site }), 'data-link': true },
        el('bdi', {}, siteInWords(site)),
      ),
    );
  return el(
    'p',
    { class: 'sites' },
    el('span', {}, here !== '' && 'at ', el('bdi', { class: 'here' }, siteInWords(here))),
    links.length > 0 && el('span', {}, 'also:'),
    ...links,
  );
}

function axisButtons(state: JourneyState) {
  const button = (byRun: boolean, text: string): HTMLButtonElement =>
    el(
      'button',
      { type: 'button', class: 'toggle', title: 'Switch (x)', on: { click: () => state.change({ byRun }) } },
      text,
    );
  const buttons = [button(false, 'By time'), button(true, 'By run')] as const;
  const draw = (): void => {
    buttons.forEach((one, i) => {
      one.setAttribute('aria-pressed', String(state.byRun === (i === 1)));
    });
  };
  return { buttons, draw };
}

/** New runs appear by themselves; what cannot be read now is asked for again. */
function keepReading(state: JourneyState): () => void {
  const timer = setInterval(() => {
    if (document.visibilityState !== 'visible') return;
    void readHistory(state.history).then(
      (history) => {
        if (JSON.stringify(history) !== JSON.stringify(state.history)) state.read(history);
      },
      () => undefined,
    );
  }, REFRESH_MS);
  return () => clearInterval(timer);
}
