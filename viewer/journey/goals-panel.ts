/** What was agreed on for a journey, and how it stands: budgets, the error budget, and what to write when there is none. */
import type { GoalsState } from '../../src/model/goals.ts';
import { el } from '../element.ts';
import { withCode } from '../notice.ts';
import { copyLine } from '../panel/copy-line.ts';
import { budgetTable } from './budget-table.ts';
import { errorBudgetCard } from './error-budget-card.ts';
import { configLines, OBJECTIVE_LINE } from './goal-lines.ts';
import type { JourneyState } from './journey-state.ts';

export function goalsPanel(state: JourneyState): HTMLElement {
  const { goals } = state.history;
  return el(
    'section',
    { class: 'goals' },
    el('h2', {}, 'Budgets'),
    ...(goals && hasAny(goals) ? agreed(goals) : [nothingAgreed(state)]),
  );
}

const hasAny = ({ budgets, errorBudget }: GoalsState): boolean =>
  budgets.length > 0 || errorBudget !== undefined;

const agreed = ({ budgets, errorBudget }: GoalsState): HTMLElement[] => [
  el(
    'div',
    { class: 'goals-parts' },
    errorBudget
      ? errorBudgetCard(errorBudget)
      : el(
          'p',
          { class: 'mute' },
          ...withCode(
            `No objective is set, so nobody counts how many runs may be bad: \`${OBJECTIVE_LINE}\``,
          ),
        ),
    budgets.length > 0
      ? budgetTable(budgets)
      : el(
          'p',
          { class: 'mute' },
          ...withCode("No time is budgeted: `budgets: { total: '2s' }` in `headwater.config.ts`."),
        ),
  ),
];

const nothingAgreed = (state: JourneyState): HTMLElement =>
  el(
    'div',
    { class: 'no-goals' },
    el(
      'p',
      {},
      ...withCode(
        'No budget is set for this journey. Add these lines to `headwater.config.ts` with what you find acceptable, and start `headwater serve` again:',
      ),
    ),
    el('div', { class: 'goal-lines' }, copyLine(configLines(state))),
  );
