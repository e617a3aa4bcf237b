/** The keys of a walk. Keys that are typed into a field, or held with Ctrl, Alt or Meta, are not ours. */
export interface WalkKeys {
  readonly last: number;
  move(by: 1 | -1): void;
  go(stop: number): void;
  /** Back to the waterfall. */
  leave(): void;
}

const BY_KEY: Readonly<Record<string, (keys: WalkKeys) => void>> = {
  ArrowRight: (keys) => keys.move(1),
  n: (keys) => keys.move(1),
  ArrowLeft: (keys) => keys.move(-1),
  p: (keys) => keys.move(-1),
  Home: (keys) => keys.go(0),
  End: (keys) => keys.go(keys.last),
  Escape: (keys) => keys.leave(),
};

export function connectWalkKeys(keys: WalkKeys): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    const act = Object.hasOwn(BY_KEY, event.key) ? BY_KEY[event.key] : digit(event.key);
    if (!act) return;
    event.preventDefault();
    act(keys);
  };
  document.addEventListener('keydown', press);
  return () => document.removeEventListener('keydown', press);
}

/** `3` is the third stop. */
const digit = (key: string): ((keys: WalkKeys) => void) | undefined =>
  /^[1-9]$/.test(key) ? (keys) => keys.go(Number(key) - 1) : undefined;

const isField = (target: EventTarget | null): boolean =>
  target instanceof Element && target.matches('input, select, textarea, [contenteditable]');
