/** The keys of a screen: a button in its header, and `?`, open the list. */
import { el } from './element.ts';

/** What is pressed, with spaces between keys that belong together, and what that does. */
export type KeyWords = readonly (readonly [keys: string, does: string])[];

export function keyHelp(words: KeyWords): HTMLElement {
  const keys = [...words, ['?', 'this list'] as const].map(([shown, does]) =>
    el('div', {}, el('dt', {}, ...shown.split(' ').map((key) => el('kbd', {}, key))), el('dd', {}, does)),
  );
  const dialog = el(
    'dialog',
    { class: 'help', 'aria-labelledby': 'keys-title' },
    el('h2', { id: 'keys-title' }, 'Keys'),
    el('dl', { class: 'keys' }, ...keys),
    el('form', { method: 'dialog' }, el('button', { type: 'submit' }, 'Close')),
  );
  const show = (): void => dialog.showModal();
  const button = el(
    'button',
    { type: 'button', class: 'icon', 'aria-label': 'Keys', title: 'Keys (?)', on: { click: show } },
    '?',
  );
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  // The screen below it sleeps.
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  const element = el('span', { class: 'key-help' }, button, dialog);
  listen(element, show);
  return element;
}

/** As long as the screen stands. */
function listen(element: HTMLElement, show: () => void): void {
  const onKey = (event: KeyboardEvent): void => {
    if (!element.isConnected) {
      document.removeEventListener('keydown', onKey);
      return;
    }
    const isTyped = event.target instanceof Element && event.target.matches('input, select, textarea');
    if (event.key !== '?' || event.ctrlKey || event.metaKey || event.altKey || isTyped) return;
    event.preventDefault();
    show();
  };
  // Where an address is shown again, the screen before is not yet gone when this one is made.
  queueMicrotask(() => document.addEventListener('keydown', onKey));
}
