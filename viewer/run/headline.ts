/** The verdict as the headline of a screen: why the run failed, the sentence, and under it whose time it was. */
import { LAYER_NAME } from '../../src/model/layer.ts';
import type { RunReport } from '../../src/model/report.ts';
import { formatDuration } from '../../src/model/time.ts';
import { type Child, el, shorten } from '../element.ts';

export const LONGEST_SENTENCE = 400;

/**
 * @param beside what stands in one line with the layer's time
 * @param below further lines
 */
export function headline(
  { verdict, status, error }: Pick<RunReport, 'verdict' | 'status' | 'error'>,
  beside: readonly Child[],
  below: readonly Child[] = [],
): HTMLElement {
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
      ...beside,
    ),
    ...below,
  );
}
