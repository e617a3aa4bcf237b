/** The lines of a configuration that would set goals for a journey, with figures that its own runs suggest. */
import { percentile } from '../../src/analyse/journey/percentile.ts';
import type { JourneyState } from './journey-state.ts';

export const OBJECTIVE_LINE = 'objective: { ok: 99.5, days: 28 }';
/** A budget at what runs take now would be broken by every second one. */
const ROOM = 1.25;
/** A longer name would be all there is to see. */
const LONGEST_NAME = 120;
const OTHERWISE = "'2s'";

export function configLines(state: JourneyState): string {
  const { journey } = state.history;
  const name = JSON.stringify(journey.length > LONGEST_NAME ? 'the whole name of the journey' : journey);
  return [
    'journeys: {',
    `  ${name}: {`,
    `    budgets: { total: ${suggestedTotal(state)} },`,
    `    ${OBJECTIVE_LINE},`,
    '  },',
    '},',
  ].join('\n');
}

/** A quarter above what 95 of 100 runs stay below, to two digits: `'3.3s'`, `'640ms'`. */
function suggestedTotal({ all }: JourneyState): string {
  const wallsNs = all.filter(({ status }) => status === 'ok').map(({ wallNs }) => wallNs);
  if (wallsNs.length === 0) return OTHERWISE;
  const ms = Math.max(10, Number(((percentile(wallsNs, 95) * ROOM) / 1e6).toPrecision(2)));
  return ms >= 1_000 ? `'${ms / 1_000}s'` : `'${Math.round(ms)}ms'`;
}
