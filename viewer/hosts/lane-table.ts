/** A host's lanes as numbers: over the whole run, and the highest in each step. */
import type { Lane, StepReport } from '../../src/model/report.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';
import { factsOfLane, formatValue, type HostLanes } from '../trace/lane-facts.ts';

/** A table wider than this is read by nobody; the lanes have every step. */
const STEPS_SHOWN = 8;

export function laneTable({ host, lanes }: HostLanes, steps: readonly StepReport[]): HTMLElement {
  const shown = steps.slice(0, STEPS_SHOWN);
  const titles = [
    'mean',
    'highest',
    'when',
    'limit',
    ...shown.map((step) => `highest in “${shorten(step.name, 40)}”`),
  ];
  const caption = `What the host ${shorten(host, 60)} measured during the run`;
  return el(
    'div',
    { class: 'lane-table', tabindex: 0, role: 'group', 'aria-label': caption },
    el(
      'table',
      {},
      el('caption', { class: 'spoken' }, caption),
      el(
        'thead',
        {},
        el('tr', {}, ...['quantity', ...titles].map((title) => el('th', { scope: 'col' }, title))),
      ),
      el('tbody', {}, ...lanes.map((lane) => laneRow(lane, shown))),
    ),
  );
}

function laneRow(lane: Lane, steps: readonly StepReport[]): HTMLElement {
  const facts = factsOfLane(lane);
  const value = (n: number | undefined): string => (n === undefined ? '–' : formatValue(n, lane.unit));
  const cells = [
    value(facts?.mean),
    value(facts?.highest),
    facts ? formatDuration(facts.highestNs) : '–',
    value(lane.limit),
    ...steps.map((step) => value(highestIn(lane, step))),
  ];
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, el('bdi', {}, shorten(lane.name, 80))),
    ...cells.map((cell) => el('td', {}, cell)),
  );
}

function highestIn({ timesNs, values }: Lane, { startNs, wallNs }: StepReport): number | undefined {
  let highest: number | undefined;
  timesNs.forEach((time, i) => {
    if (time >= startNs && time <= startNs + wallNs)
      highest = Math.max(highest ?? Number.NEGATIVE_INFINITY, values[i] ?? 0);
  });
  return highest;
}
