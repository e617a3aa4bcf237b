/** Starts the viewer: reads the address, shows the screen it names, and follows links without reloading. */
import { type Address, parseAddress, type RunAddress } from './address.ts';
import { AskError, fetchRun } from './api.ts';
import { el, replace } from './element.ts';
import { errorNotice, loadingNotice } from './notice.ts';
import { pageHeader } from './page-header.ts';
import { showRun } from './run/run-screen.ts';
import { showRuns } from './runs/run-list.ts';
import { applyStoredTheme } from './theme.ts';

/** A run that is under way is asked for again after this long. */
const RUNNING_RETRY_MS = 1_000;

const page = document.querySelector<HTMLElement>('#app') ?? document.body;
let takeDown: () => void = () => {};

function navigate(to: string): void {
  history.pushState(null, '', to);
  show(parseAddress(location.pathname, location.search));
}

function show(address: Address | undefined): void {
  takeDown();
  takeDown = () => {};
  if (address?.screen === 'runs') takeDown = showRuns(page, navigate);
  else if (address?.screen === 'run') void loadRun(address);
  else showError('There is no such page', `The viewer has no page at ${location.pathname}.`);
}

async function loadRun(address: RunAddress): Promise<void> {
  let stopped = false;
  takeDown = () => {
    stopped = true;
  };
  replace(page, pageHeader([runsLink()]), el('main', {}, loadingNotice('Reading the run…')));
  try {
    const view = await fetchRun(address.traceId);
    if (!stopped) takeDown = showRun(page, view, { ...address, traceId: view.report.traceId });
  } catch (error) {
    if (stopped) return;
    const sentence = error instanceof Error ? error.message : String(error);
    if (error instanceof AskError && error.running) return waitForRun(address, sentence);
    const again = el('button', { type: 'button', on: { click: () => void loadRun(address) } }, 'Try again');
    showError('This run cannot be shown', sentence, again);
  }
}

function waitForRun(address: RunAddress, sentence: string): void {
  replace(page, pageHeader([runsLink()]), el('main', {}, loadingNotice(sentence)));
  const timer = setTimeout(() => void loadRun(address), RUNNING_RETRY_MS);
  takeDown = () => clearTimeout(timer);
}

function showError(title: string, sentence: string, ...actions: HTMLElement[]): void {
  const home = el('a', { class: 'button', href: '/', 'data-link': true }, 'All runs');
  replace(page, pageHeader([runsLink()]), el('main', {}, errorNotice(title, sentence, ...actions, home)));
}

const runsLink = (): HTMLElement => el('a', { href: '/', 'data-link': true }, 'Runs');

/** Plain presses on the viewer's own links; everything else (new tab, download) is the browser's. */
function followLink(event: MouseEvent): void {
  const link =
    event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[data-link]') : null;
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
}

applyStoredTheme();
document.addEventListener('click', followLink);
addEventListener('popstate', () => show(parseAddress(location.pathname, location.search)));
show(parseAddress(location.pathname, location.search));
