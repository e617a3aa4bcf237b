/** How many runs may still go wrong: what is left of the error budget, which layer took the rest, how fast it burns. */
import { burnInWords, percentInWords, windowInWords } from '../../src/analyse/goals/goal-words.ts';
import type { BurnWindow, ErrorBudget } from '../../src/model/goals.ts';
import { LAYER_NAME } from '../../src/model/layer.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el } from '../element.ts';

/** Below this share people begin to be careful: no release on a Friday. */
const NEARLY_GONE = 0.25;

export function errorBudgetCard(budget: ErrorBudget): HTMLElement {
  return el(
    'div',
    { class: `error-budget ${stateOf(budget)}` },
    el('h3', {}, 'Error budget'),
    el('p', { class: 'left' }, leftInWords(budget)),
    meter(budget),
    el('p', { class: 'mute' }, `${aimInWords(budget)} ${countsInWords(budget)}`),
    budget.layers.length > 0 && layerList(budget),
    burnTable(budget.windows),
  );
}

export const isNearlyGone = ({ leftShare }: ErrorBudget): boolean => leftShare < NEARLY_GONE;

type State = 'untouched' | 'fine' | 'nearly-gone' | 'gone';

function stateOf(budget: ErrorBudget): State {
  const { leftShare } = budget;
  if (leftShare <= 0) return 'gone';
  if (isNearlyGone(budget)) return 'nearly-gone';
  return leftShare === 1 ? 'untouched' : 'fine';
}

/** `37 % left`, `▲ 12 % left: nearly gone`, `✕ used up, 140 % of it`. */
export function leftInWords(budget: ErrorBudget): string {
  const { leftShare } = budget;
  const state = stateOf(budget);
  if (state === 'gone')
    return leftShare === 0 ? '✕ used up' : `✕ used up: ${percentInWords(1 - leftShare)} of it`;
  return state === 'nearly-gone'
    ? `▲ ${percentInWords(leftShare)} left`
    : `${percentInWords(leftShare)} left`;
}

const aimInWords = ({ objective: { okPercent, withinNs, days } }: ErrorBudget): string =>
  `${okPercent} % of the runs in ${days} days must end well${withinNs === undefined ? '' : ` within ${formatDuration(withinNs)}`}.`;

function countsInWords({ runs, bad, allowed }: ErrorBudget): string {
  if (runs === 0) return 'No run ended in that time.';
  const may = allowed < 10 ? Math.round(allowed * 10) / 10 : Math.round(allowed);
  return `${bad === 0 ? 'None' : bad} of ${runs} runs ${bad === 1 ? 'was' : 'were'} bad; ${may} may be.`;
}

/** The whole budget, or all that was used when that is more; what each layer took, in its colour. */
function meter({ layers, leftShare }: ErrorBudget): HTMLElement {
  const scale = Math.max(1, 1 - leftShare);
  const pieces = layers.map(({ layer, share }) =>
    el('i', { 'data-layer': layer, class: 'entry', style: { width: `${(share / scale) * 100}%` } }),
  );
  return el(
    'div',
    { class: 'budget-meter', 'aria-hidden': true },
    ...pieces,
    el('i', { class: 'budget-tick', style: { left: `${100 / scale}%` } }),
  );
}

const layerList = ({ layers }: ErrorBudget): HTMLElement =>
  el(
    'ul',
    { class: 'layer-legend', 'aria-label': 'Which layers used it up' },
    ...layers.map(({ layer, bad, share }) =>
      el(
        'li',
        { 'data-layer': layer },
        el('i', { class: 'swatch', 'aria-hidden': true }),
        LAYER_NAME[layer],
        el('span', { class: 'mute' }, ` ${percentInWords(share)} (${bad} ${bad === 1 ? 'run' : 'runs'})`),
      ),
    ),
  );

function burnTable(windows: readonly BurnWindow[]): HTMLElement {
  const heads = ['Window', 'Burn rate', 'Alert above', 'Alert'];
  return el(
    'div',
    { class: 'table-box', tabindex: 0, role: 'group', 'aria-label': 'How fast it burns' },
    el(
      'table',
      { class: 'journey-table burn' },
      el('caption', { class: 'spoken' }, 'How fast it burns'),
      el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
      el('tbody', {}, ...windows.map(burnRow)),
    ),
  );
}

function burnRow({
  severity,
  longMs,
  shortMs,
  limit,
  long,
  short,
  isFiring,
  isReachable,
}: BurnWindow): HTMLElement {
  const title = `${long.bad} of ${long.runs} runs in ${windowInWords(longMs)}, ${short.bad} of ${short.runs} in the last ones`;
  return el(
    'tr',
    { class: isFiring ? 'over' : '' },
    el(
      'th',
      { scope: 'row' },
      `${windowInWords(longMs)} `,
      el('span', { class: 'mute' }, `and last ${windowInWords(shortMs)}`),
    ),
    el('td', { class: 'number', title }, burnInWords(long.burn)),
    el('td', { class: 'number' }, burnInWords(limit)),
    el(
      'td',
      { class: isFiring ? 'over-words' : 'mute' },
      isReachable ? stateInWords(severity, isFiring) : neededInWords(limit),
    ),
  );
}

const stateInWords = (severity: BurnWindow['severity'], isFiring: boolean): string =>
  isFiring ? `▲ ${severity}` : `no ${severity}`;

/** Not even nothing but bad runs would burn so fast under a lower objective. */
const neededInWords = (limit: number): string => `needs ok above ${Math.ceil(1_000 - 1_000 / limit) / 10} %`;
