/** The bar on top of every screen: where you are, and the theme. */
import { type Child, el } from './element.ts';
import { currentTheme, onThemeChange, toggleTheme } from './theme.ts';

export function pageHeader(crumbs: readonly Child[], tools: readonly Child[] = []): HTMLElement {
  return el(
    'header',
    { class: 'page-header' },
    el('a', { class: 'brand', href: '/', 'data-link': true }, brandMark(), 'headwater'),
    el('nav', { class: 'crumbs', 'aria-label': 'You are here' }, ...crumbs),
    el('span', { class: 'space' }),
    ...tools,
    themeButton(),
  );
}

function brandMark(): HTMLElement {
  return el('span', { class: 'mark', 'aria-hidden': true }, el('i', {}), el('i', {}), el('i', {}));
}

function themeButton(): HTMLElement {
  const button = el('button', { type: 'button', class: 'icon', on: { click: toggleTheme } });
  const name = (): void => {
    const other = currentTheme() === 'dark' ? 'light' : 'dark';
    button.textContent = other === 'dark' ? '☾' : '☀';
    button.setAttribute('aria-label', `Switch to ${other} colours`);
    button.title = `Switch to ${other} colours`;
  };
  name();
  onThemeChange(name);
  return button;
}
