/** A journey's budgets against the median of its last runs. */
import { signedDuration } from '../../src/analyse/compare/sentence.ts';
import { budgetInWords } from '../../src/analyse/goals/goal-words.ts';
import type { JudgedBudget } from '../../src/model/goals.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';

/** A bar's full width is so many times what is allowed. */
const SCALE = 1.5;

export function budgetTable(budgets: readonly JudgedBudget[]): HTMLElement {
  const judged = Math.max(...budgets.map(({ eachNs }) => eachNs.filter((ns) => ns !== null).length));
  const caption =
    judged === 0 ? 'Budgets' : `Budgets, by the median of the last ${judged} runs that ended well`;
  const heads = ['Budget', 'Allowed', 'Median', 'Against it', 'Over in'];
  return el(
    'div',
    { class: 'table-box', tabindex: 0, role: 'group', 'aria-label': 'Budgets' },
    el(
      'table',
      { class: 'journey-table budgets' },
      el('caption', {}, caption),
      el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
      el('tbody', {}, ...budgets.map(budgetRow)),
    ),
  );
}

function budgetRow(budget: JudgedBudget): HTMLElement {
  const { allowedNs, medianNs, isBroken, over, eachNs } = budget;
  const judged = eachNs.filter((ns) => ns !== null).length;
  const name = el('bdi', {}, shorten(budgetInWords(budget), 80));
  return el(
    'tr',
    { class: isBroken ? 'over' : '' },
    el(
      'th',
      { scope: 'row', 'data-layer': budget.of === 'total' ? undefined : budget.of },
      swatch(budget),
      name,
    ),
    el('td', { class: 'number' }, formatDuration(allowedNs)),
    el('td', { class: 'number' }, medianNs === null ? '–' : formatDuration(medianNs)),
    el('td', {}, medianNs === null ? notJudged(judged) : against(medianNs, budget)),
    el('td', { class: 'number' }, judged === 0 ? '–' : over === 0 ? 'none' : `${over} of ${judged}`),
  );
}

const swatch = ({ of }: JudgedBudget): HTMLElement | false =>
  of !== 'total' && el('i', { class: 'swatch', 'aria-hidden': true });

const notJudged = (judged: number): HTMLElement =>
  el('span', { class: 'mute' }, judged === 0 ? 'no run to judge' : '–');

/** A bar with a mark where the budget ends, and the difference with its sign. */
function against(medianNs: number, { allowedNs, isBroken }: JudgedBudget): HTMLElement {
  const share = Math.min(1, medianNs / allowedNs / SCALE);
  return el(
    'div',
    { class: 'against' },
    el(
      'span',
      { class: 'against-bar', 'aria-hidden': true },
      el('i', { class: 'taken', style: { width: `${Math.max(0.01, share) * 100}%` } }),
      el('i', { class: 'budget-tick', style: { left: `${100 / SCALE}%` } }),
    ),
    el(
      'span',
      { class: isBroken ? 'over-words' : 'mute' },
      `${isBroken ? '▲ ' : ''}${signedDuration(medianNs - allowedNs)}`,
    ),
  );
}
