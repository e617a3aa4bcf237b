/** The panel beside the waterfall: the selected span, the selected group, or the run. */
import { el, replace } from '../element.ts';
import type { RunState } from '../run/run-state.ts';
import { leadOf } from '../trace/rows.ts';
import { spanAt } from '../trace/span-index.ts';
import { groupPanel, runPanel } from './run-panel.ts';
import { spanPanel } from './span-panel.ts';

export interface Panel {
  readonly element: HTMLElement;
  focus(): void;
}

export function createPanel(state: RunState, close: () => void): Panel {
  const content = el('div', { class: 'panel-content' });
  const closer = el(
    'button',
    {
      type: 'button',
      class: 'icon close',
      'aria-label': 'Close the panel',
      title: 'Close (Esc)',
      on: { click: close },
    },
    '✕',
  );
  const element = el('aside', { class: 'panel', 'aria-label': 'Details', tabindex: -1 }, closer, content);

  function show(): void {
    const row = state.selectedRow;
    element.hidden = !state.panelOpen;
    element.dataset.layer = row ? spanAt(state.index, leadOf(row)).layer : '';
    const children = !row
      ? runPanel(state)
      : row.kind === 'group'
        ? groupPanel(state, row)
        : spanPanel(state, row.span);
    replace(content, ...children);
    element.scrollTop = 0;
  }

  state.onChange((changed) => {
    if (changed.has('selection') || changed.has('panel')) show();
  });
  show();
  return { element, focus: () => content.querySelector('h2')?.focus() };
}
