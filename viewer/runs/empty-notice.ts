/** What the first screen says before there is a first run. */
import { el } from '../element.ts';

export function emptyNotice(): HTMLElement {
  const step = (command: string, meaning: string): HTMLElement =>
    el('li', {}, el('code', {}, command), ` ${meaning}`);
  return el(
    'div',
    { class: 'notice' },
    el('h2', {}, 'No runs yet'),
    el(
      'p',
      {},
      'A run is one execution of a journey: a real browser, traced down to the database. Make the first one:',
    ),
    el(
      'ul',
      { class: 'commands' },
      step('npm run demo', 'starts a small shop and checks out in it'),
      step('npx headwater run journey.ts', 'runs a journey of your own'),
    ),
    el('p', {}, 'This page shows it as soon as it starts.'),
  );
}
