/** Screens without data: loading, nothing there, something wrong. Words that say what to do. */
import { type Child, el } from './element.ts';

export const loadingNotice = (what: string): HTMLElement =>
  el('div', { class: 'notice', role: 'status' }, el('p', { class: 'pulse' }, what));

export function errorNotice(title: string, sentence: string, ...actions: Child[]): HTMLElement {
  return el(
    'div',
    { class: 'notice', role: 'alert' },
    el('h1', {}, title),
    el('p', {}, ...withCode(sentence)),
    el('p', { class: 'actions' }, ...actions),
  );
}

/** Text with `commands` between backquotes, set as code. */
export function withCode(sentence: string): Child[] {
  return sentence.split('`').map((part, i) => (i % 2 === 1 ? el('code', {}, part) : part));
}
