/** What is shown of a run whose spans were dropped: why there is no waterfall, and all that is kept instead of it. */
import { layersOf } from '../../src/analyse/journey/outcome.ts';
import { droppedText } from '../../src/model/keeping.ts';
import { LAYER_NAME } from '../../src/model/layer.ts';
import type { LedgerEntry, RunView, StepReport } from '../../src/model/report.ts';
import { formatDuration } from '../../src/model/time.ts';
import { type Child, el, replace, shorten } from '../element.ts';
import { causeInWords } from '../panel/cause.ts';
import { layerBar } from '../runs/layer-bar.ts';
import { headline, LONGEST_SENTENCE } from './headline.ts';
import { runHeader } from './run-header.ts';

/** A ledger's smaller pieces are noise beside these. */
const PIECES_SHOWN = 20;

export function showLeftOver(page: HTMLElement, { report, dropped }: RunView): () => void {
  const { verdict, steps, ledger, wallNs } = report;
  document.title = `${shorten(report.journey, 60)} · Headwater`;
  const main = el(
    'main',
    { class: 'history left-over' },
    headline(
      report,
      [el('bdi', {}, shorten(verdict.evidence, LONGEST_SENTENCE))],
      [
        el(
          'p',
          { class: 'next' },
          el('b', {}, 'Look next: '),
          el('bdi', {}, shorten(verdict.next, LONGEST_SENTENCE)),
        ),
        el(
          'p',
          { class: 'left-note', role: 'note' },
          el('b', {}, 'There is no waterfall of this run: '),
          `${droppedText(dropped)}. Its verdict, ledger and steps are kept.`,
        ),
      ],
    ),
    table(
      'Where the time went',
      ['Layer', 'Cause', 'Who', 'Time'],
      [...ledger]
        .sort((a, b) => b.ns - a.ns)
        .slice(0, PIECES_SHOWN)
        .map(pieceRow),
    ),
    steps.length > 0 &&
      table(
        'Steps',
        ['Step', 'Time', 'Where it went'],
        steps.map((step) => stepRow(step, wallNs)),
      ),
  );
  replace(page, runHeader(report, 'waterfall'), main);
  return () => {};
}

const table = (caption: string, heads: readonly string[], rows: readonly HTMLElement[]): HTMLElement =>
  el(
    'div',
    { class: 'table-box', tabindex: 0, role: 'group', 'aria-label': caption },
    el(
      'table',
      { class: 'journey-table' },
      el('caption', {}, caption),
      el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
      el('tbody', {}, ...rows),
    ),
  );

const row = (first: Child, ...cells: Child[]): HTMLElement =>
  el('tr', {}, el('th', { scope: 'row' }, first), ...cells.map((cell) => el('td', {}, cell)));

const pieceRow = ({ layer, cause, component, ns }: LedgerEntry): HTMLElement =>
  row(LAYER_NAME[layer], causeInWords(cause), el('bdi', {}, shorten(component, 80)), formatDuration(ns));

const stepRow = ({ name, status, wallNs, ledger }: StepReport, longestNs: number): HTMLElement =>
  row(
    el('bdi', {}, shorten(name, 120), status === 'failed' && ' ✕ failed'),
    formatDuration(wallNs),
    layerBar({ layers: layersOf(ledger), wallNs, status }, Math.max(1, longestNs)),
  );
