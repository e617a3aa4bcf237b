/** The run list by keyboard: `j` `k` from row to row, `x` to choose one for comparing, `c` to compare, `/` to search. */

export interface RunsKeys {
  readonly list: HTMLElement;
  focusSearch(): void;
  compare(): void;
}

export const RUNS_KEYS = [
  ['j', 'next run'],
  ['k', 'run before'],
  ['Enter', 'open it'],
  ['x', 'choose it for comparing'],
  ['c', 'compare the two that are chosen'],
  ['/', 'search'],
] as const;

/** @returns how to stop */
export function connectRunsKeys({ list, focusSearch, compare }: RunsKeys): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const act = {
      j: () => step(list, 1),
      k: () => step(list, -1),
      x: () => pick(list),
      c: compare,
      '/': focusSearch,
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type !== 'checkbox');

const linksOf = (list: HTMLElement): HTMLElement[] => [...list.querySelectorAll<HTMLElement>('a.run-row')];

function step(list: HTMLElement, by: 1 | -1): void {
  const links = linksOf(list);
  const at = links.findIndex((link) => link.parentElement?.contains(document.activeElement));
  const next = at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + by));
  links[next]?.focus();
}

function pick(list: HTMLElement): void {
  const row = linksOf(list).find((link) =>
    link.parentElement?.contains(document.activeElement),
  )?.parentElement;
  row?.querySelector<HTMLInputElement>('input:not(:disabled)')?.click();
}
