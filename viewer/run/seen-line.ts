/** One line under the waterfall: which layers were seen and by whom, and whether something is to be known. */
import { LAYER_NAME } from '../../src/model/layer.ts';
import { formatDuration } from '../../src/model/time.ts';
import { type Child, el } from '../element.ts';
import type { RunState } from './run-state.ts';

export function createSeenLine(state: RunState, showRun: () => void): HTMLElement {
  const { coverage, clocks, warnings } = state.report;
  const layers = coverage.map(({ layer, sources, hint }) =>
    el(
      'span',
      { class: sources.length > 0 ? 'seen' : 'unseen', title: sources.join(', ') || hint || 'not seen' },
      el('span', { class: 'dot', 'aria-hidden': true }, sources.length > 0 ? '● ' : '○ '),
      LAYER_NAME[layer],
      sources.length === 0 && ' not seen',
    ),
  );
  const moved = clocks.filter(({ offsetNs }) => offsetNs !== 0);
  const widest = Math.max(0, ...clocks.map(({ boundNs }) => boundNs));
  const notes: Child[] = [
    moved.length > 0
      ? `${moved.length} ${moved.length === 1 ? 'clock' : 'clocks'} aligned ±${formatDuration(widest)}`
      : `clocks agree ±${formatDuration(widest)}`,
    ' · ',
    warnings.length === 0
      ? 'no warnings'
      : `${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`,
  ];
  const about = el('button', { type: 'button', class: 'link', on: { click: showRun } }, ...notes);
  return el(
    'footer',
    { class: 'seen-line' },
    el('span', { class: 'mute' }, 'Seen:'),
    ...(layers.length > 0 ? layers : [el('span', {}, 'not known which layers')]),
    el('span', { class: 'space' }),
    about,
  );
}
