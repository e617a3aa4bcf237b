/** What was chosen for comparing: two runs, and the way to see them side by side. */
import type { RunSummary } from '../../src/model/report.ts';
import { formatDuration } from '../../src/model/time.ts';
import { type Child, el, replace, shorten } from '../element.ts';
import { whenItWas } from './run-sign.ts';

export interface CompareBar {
  readonly element: HTMLElement;
  show(picked: readonly string[], runs: readonly RunSummary[]): void;
  /** Goes there, when two are chosen. */
  compare(): void;
}

export function compareBar(navigate: (to: string) => void, clear: () => void): CompareBar {
  const element = el('div', { class: 'compare-bar', role: 'status' });
  let to: string | undefined;
  const go = (): void => void (to && navigate(to));
  return {
    element,
    compare: go,
    show(picked, runs) {
      element.hidden = picked.length === 0;
      const ordered = inOrder(picked, runs);
      const found = ordered.map((id) => runs.find((run) => run.traceId === id));
      to = ordered.length === 2 ? `/compare/${ordered.join('/')}` : undefined;
      replace(
        element,
        ...found.flatMap((run, i) => [i > 0 && ' with ', ...told(ordered[i] ?? '', run)]),
        picked.length === 1 && el('span', { class: 'mute' }, ' Choose one more to compare with.'),
        el('span', { class: 'space' }),
        el('button', { type: 'button', disabled: to === undefined, on: { click: go } }, 'Compare'),
        el('button', { type: 'button', class: 'link', on: { click: clear } }, 'Clear'),
      );
    },
  };
}

/** The later one first: it is what is looked at, and held against the earlier one. */
function inOrder(picked: readonly string[], runs: readonly RunSummary[]): readonly string[] {
  const [a, b] = picked.map((id) => BigInt(runs.find((run) => run.traceId === id)?.startUnixNano ?? 0));
  return a !== undefined && b !== undefined && a < b ? [...picked].reverse() : picked;
}

const told = (traceId: string, run: RunSummary | undefined): Child[] =>
  run
    ? [
        el('b', {}, el('bdi', {}, shorten(run.journey, 40))),
        ` ${formatDuration(run.wallNs)}, `,
        whenItWas(run),
      ]
    : [el('code', {}, traceId.slice(0, 8))];
