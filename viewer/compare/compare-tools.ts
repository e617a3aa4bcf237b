/** What one can do with a comparison: choose what it is held against, swap, copy; and, for its spans, search and filter. */
import type { CompareChoice, CompareChoices, Comparison } from '../../src/model/comparison.ts';
import { formatDuration, unixMsFromNano } from '../../src/model/time.ts';
import { copyText } from '../copy/clipboard.ts';
import { el, shorten } from '../element.ts';
import type { CompareState } from './compare-state.ts';

export const USUAL = 'normal';
const LONGEST_NAME = 40;
/** Long enough to be read, short enough to be pressed again. */
const SAID_FOR_MS = 1_500;

export function otherPicker(
  choices: CompareChoices,
  chosen: string,
  choose: (other: string) => void,
): HTMLElement {
  const { usualRuns, runs } = choices;
  const usual =
    usualRuns === null
      ? 'what is usual (needs five earlier runs without a problem)'
      : `what is usual (${usualRuns} runs)`;
  const options = runs.map((run) => option(run.traceId, runName(run, choices.a), run.traceId === chosen));
  const isListed = chosen === USUAL || runs.some(({ traceId }) => traceId === chosen);
  const select = el(
    'select',
    {},
    option(USUAL, usual, chosen === USUAL, usualRuns === null && chosen !== USUAL),
    !isListed && option(chosen, `run ${chosen.slice(0, 8)}`, true),
    ...options,
  );
  select.addEventListener('change', () => choose(select.value));
  return el('label', { class: 'other-picker' }, 'Compared with ', select);
}

const option = (value: string, text: string, selected: boolean, disabled = false): HTMLElement =>
  el('option', { value, selected, disabled }, text);

/** `24 Nov 2026, 10:00:25 · 1.53 s · d08197fc`, and the journey where it is another one. */
function runName(run: CompareChoice, a: CompareChoice): string {
  const parts = [when(run.startUnixNano), formatDuration(run.wallNs), run.traceId.slice(0, 8)];
  if (run.status === 'failed') parts.push('failed');
  if (run.journey !== a.journey) parts.unshift(shorten(run.journey, LONGEST_NAME));
  return parts.join(' · ');
}

export const when = (startUnixNano: string): string =>
  new Date(unixMsFromNano(BigInt(startUnixNano))).toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle: 'medium',
  });

/** Undefined where there is no run to swap with. */
export function swapLink({ a, b }: Comparison): HTMLElement | undefined {
  if (b.traceId === null) return undefined;
  return el('a', { class: 'button', href: `/compare/${b.traceId}/${a.traceId}`, 'data-link': true }, 'Swap');
}

export function copyButton(text: () => string): HTMLElement {
  const button = el('button', { type: 'button' }, 'Copy as Markdown');
  const said = el('span', { class: 'spoken', role: 'status' });
  const say = (words: string): void => {
    [button.textContent, said.textContent] = [words, words];
    setTimeout(() => {
      [button.textContent, said.textContent] = ['Copy as Markdown', ''];
    }, SAID_FOR_MS);
  };
  button.addEventListener('click', () => {
    void copyText(text()).then(
      () => say('Copied'),
      () => say('Not allowed'),
    );
  });
  return el('span', {}, button, said);
}

export interface SpanTools {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  draw(): void;
}

export function spanTools(state: CompareState): SpanTools {
  const search = el('input', { type: 'search', placeholder: 'Search spans', 'aria-label': 'Search spans' });
  search.value = state.query;
  search.addEventListener('input', () => state.set({ query: search.value }));
  const least = el('input', { type: 'number', min: 0, step: 1, class: 'least', inputmode: 'numeric' });
  least.value = String(state.minNs / 1e6);
  least.addEventListener('input', () => {
    const ms = Number(least.value);
    if (least.value !== '' && Number.isFinite(ms) && ms >= 0) state.set({ minNs: Math.round(ms * 1e6) });
  });
  const sort = el('button', { type: 'button', class: 'toggle' }, 'Largest change first');
  sort.addEventListener('click', () => state.set({ sort: state.sort === 'change' ? 'start' : 'change' }));
  const count = el('span', { class: 'mute', role: 'status' });
  const draw = (): void => {
    sort.setAttribute('aria-pressed', String(state.sort === 'change'));
    count.textContent = `${state.rows.found} of ${(state.comparison.spans?.length ?? 0) + (state.comparison.leftOut?.spans ?? 0)} spans`;
  };
  const label = el('label', {}, 'changed by at least ', least, ' ms');
  return { element: el('div', { class: 'span-tools' }, search, label, sort, count), search, draw };
}
