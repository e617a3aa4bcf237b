/** The help: how to read the picture, and the keys. */
import { el } from '../element.ts';
import { MARK_KINDS } from '../trace/marks.ts';
import { markSign } from '../waterfall/mark-sign.ts';
import { KEYS } from './keyboard.ts';

export interface Help {
  readonly element: HTMLDialogElement;
  show(): void;
}

export function createHelp(): Help {
  const keys = KEYS.filter(({ shown }) => shown !== '').map(({ shown, does }) =>
    el('div', {}, el('dt', {}, ...shown.split('  ').map((key) => el('kbd', {}, key))), el('dd', {}, does)),
  );
  const element = el(
    'dialog',
    { class: 'help', 'aria-labelledby': 'help-title' },
    el('h2', { id: 'help-title' }, 'Reading the waterfall'),
    el(
      'ul',
      { class: 'reading' },
      sample('path', 'Full colour: the run waited for exactly this.'),
      sample('own', 'Half: it worked, but the run did not wait for it.'),
      sample('wait', 'Pale: it was open and waited for something below it.'),
      sample('hatched', 'Hatched: inferred from what others saw, or unknown.'),
      sample('line', 'Line underneath: the critical path passes here or below.'),
      sample('error', 'Red frame: it failed.'),
      sample('struck', 'Crossed: a try that lost or failed; another took its place.'),
      sample('spare', 'Dashed: a connection that no request used.'),
      el(
        'li',
        {},
        el('span', { class: 'signs' }, ...MARK_KINDS.map(markSign)),
        'Moments: error, warning, milestone of the page, note.',
      ),
    ),
    el('h2', {}, 'Keys'),
    el('dl', { class: 'keys' }, ...keys),
    el(
      'p',
      { class: 'mute' },
      'Wheel scrolls; Ctrl + wheel (or two fingers) zooms; drag the bars to pan; drag in the whole-run strip to choose a window.',
    ),
    el('form', { method: 'dialog' }, el('button', { type: 'submit' }, 'Close')),
  );
  element.addEventListener('click', (event) => {
    if (event.target === element) element.close();
  });
  return { element, show: () => element.showModal() };
}

const sample = (tone: string, words: string): HTMLElement =>
  el('li', {}, el('i', { class: `sample ${tone}`, 'data-layer': 'db', 'aria-hidden': true }), words);

export const helpButton = (show: () => void): HTMLElement =>
  el(
    'button',
    {
      type: 'button',
      class: 'icon',
      'aria-label': 'Help and keys',
      title: 'Help and keys (?)',
      on: { click: show },
    },
    '?',
  );
