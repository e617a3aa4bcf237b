/** The list of runs: each with its verdict and its ledger as a small bar. Asks again every few seconds. */
import { LAYER_NAME, LAYERS } from '../../src/model/layer.ts';
import type { RunSummary } from '../../src/model/report.ts';
import { formatDuration, unixMsFromNano } from '../../src/model/time.ts';
import { fetchRuns } from '../api.ts';
import { type Child, el, replace, shorten } from '../element.ts';
import { errorNotice, loadingNotice, withCode } from '../notice.ts';
import { pageHeader } from '../page-header.ts';
import { ago } from './ago.ts';
import { traceBox } from './trace-box.ts';

/** Runs take seconds; asking more often would show nothing new. */
const REFRESH_MS = 3_000;

/** Fills the page; returns how to stop asking. */
export function showRuns(page: HTMLElement, navigate: (to: string) => void): () => void {
  document.title = 'Runs · Headwater';
  const list = el('div', { class: 'run-list' }, loadingNotice('Reading the runs…'));
  const main = el(
    'main',
    { class: 'runs' },
    el('div', { class: 'runs-head' }, el('h1', {}, 'Runs'), traceBox(navigate)),
    list,
  );
  replace(page, pageHeader([el('span', { 'aria-current': 'page' }, 'Runs')]), main);
  let shown = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  async function refresh(): Promise<void> {
    clearTimeout(timer);
    try {
      if (document.visibilityState === 'visible' || shown === '') update(await fetchRuns());
    } catch (error) {
      if (!stopped) fail(error);
    }
    if (!stopped) timer = setTimeout(() => void refresh(), REFRESH_MS);
  }
  function update(runs: readonly RunSummary[]): void {
    const text = JSON.stringify(runs);
    // Drawn again only when something is new, so that focus and selection stay where they are.
    if (stopped || text === shown) {
      refreshAges(list);
      return;
    }
    shown = text;
    const focused = document.activeElement?.getAttribute('href');
    replace(list, ...(runs.length === 0 ? [emptyNotice()] : [runTable(runs)]));
    if (focused) list.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }
  function fail(error: unknown): void {
    shown = 'failed';
    const sentence = error instanceof Error ? error.message : String(error);
    const again = el('button', { type: 'button', on: { click: () => void refresh() } }, 'Try again');
    replace(list, errorNotice('The runs could not be read', sentence, again));
  }
  void refresh();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

function emptyNotice(): HTMLElement {
  const step = (command: string, meaning: string): HTMLElement =>
    el('li', {}, el('code', {}, command), ` ${meaning}`);
  return el(
    'div',
    { class: 'notice' },
    el('h2', {}, 'No runs yet'),
    el(
      'p',
      {},
      ...withCode(
        'A run is one execution of a journey: a real browser, traced down to the database. Make the first one:',
      ),
    ),
    el(
      'ul',
      { class: 'commands' },
      step('npm run demo', 'starts a small shop and checks out in it'),
      step('npx headwater run journey.ts', 'runs a journey of your own'),
    ),
    el('p', {}, 'This page shows it as soon as it starts.'),
  );
}

function runTable(runs: readonly RunSummary[]): HTMLElement {
  const longest = Math.max(1, ...runs.map((run) => run.wallNs));
  return el('ol', { class: 'run-rows' }, ...runs.map((run) => runRow(run, longest)));
}

function runRow(run: RunSummary, longestNs: number): HTMLElement {
  const started = new Date(unixMsFromNano(BigInt(run.startUnixNano)));
  const content: Child[] = [
    el('span', { class: `status ${run.status}` }, statusMark(run.status), run.status),
    el('bdi', { class: 'journey' }, shorten(run.journey, 120)),
    el(
      'time',
      { datetime: started.toISOString(), title: started.toLocaleString() },
      ago(started.getTime(), Date.now()),
    ),
    el('span', { class: 'wall' }, run.status === 'running' ? 'running…' : formatDuration(run.wallNs)),
    ledgerBar(run, longestNs),
    el(
      'bdi',
      { class: 'sentence' },
      run.status === 'running' ? 'It is drawn when its journey has ended.' : shorten(run.sentence, 300),
    ),
  ];
  return el(
    'li',
    {},
    el('a', { class: `run-row ${run.status}`, href: `/run/${run.traceId}`, 'data-link': true }, ...content),
  );
}

const statusMark = (status: RunSummary['status']): HTMLElement =>
  el('span', { class: 'status-mark', 'aria-hidden': true }, { ok: '●', failed: '✕', running: '◌' }[status]);

function ledgerBar(run: RunSummary, longestNs: number): HTMLElement {
  const layers = LAYERS.filter((layer) => (run.layers[layer] ?? 0) > 0);
  const words = layers
    .map((layer) => `${LAYER_NAME[layer]} ${formatDuration(run.layers[layer] ?? 0)}`)
    .join(', ');
  const pieces = layers.map((layer) =>
    el('i', { 'data-layer': layer, class: 'entry', style: { 'flex-grow': String(run.layers[layer] ?? 0) } }),
  );
  const share = Math.max(2, (run.wallNs / longestNs) * 100);
  const bar = el(
    'span',
    { class: 'mini-ledger', style: { width: `${run.status === 'running' ? 0 : share}%` } },
    ...pieces,
  );
  return el(
    'span',
    { class: 'ledger-cell', role: 'img', 'aria-label': words || 'no ledger yet', title: words },
    bar,
  );
}

function refreshAges(list: HTMLElement): void {
  for (const time of list.querySelectorAll('time'))
    time.textContent = ago(Date.parse(time.dateTime), Date.now());
}
