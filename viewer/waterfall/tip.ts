/** One tooltip for all that carries `data-tip`, under the pointer or with the focus. Escape puts it away. */
import { el } from '../element.ts';

const MARGIN_PX = 8;

export function createTip(area: HTMLElement): HTMLElement {
  const tip = el('div', { class: 'tip', role: 'tooltip', hidden: true });
  const hide = (): void => {
    tip.hidden = true;
  };
  const show = (event: Event): void => {
    const owner = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-tip]') : null;
    if (!owner) {
      hide();
      return;
    }
    tip.textContent = owner.dataset.tip ?? '';
    tip.hidden = false;
    place(tip, owner, area);
  };
  area.addEventListener('pointerover', show);
  area.addEventListener('focusin', show);
  area.addEventListener('focusout', hide);
  area.addEventListener('pointerleave', hide);
  area.addEventListener('keydown', (event) => event.key === 'Escape' && hide());
  return tip;
}

function place(tip: HTMLElement, owner: HTMLElement, area: HTMLElement): void {
  const [box, at] = [area.getBoundingClientRect(), owner.getBoundingClientRect()];
  const centre = at.left + at.width / 2 - box.left;
  const room = box.width - tip.offsetWidth - MARGIN_PX;
  const left = Math.max(MARGIN_PX, Math.min(centre - tip.offsetWidth / 2, room));
  tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(at.bottom - box.top + 4)}px)`;
}
