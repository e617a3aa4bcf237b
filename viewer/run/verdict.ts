/** The headline: what made this run slow, the proof, and what to look at next. For a failed run, first why it failed. */
import type { Confidence, UsualTime } from '../../src/model/report.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';
import { causeInWords } from '../panel/cause.ts';
import { headline, LONGEST_SENTENCE } from './headline.ts';
import type { RunState } from './run-state.ts';

const DOUBT: Readonly<Record<Confidence, string>> = {
  certain: 'Certain',
  likely: 'Likely, not certain',
  thin: 'The evidence is thin',
};

const usualInWords = ({ runs, wallNs }: UsualTime): string =>
  `Usually ${formatDuration(wallNs)}, as ${runs} earlier runs say.`;

/** The run's other problems, each a way to its first span. */
function createOthers(state: RunState): HTMLElement | undefined {
  const { ledger, verdict } = state.report;
  if (!verdict.others?.length) return undefined;
  const links = verdict.others.map(({ layer, component, cause, ns }) => {
    const piece = ledger.find((entry) => entry.layer === layer && entry.cause === cause);
    const span = state.index.positionOf.get(piece?.spanIds[0] ?? '');
    const text = `${causeInWords(cause)} in ${shorten(component, 60)}, ${formatDuration(ns)}`;
    const reveal = (): void => {
      if (span !== undefined) state.reveal(span);
    };
    return el(
      'li',
      { 'data-layer': layer },
      el('i', { class: 'swatch', 'aria-hidden': true }),
      el('button', { type: 'button', class: 'link', on: { click: reveal } }, el('bdi', {}, text)),
    );
  });
  return el('div', { class: 'others' }, el('b', {}, 'Also'), el('ul', {}, ...links));
}

export function createVerdict(state: RunState): HTMLElement {
  const { verdict, error } = state.report;
  const guilty = state.guilty.inOrder[0];
  const showGuilty = (): void => {
    const first = state.index.positionOf.get(verdict.spanIds[0] ?? '') ?? guilty;
    if (first !== undefined) state.reveal(first);
  };
  return headline(
    state.report,
    [
      verdict.evidence &&
        !error?.startsWith(verdict.evidence) &&
        el('bdi', {}, shorten(verdict.evidence, LONGEST_SENTENCE)),
      verdict.doubt &&
        el('bdi', { class: 'doubt' }, `${DOUBT[verdict.confidence ?? 'likely']}: ${verdict.doubt}`),
      verdict.usual && el('span', {}, usualInWords(verdict.usual)),
      guilty !== undefined &&
        el('button', { type: 'button', class: 'link', on: { click: showGuilty } }, 'Show it'),
    ],
    [
      createOthers(state),
      verdict.next &&
        el(
          'p',
          { class: 'next' },
          el('b', {}, 'Look next: '),
          el('bdi', {}, shorten(verdict.next, LONGEST_SENTENCE)),
        ),
    ],
  );
}
