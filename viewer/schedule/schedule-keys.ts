/** The schedule by keyboard: from journey to journey, and what their buttons do. */
export const SCHEDULE_KEYS = [
  ['↓ j', 'next journey'],
  ['↑ k', 'journey before'],
  ['p', 'pause it, or resume it'],
  ['r', 'run it now'],
  ['a', 'pause all, or resume all'],
] as const;

/** @returns how to stop */
export function connectScheduleKeys(main: HTMLElement): () => void {
  const rows = (): HTMLElement[] => [...main.querySelectorAll<HTMLElement>('tr[data-journey]')];
  const rowAt = (): number => rows().findIndex((row) => row.contains(document.activeElement));
  const step = (by: number): void => {
    const all = rows();
    const next = Math.min(all.length - 1, Math.max(0, rowAt() < 0 ? 0 : rowAt() + by));
    all[next]?.querySelector<HTMLElement>('a')?.focus();
  };
  const press = (selector: string, within: Element | undefined): void =>
    within?.querySelector<HTMLButtonElement>(selector)?.click();
  const acts: Record<string, () => void> = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    j: () => step(1),
    k: () => step(-1),
    p: () => press('[data-act=pause]', rows()[rowAt()]),
    r: () => press('[data-act=run]', rows()[rowAt()]),
    a: () => press('[data-act=all]', main),
  };
  const onKey = (event: KeyboardEvent): void => {
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}
