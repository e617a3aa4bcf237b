/** A line to be pasted elsewhere, with a button that copies it. */
import { copyText } from '../copy/clipboard.ts';
import { el } from '../element.ts';

/** Long enough to be read, short enough to be pressed again. */
const SAID_FOR_MS = 1_500;

export function copyLine(line: string): HTMLElement {
  const said = el('span', { class: 'spoken', role: 'status' });
  const button = el(
    'button',
    { type: 'button', class: 'toggle small', 'aria-label': `Copy: ${line}` },
    'Copy',
  );
  const say = (word: string): void => {
    [button.textContent, said.textContent] = [word, word];
    setTimeout(() => {
      [button.textContent, said.textContent] = ['Copy', ''];
    }, SAID_FOR_MS);
  };
  button.addEventListener('click', () => {
    void copyText(line).then(
      () => say('Copied'),
      () => say('Not allowed'),
    );
  });
  return el('div', { class: 'copy-line' }, el('code', {}, line), button, said);
}
