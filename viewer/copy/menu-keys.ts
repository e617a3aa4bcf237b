/** The keys of a menu: arrows go round, a letter goes to the next choice that begins with it, Escape closes. */

export function menuKey(event: KeyboardEvent, items: readonly HTMLElement[], close: () => void): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key === 'Tab') return;
  const here = items.indexOf(document.activeElement as HTMLElement);
  const to: Readonly<Record<string, number>> = {
    ArrowDown: (here + 1) % items.length,
    ArrowUp: here <= 0 ? items.length - 1 : here - 1,
    Home: 0,
    End: items.length - 1,
  };
  const next = Object.hasOwn(to, event.key) ? to[event.key] : beginningWith(event.key, items, here);
  if (event.key === 'Escape') keep(event, close);
  // Enter and Space press the choice, as they press any button.
  else if (event.key !== 'Enter' && event.key !== ' ') keep(event, () => items[next ?? here]?.focus());
}

function beginningWith(letter: string, items: readonly HTMLElement[], here: number): number | undefined {
  const inTurn = items.map((_, i) => (here + 1 + i) % items.length);
  return inTurn.find((i) => items[i]?.textContent?.toLowerCase().startsWith(letter.toLowerCase()));
}

/** The key is ours: nobody else hears it. */
export function keep(event: KeyboardEvent, act: () => void): void {
  event.preventDefault();
  event.stopPropagation();
  act();
}
