/** The comparison by keyboard; the line below the spans lists the same keys. */
import { el } from '../element.ts';
import type { CompareState } from './compare-state.ts';
import type { SpanTable } from './span-table.ts';

export interface KeyTarget {
  readonly state: CompareState;
  readonly table: SpanTable;
  focusSearch(): void;
}

interface Binding {
  readonly keys: readonly string[];
  readonly shown: string;
  readonly does: string;
  run(target: KeyTarget): void;
}

export const COMPARE_KEYS: readonly Binding[] = [
  { keys: ['j', 'ArrowDown'], shown: 'j ↓', does: 'next row', run: (target) => move(target, 1) },
  { keys: ['k', 'ArrowUp'], shown: 'k ↑', does: 'previous row', run: (target) => move(target, -1) },
  {
    keys: ['ArrowRight', 'l'],
    shown: '→',
    does: 'open',
    run: (target) => step(target, () => target.state.inward()),
  },
  {
    keys: ['ArrowLeft', 'h'],
    shown: '←',
    does: 'close',
    run: (target) => step(target, () => target.state.outward()),
  },
  { keys: ['Enter'], shown: 'Enter', does: 'to the waterfalls', run: ({ table }) => table.focusLinks() },
  {
    keys: ['s'],
    shown: 's',
    does: 'largest change first',
    run: ({ state }) => state.set({ sort: state.sort === 'change' ? 'start' : 'change' }),
  },
  { keys: ['/'], shown: '/', does: 'search', run: (target) => target.focusSearch() },
];

/** Only these move from anywhere on the page; the arrows scroll it unless the rows have the focus. */
const ANYWHERE = /^[jks/]$/;

function move(target: KeyTarget, by: number): void {
  step(target, () => target.state.move(by));
}

function step({ table }: KeyTarget, act: () => void): void {
  act();
  table.focus();
  table.showSelected();
}

/** Listens on the document; returns how to stop. */
export function connectCompareKeys(target: KeyTarget): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const element = event.target instanceof Element ? event.target : undefined;
    if (event.key === 'Escape' && element?.closest('.span-tools, .span-rows')) target.table.focus();
    if (element?.closest('input, select, textarea')) return;
    if (element?.closest('button, a') && event.key === 'Enter') return;
    if (!ANYWHERE.test(event.key) && !element?.closest('[role=treegrid]')) return;
    const binding = COMPARE_KEYS.find(({ keys }) => keys.includes(event.key));
    if (!binding) return;
    event.preventDefault();
    binding.run(target);
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

export const keyLine = (): HTMLElement =>
  el(
    'p',
    { class: 'mute key-line' },
    ...COMPARE_KEYS.flatMap(({ shown, does }) => [
      ...shown.split(' ').map((key) => el('kbd', {}, key)),
      ` ${does}  `,
    ]),
  );
