/** The headline: what made this run slow, the proof, and what to look at next. For a failed run, first why it failed. */
import { LAYER_NAME } from '../../src/model/layer.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';
import type { RunState } from './run-state.ts';

const LONGEST_SENTENCE = 400;

export function createVerdict(state: RunState): HTMLElement {
  const { verdict, status, error } = state.report;
  const guilty = state.guilty.inOrder[0];
  const showGuilty = (): void => {
    const first = state.index.positionOf.get(verdict.spanIds[0] ?? '') ?? guilty;
    if (first !== undefined) state.reveal(first);
  };
  return el(
    'section',
    { class: 'verdict', 'aria-label': 'Verdict', 'data-layer': verdict.layer },
    status === 'failed' &&
      el(
        'p',
        { class: 'failure', role: 'alert' },
        el('b', {}, 'This run failed. '),
        el('bdi', {}, shorten(error ?? 'The journey gave no reason.', 2000)),
      ),
    el('h1', {}, el('bdi', {}, shorten(verdict.sentence, LONGEST_SENTENCE))),
    el(
      'p',
      { class: 'proof' },
      verdict.ns > 0 &&
        el(
          'span',
          { class: 'chip' },
          el('i', { class: 'swatch', 'aria-hidden': true }),
          `${LAYER_NAME[verdict.layer]} ${formatDuration(verdict.ns)}`,
        ),
      verdict.evidence &&
        !error?.startsWith(verdict.evidence) &&
        el('bdi', {}, shorten(verdict.evidence, LONGEST_SENTENCE)),
      guilty !== undefined &&
        el('button', { type: 'button', class: 'link', on: { click: showGuilty } }, 'Show it'),
    ),
    verdict.next &&
      el(
        'p',
        { class: 'next' },
        el('b', {}, 'Look next: '),
        el('bdi', {}, shorten(verdict.next, LONGEST_SENTENCE)),
      ),
  );
}
