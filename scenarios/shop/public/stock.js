import { call } from './api.js';

/** Below this, say how many are left. */
const FEW = 150;

export async function showStock() {
  const labels = new Map(
    [...document.querySelectorAll('[data-stock]')].map((el) => [Number(el.dataset.stock), el]),
  );
  if (labels.size === 0) return;
  for (const { id, stock } of await stockOf([...labels.keys()])) {
    const label = labels.get(id);
    label.textContent = stock === 0 ? 'Sold out' : stock < FEW ? `${stock} left` : 'In stock';
    label.classList.toggle('low', stock < FEW);
  }
}

/** In one question, unless the page says how many products are to be in each. */
async function stockOf(ids) {
  const inEach = Number(document.querySelector('meta[name=stock-in-each]')?.content ?? ids.length);
  const questions = [];
  for (let i = 0; i < ids.length; i += inEach)
    questions.push(call('GET', `/api/stock?ids=${ids.slice(i, i + inEach).join(',')}`));
  return (await Promise.all(questions)).flat();
}
