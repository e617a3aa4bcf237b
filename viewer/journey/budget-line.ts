/** The budget of the whole run across a journey's history. */
import type { JourneyHistory } from '../../src/model/journey.ts';
import { formatDuration } from '../../src/model/time.ts';
import { svg } from './svg.ts';

/** A budget that is far above all runs would press them to the ground: it is told at the top, and no line is drawn. */
const FAR_ABOVE = 2;

export const totalBudgetNs = ({ goals }: JourneyHistory): number | undefined =>
  goals?.budgets.find(({ step, of }) => step === null && of === 'total')?.allowedNs;

/** What the chart's scale must reach for it. */
export function budgetReachNs(history: JourneyHistory, mostNs: number): number {
  const allowedNs = totalBudgetNs(history) ?? 0;
  return allowedNs > FAR_ABOVE * mostNs ? 0 : allowedNs;
}

/** @param topNs where the chart's scale ends */
export function budgetLine(
  history: JourneyHistory,
  y: (ns: number) => number,
  width: number,
  topNs: number,
): SVGElement[] {
  const allowedNs = totalBudgetNs(history);
  if (allowedNs === undefined) return [];
  const words = `budget ${formatDuration(allowedNs)}`;
  if (allowedNs > topNs) return [svg('text', { class: 'budget-words', x: 4, y: 10 }, `↑ ${words}`)];
  const at = y(allowedNs);
  // Below the line where there is no room above it.
  const wordsAt = at < 14 ? at + 14 : at - 5;
  return [
    svg('path', { class: 'budget-line', d: `M0 ${at}H${width}` }),
    svg('text', { class: 'budget-words', x: 4, y: wordsAt }, words),
  ];
}

/** `, 610 ms over budget`, or nothing. */
export function overInWords(wallNs: number, history: JourneyHistory): string {
  const allowedNs = totalBudgetNs(history);
  if (allowedNs === undefined || wallNs <= allowedNs) return '';
  return `, ${formatDuration(wallNs - allowedNs)} over budget`;
}
