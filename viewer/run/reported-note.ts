/** Over the waterfall while it shows the times as reported: which clocks are moved otherwise, and by how much. */
import { el, replace, shorten } from '../element.ts';
import { offsetInWords } from '../panel/span-panel.ts';
import { movedSpans } from '../trace/reported-times.ts';
import type { RunState } from './run-state.ts';

/** More would push the waterfall off the screen; the rest is in the panel about the run. */
const CLOCKS_TOLD = 4;

export function createReportedNote(state: RunState): HTMLElement {
  const element = el('p', { class: 'reported-note', role: 'status' });
  const show = (): void => {
    element.hidden = !state.reported;
    replace(element, state.reported ? sentence(state) : '');
  };
  state.onChange((changed) => changed.has('rows') && show());
  show();
  return element;
}

function sentence(state: RunState): string {
  const count = movedSpans(state.index);
  if (count === 0) return 'These are the times as reported. Nothing was moved: it is the same picture.';
  const spans = count === 1 ? 'One span stands' : `${count} spans stand`;
  return `Times as reported, without the critical path. ${spans} elsewhere than aligned: ${clocksMoved(state)}`;
}

function clocksMoved({ report }: RunState): string {
  const moved = report.clocks.filter(({ offsetNs, driftPpm }) => offsetNs !== 0 || driftPpm);
  if (moved.length === 0) return 'placed inside what called them; the clocks agree.';
  const told = moved
    .slice(0, CLOCKS_TOLD)
    .map((clock) => `${shorten(clock.clock, 40)} ${offsetInWords(clock)}`);
  const rest = moved.length - told.length;
  return `${told.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}.`;
}
