/** A journey's history in tables: its steps, what was blamed how often, and the runs themselves. */
import { type StepHistory, stepHistories } from '../../src/analyse/journey/steps.ts';
import { type Blamed, blamedIn } from '../../src/analyse/journey/verdicts.ts';
import { LAYER_NAME } from '../../src/model/layer.ts';
import { formatDuration } from '../../src/model/time.ts';
import { type Child, el, shorten } from '../element.ts';
import { causeInWords } from '../panel/cause.ts';
import { layerBar } from '../runs/layer-bar.ts';
import { statusSign } from '../runs/run-sign.ts';
import { sparkline } from '../runs/sparkline.ts';
import type { ShownRun } from './journey-state.ts';

/** More than a person reads; the run list has them all. */
const RUNS_LISTED = 100;

const table = (
  caption: string,
  heads: readonly Child[],
  rows: readonly HTMLElement[],
  name = '',
): HTMLElement =>
  el(
    'div',
    { class: 'table-box', tabindex: 0, role: 'group', 'aria-label': caption },
    el(
      'table',
      { class: `journey-table ${name}` },
      el('caption', { class: 'spoken' }, caption),
      el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
      el('tbody', {}, ...rows),
    ),
  );

const cell = (...children: Child[]): HTMLElement => el('td', {}, ...children);
const figure = (ns: number | undefined): HTMLElement =>
  el('td', { class: 'number' }, ns === undefined ? '–' : formatDuration(ns));

export function stepTable(runs: readonly ShownRun[]): HTMLElement {
  const steps = stepHistories(runs);
  if (steps.length === 0) return el('p', { class: 'mute' }, 'The journey names no steps in these runs.');
  const scaleNs = Math.max(1, ...steps.map(({ medianNs }) => medianNs ?? 0));
  const rows = steps.map((step) => stepRow(step, scaleNs));
  return table('Steps', ['Step', 'Median', 'p95', 'Where it went, on average', 'Trend'], rows, 'steps');
}

function stepRow(step: StepHistory, scaleNs: number): HTMLElement {
  const failed = step.failed > 0 && el('span', { class: 'failures' }, ` ✕ failed ${step.failed} ×`);
  const bar = { layers: step.layers, wallNs: step.medianNs ?? 0, status: 'ok' } as const;
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, el('bdi', {}, shorten(step.name, 120)), failed),
    figure(step.medianNs),
    figure(step.p95Ns),
    cell(step.medianNs === undefined ? 'It never ended well.' : layerBar(bar, scaleNs)),
    cell(sparkline(step.outcomes)),
  );
}

export function blamedTable(runs: readonly ShownRun[]): HTMLElement {
  const blamed = blamedIn(runs);
  if (blamed.length === 0) return el('p', { class: 'mute' }, 'No run of these had a problem worth a word.');
  const rows = blamed.map((one) => blamedRow(one, runs.length));
  return table('What was blamed, and how often', ['Verdict', 'In', 'Runs', 'Last'], rows, 'blamed');
}

function blamedRow({ layer, component, cause, traceIds }: Blamed, total: number): HTMLElement {
  const last = traceIds.at(-1) ?? '';
  return el(
    'tr',
    {},
    el(
      'th',
      { scope: 'row', 'data-layer': layer },
      el('i', { class: 'swatch', 'aria-hidden': true }),
      `${LAYER_NAME[layer]}: ${shorten(causeInWords(cause), 60)}`,
    ),
    cell(el('bdi', {}, shorten(component, 80))),
    el('td', { class: 'number' }, `${traceIds.length} of ${total}`),
    cell(el('a', { href: `/run/${last}`, 'data-link': true, class: 'mono' }, last.slice(0, 8))),
  );
}

/** Newest first: what the chart shows, for those who read. */
export function runTable(runs: readonly ShownRun[]): HTMLElement {
  const scaleNs = Math.max(1, ...runs.map(({ wallNs }) => wallNs));
  const rows = runs
    .slice(-RUNS_LISTED)
    .reverse()
    .map((run) => runRow(run, scaleNs));
  const rest = runs.length - rows.length;
  return el(
    'div',
    {},
    table('Runs', ['Run', 'Status', 'Began', 'Time', 'Layers', 'Verdict'], rows, 'runs-table'),
    rest > 0 && el('p', { class: 'mute' }, `And ${rest} before these: choose an earlier span to see them.`),
  );
}

function runRow(run: ShownRun, scaleNs: number): HTMLElement {
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, el('a', { href: `/run/${run.traceId}`, 'data-link': true }, `#${run.number}`)),
    cell(statusSign(run.status)),
    el('td', { class: 'nowrap' }, new Date(run.startMs).toLocaleString()),
    figure(run.wallNs),
    cell(layerBar(run, scaleNs)),
    cell(el('bdi', {}, shorten(run.sentence, 240))),
  );
}
