/** A journey's history in figures: percentiles, failures, what is usual, and where the time goes by layer. */
import { PERCENTILES, percentilesOf } from '../../src/analyse/journey/percentile.ts';
import { meanLayers } from '../../src/analyse/journey/steps.ts';
import { RUNS_FOR_A_NORMAL } from '../../src/model/journey.ts';
import { LAYER_NAME, LAYERS } from '../../src/model/layer.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';
import { isNearlyGone, leftInWords } from './error-budget-card.ts';
import { runInWords } from './history-chart.ts';
import type { JourneyState, ShownRun } from './journey-state.ts';

/** Per cent. */
const SHARE_SHOWN_FROM = 1;

export function factList(state: JourneyState): HTMLElement {
  const { shown, history } = state;
  const errorBudget = history.goals?.errorBudget;
  const well = shown.filter(({ status }) => status === 'ok');
  const failed = shown.length - well.length;
  const found = percentilesOf(well.map(({ wallNs }) => wallNs));
  const fact = (name: string, value: string, bad = false): HTMLElement =>
    el('div', {}, el('dt', {}, name), el('dd', { class: bad ? 'bad' : '' }, value));
  return el(
    'dl',
    { class: 'journey-facts' },
    fact('runs', String(shown.length)),
    fact('failed', failed === 0 ? 'none' : `✕ ${failed}`, failed > 0),
    ...(found ? PERCENTILES.map((p) => fact(`p${p}`, formatDuration(found[`p${p}`]))) : []),
    errorBudget && fact('error budget', leftInWords(errorBudget), isNearlyGone(errorBudget)),
  );
}

/** What the figures rest on, and what is missing for more. */
export function usualSentence(state: JourneyState): string {
  const { total, runs } = state.history;
  const rest = total > runs.length ? ` Shown are the last ${runs.length} of ${total} runs.` : '';
  return tellUsual(state) + rest;
}

function tellUsual({ history, shown }: JourneyState): string {
  const { usual } = history;
  if (usual)
    return `Usually ${formatDuration(usual.medianNs)}: between ${formatDuration(usual.lowNs)} and ${formatDuration(usual.highNs)} is no surprise, as the last ${usual.runs} healthy runs tell.`;
  const wells = shown.filter(({ status }) => status === 'ok').length;
  if (wells === 0)
    return 'None of these runs ended well: percentiles and what is usual are told of those only.';
  const healthy = history.runs.filter((run) => run.healthy).length;
  return `What is usual is known from ${RUNS_FOR_A_NORMAL} healthy runs on; there ${healthy === 1 ? 'is' : 'are'} ${healthy === 0 ? 'none' : healthy} so far.`;
}

export function layerLegend(shown: readonly ShownRun[]): HTMLElement {
  const layers = meanLayers(shown);
  const total = Object.values(layers).reduce((a, b) => a + b, 0) || 1;
  const keys = LAYERS.filter((layer) => layers[layer]).map((layer) => {
    const share = Math.round(((layers[layer] ?? 0) / total) * 100);
    return el(
      'li',
      { 'data-layer': layer },
      el('i', { class: 'swatch', 'aria-hidden': true }),
      LAYER_NAME[layer],
      el('span', { class: 'mute' }, ` ${share < SHARE_SHOWN_FROM ? '< 1' : share} %`),
    );
  });
  return el('ul', { class: 'layer-legend', 'aria-label': 'Share of the time by layer' }, ...keys);
}

/** The run that is pointed at, in words. */
export function readout({ selectedRun: run, history }: JourneyState): HTMLElement[] {
  if (!run)
    return [
      el('span', { class: 'mute' }, 'Point at a bar, or use the arrow keys, to read a run; Enter opens it.'),
    ];
  return [
    el('b', {}, shorten(runInWords(run, history), 300)),
    el('span', {}, ' ', el('bdi', {}, shorten(run.sentence, 300)), ' '),
    el('a', { href: `/run/${run.traceId}`, 'data-link': true }, 'Open the run'),
  ];
}
