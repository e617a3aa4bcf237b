/** The rows of the run list. A row that says the same as before is the same element, so focus stays where it is. */
import { droppedText } from '../../src/model/keeping.ts';
import type { RunSummary } from '../../src/model/report.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';
import { layerBar } from './layer-bar.ts';
import { statusSign, whenItWas } from './run-sign.ts';

export interface RunRows {
  readonly element: HTMLElement;
  update(runs: readonly RunSummary[], picked: readonly string[]): void;
}

export function runRows(onPick: (traceId: string, isPicked: boolean) => void): RunRows {
  const element = el('ol', { class: 'run-rows' });
  let drawn = new Map<string, { readonly text: string; readonly row: HTMLElement }>();
  return {
    element,
    update(runs, picked) {
      const longestNs = Math.max(1, ...runs.map((run) => run.wallNs));
      const before = drawn;
      drawn = new Map();
      let next = element.firstElementChild;
      for (const run of runs) {
        const text = `${longestNs} ${JSON.stringify(run)}`;
        const old = before.get(run.traceId);
        const row = old?.text === text ? old.row : runRow(run, longestNs, onPick);
        drawn.set(run.traceId, { text, row });
        const box = row.querySelector('input');
        if (box) box.checked = picked.includes(run.traceId);
        row.classList.toggle('picked', picked.includes(run.traceId));
        if (row === next) next = next.nextElementSibling;
        else element.insertBefore(row, next);
      }
      for (const row of [...element.children].slice(runs.length)) row.remove();
    },
  };
}

function runRow(
  run: RunSummary,
  longestNs: number,
  onPick: (traceId: string, isPicked: boolean) => void,
): HTMLElement {
  const isRunning = run.status === 'running';
  const pick = el('input', {
    type: 'checkbox',
    'aria-label': `Compare the run of ${shorten(run.journey, 60)}, ${run.traceId.slice(0, 8)}`,
    title: 'Compare (x)',
    disabled: isRunning,
    on: { change: () => onPick(run.traceId, pick.checked) },
  });
  const link = el(
    'a',
    { class: `run-row ${run.status}`, href: `/run/${run.traceId}`, 'data-link': true },
    statusSign(run.status),
    el('bdi', { class: 'journey' }, shorten(run.journey, 120)),
    whenItWas(run),
    el('span', { class: 'wall' }, isRunning ? 'running…' : formatDuration(run.wallNs)),
    layerBar(run, longestNs),
    el(
      'span',
      { class: 'sentence', title: droppedText(run.dropped) },
      el('bdi', {}, isRunning ? 'Open it to watch it grow.' : shorten(run.sentence, 300)),
      run.dropped?.spans && el('span', { class: 'left-mark' }, ' · summary only'),
    ),
  );
  return el('li', { 'data-trace': run.traceId }, pick, link);
}
