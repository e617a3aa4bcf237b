import { call } from './api.js';

/** Below this, say how many are left. */
const FEW = 150;

export async function showStock() {
  const labels = new Map(
    [...document.querySelectorAll('[data-stock]')].map((el) => [Number(el.dataset.stock), el]),
  );
  if (labels.size === 0) return;
  for (const { id, stock } of await call('GET', `/api/stock?ids=${[...labels.keys()].join(',')}`)) {
    const label = labels.get(id);
    label.textContent = stock === 0 ? 'Sold out' : stock < FEW ? `${stock} left` : 'In stock';
    label.classList.toggle('low', stock < FEW);
  }
}
