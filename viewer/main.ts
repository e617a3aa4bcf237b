/** Starts the viewer: reads the address, shows the screen it names, and follows links without reloading. */

import { compareScreen } from './compare/compare-screen.ts';
import { journeyScreen } from './journey/journey-screen.ts';
import { pipesScreen } from './pipes/pipes-screen.ts';
import { goTo, placeNow } from './place.ts';
import { runScreen } from './run/run-screen.ts';
import { runsScreen } from './runs/run-list.ts';
import { scheduleScreen } from './schedule/schedule-screen.ts';
import { type Screen, showError, type TakeDown } from './screen.ts';
import { applyStoredTheme } from './theme.ts';
import { walkScreen } from './walk/walk-screen.ts';

/** The first that knows the address shows it. */
const SCREENS: readonly Screen[] = [
  runsScreen,
  journeyScreen,
  runScreen,
  walkScreen,
  compareScreen,
  pipesScreen,
  scheduleScreen,
];

const page = document.querySelector<HTMLElement>('#app') ?? document.body;
let takeDown: TakeDown = () => {};

function navigate(to: string): void {
  goTo(to);
  show();
}

function show(): void {
  takeDown();
  takeDown = () => {};
  const { path, query } = placeNow();
  for (const screen of SCREENS) {
    const shown = screen({ page, path, query, navigate });
    if (!shown) continue;
    takeDown = shown;
    return;
  }
  showError(page, 'There is no such page', `The viewer has no page at ${path}.`);
}

/** Plain presses on the viewer's own links; everything else (new tab, download) is the browser's. */
function followLink(event: MouseEvent): void {
  const link =
    event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[data-link]') : null;
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate(link.getAttribute('href') ?? '/');
}

applyStoredTheme();
document.addEventListener('click', followLink);
addEventListener('popstate', show);
show();
