/**
 * A step of Chrome DevTools Recorder names its element in several ways, best first; one is taken.
 *
 * | prefix    | means                                   | here                                  |
 * |-----------|-----------------------------------------|---------------------------------------|
 * | `aria/`   | accessible name, `[role="…"]` after it   | `getByRole`, else label or text       |
 * | `text/`   | the text in it                          | `getByText`                           |
 * | `xpath/`  | an XPath                                | `locator('xpath=…')`                  |
 * | `pierce/` | CSS that looks into shadow roots        | `locator`, which always does          |
 * | none      | CSS                                     | `locator`                             |
 *
 * A list instead of a text goes from shadow host to shadow host.
 * https://github.com/puppeteer/replay/blob/main/docs/api/types/Selector.md
 */
import type { Finder } from './recording.ts';

export type Selector = string | readonly string[];

/** Undefined when none of them can be used. */
export function finderOf(selectors: readonly Selector[], isField: boolean): readonly Finder[] | undefined {
  const usable = selectors.filter(isUsable);
  const chosen = [...usable].sort((a, b) => rankOf(a, isField) - rankOf(b, isField))[0];
  if (chosen === undefined) return undefined;
  const chain = typeof chosen === 'string' ? [chosen] : chosen;
  return [...chain.map((selector) => partOf(selector, isField)), { by: 'first' }];
}

const isUsable = (selector: unknown): selector is Selector =>
  (typeof selector === 'string' && selector.trim() !== '') ||
  (Array.isArray(selector) &&
    selector.length > 0 &&
    selector.every((part) => typeof part === 'string' && part.trim() !== ''));

/**
 * What says most about what a person saw first; a name without a role says it, but Playwright has no way to ask for it
 * except of fields. Equal ranks keep the recorder's order.
 */
function rankOf(selector: Selector, isField: boolean): number {
  const last = typeof selector === 'string' ? selector : (selector.at(-1) ?? '');
  if (last.startsWith('aria/')) return ROLE.test(last) || isField ? 0 : 4;
  if (last.startsWith('text/')) return 3;
  if (last.startsWith('xpath/')) return 2;
  return 1;
}

const ROLE = /\[role="([a-z]+)"\]\s*$/i;

function partOf(selector: string, isField: boolean): Finder {
  const [, kind, rest = ''] = /^(aria|text|xpath|pierce)\/([\s\S]*)$/.exec(selector) ?? [];
  if (kind === 'aria') return ariaFinder(rest, isField);
  if (kind === 'text') return { by: 'text', text: rest };
  if (kind === 'xpath') return { by: 'css', selector: `xpath=${rest}` };
  return { by: 'css', selector: `css=${kind === 'pierce' ? rest : selector}` };
}

function ariaFinder(text: string, isField: boolean): Finder {
  const role = ROLE.exec(text)?.[1];
  const name = text
    .replace(/\[\w+="(?:[^"\\]|\\.)*"\]\s*$/g, '')
    .replace(/\\(.)/g, '$1')
    .trim();
  if (role) return { by: 'role', role: role.toLowerCase(), ...(name ? { name, exact: true } : {}) };
  return isField ? { by: 'label', text: name, exact: true } : { by: 'text', text: name, exact: true };
}
