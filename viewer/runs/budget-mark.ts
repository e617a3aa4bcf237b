/** How a journey's last run stands against its budgets: a mark on its bar, and a line of words below. */
import { budgetInWords } from '../../src/analyse/goals/goal-words.ts';
import type { BudgetMark } from '../../src/model/goals.ts';
import { LAYER_NAME } from '../../src/model/layer.ts';
import type { RunSummary } from '../../src/model/report.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';

/** Where the budget lies on a bar of that scale; nothing where none is set for the whole run, or it lies outside. */
export function budgetTick({ total }: BudgetMark, scaleNs: number): HTMLElement | undefined {
  if (!total || total.allowedNs > scaleNs) return undefined;
  const left = `${(total.allowedNs / scaleNs) * 100}%`;
  return el('i', { class: 'budget-tick', 'aria-hidden': true, style: { left } });
}

/** @param last the last finished run, which may have failed */
export function budgetNote(mark: BudgetMark, last: Pick<RunSummary, 'traceId'> | undefined): HTMLElement {
  if (mark.traceId !== last?.traceId)
    return el('span', { class: 'budget-note mute' }, 'Not held against its budget: it did not end well.');
  const [worst, ...others] = [...mark.broken].sort((a, b) => weight(b) - weight(a));
  if (!worst) return el('span', { class: 'budget-note kept' }, sign('✓'), keptInWords(mark));
  const more = others.length > 0 ? `, and ${others.length} more` : '';
  const by = formatDuration(worst.actualNs - worst.allowedNs);
  return el(
    'span',
    { class: 'budget-note over' },
    sign('▲'),
    el('span', {}, `${by} over ${worst.step === null ? '' : 'the budget of '}`, what(worst), more),
  );
}

/** The whole run first, for that is what the bar shows; then what is over by most. */
const weight = ({ step, of, actualNs, allowedNs }: BudgetMark['broken'][number]): number =>
  step === null && of === 'total' ? Number.POSITIVE_INFINITY : actualNs / allowedNs;

const sign = (text: string): HTMLElement => el('span', { class: 'budget-sign', 'aria-hidden': true }, text);

function what({ step, of, allowedNs }: BudgetMark['broken'][number]): HTMLElement {
  const allowed = formatDuration(allowedNs);
  if (step !== null) return el('bdi', {}, `${shorten(budgetInWords({ step, of }), 60)} (${allowed})`);
  return el(
    'span',
    {},
    of === 'total' ? `its budget of ${allowed}` : `the ${LAYER_NAME[of]} budget of ${allowed}`,
  );
}

function keptInWords({ budgets, total }: BudgetMark): string {
  if (total && budgets === 1) return `within its budget of ${formatDuration(total.allowedNs)}`;
  return budgets === 1 ? 'within its budget' : `within its ${budgets} budgets`;
}
