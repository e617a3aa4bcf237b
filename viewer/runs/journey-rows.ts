/** The journeys on the first screen: how the last run of each went, how long it takes, and whether that changes. */
import { PERCENTILES, percentilesOf } from '../../src/analyse/journey/percentile.ts';
import type { JourneyRow } from '../../src/model/journey.ts';
import type { RunSummary } from '../../src/model/report.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';
import { formatJourneyAddress } from '../journey/journey-address.ts';
import { budgetNote, budgetTick } from './budget-mark.ts';
import { layerBar } from './layer-bar.ts';
import { statusSign, whenItWas } from './run-sign.ts';
import { sparkline } from './sparkline.ts';

export function journeyRows(rows: readonly JourneyRow[]): HTMLElement {
  const last = rows.flatMap(({ recent }) => recent.find(isFinished) ?? []);
  const longestNs = Math.max(1, ...last.map(({ wallNs }) => wallNs));
  const scaleNs = Math.max(longestNs, ...rows.map((row) => shownBudgetNs(row, longestNs)));
  return el('ul', { class: 'journey-rows' }, ...rows.map((row) => journeyRow(row, scaleNs)));
}

/** A budget that is far above all runs would make every bar a dot: it is told in words alone. */
const FAR_ABOVE = 2;
const shownBudgetNs = ({ budget }: JourneyRow, longestNs: number): number => {
  const allowedNs = budget?.total?.allowedNs ?? 0;
  return allowedNs > FAR_ABOVE * longestNs ? 0 : allowedNs;
};

const isFinished = ({ status }: RunSummary): boolean => status !== 'running';

function journeyRow({ journey, site, runs, recent, budget }: JourneyRow, scaleNs: number): HTMLElement {
  const finished = recent.filter(isFinished);
  const [last] = finished;
  const newest = recent[0];
  const link = el(
    'a',
    { class: 'journey-name', href: formatJourneyAddress({ journey, site }), 'data-link': true },
    el('bdi', {}, shorten(journey, 120) || 'without a name'),
  );
  return el(
    'li',
    { class: 'journey-row' },
    el(
      'div',
      { class: 'who' },
      link,
      el(
        'span',
        { class: 'mute' },
        el('bdi', {}, site ? shorten(site, 80) : 'site not known'),
        ` · ${runs} ${runs === 1 ? 'run' : 'runs'}`,
      ),
    ),
    newest && el('div', { class: 'how' }, statusSign(newest.status), whenItWas(newest)),
    el(
      'div',
      { class: 'last' },
      last
        ? el('div', { class: 'budget-bar' }, layerBar(last, scaleNs), budget && budgetTick(budget, scaleNs))
        : el('span', { class: 'mute' }, 'The first run is under way.'),
      last && el('span', { class: 'wall' }, formatDuration(last.wallNs)),
      budget && budgetNote(budget, last),
    ),
    el('div', { class: 'trend-cell' }, finished.length > 0 && sparkline(finished.toReversed())),
    percentileCell(finished),
  );
}

/** Of the runs that ended well: a failed one may be short because it stopped early. */
function percentileCell(finished: readonly RunSummary[]): HTMLElement {
  const well = finished.filter(({ status }) => status === 'ok').map(({ wallNs }) => wallNs);
  const found = percentilesOf(well);
  if (!found) return el('div', { class: 'percentiles mute' }, finished.length > 0 ? 'none ended well' : '');
  const title = `Of the last ${well.length} ${well.length === 1 ? 'run' : 'runs'} that ended well`;
  return el(
    'dl',
    { class: 'percentiles', title },
    ...PERCENTILES.map((p) =>
      el('div', {}, el('dt', {}, `p${p}`), el('dd', {}, formatDuration(found[`p${p}`]))),
    ),
  );
}
