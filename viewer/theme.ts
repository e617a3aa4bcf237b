/** Light or dark: as the system has it, until the person decides otherwise. */

export type Theme = 'light' | 'dark';

const KEY = 'headwater:theme';
const DARK = '(prefers-color-scheme: dark)';

const system = (): Theme => (matchMedia(DARK).matches ? 'dark' : 'light');

/** Storage may be forbidden; then the choice lasts as long as the page. */
function stored(): Theme | undefined {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : undefined;
  } catch {
    return undefined;
  }
}

export const currentTheme = (): Theme => {
  const chosen = document.documentElement.dataset.theme;
  return chosen === 'light' || chosen === 'dark' ? chosen : system();
};

export function applyStoredTheme(): void {
  const chosen = stored();
  if (chosen) document.documentElement.dataset.theme = chosen;
}

/** Choosing what the system has anyway means following the system again. */
export function toggleTheme(): void {
  const next: Theme = currentTheme() === 'dark' ? 'light' : 'dark';
  const follow = next === system();
  if (follow) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    if (follow) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // As said above.
  }
  document.dispatchEvent(new Event('headwater:theme'));
}

/** Calls back when the colours change, whoever changed them; returns how to stop. */
export function onThemeChange(listener: () => void): () => void {
  const media = matchMedia(DARK);
  media.addEventListener('change', listener);
  document.addEventListener('headwater:theme', listener);
  return () => {
    media.removeEventListener('change', listener);
    document.removeEventListener('headwater:theme', listener);
  };
}
