import { call } from './api.js';
import { toast } from './toast.js';

export function addToCartButtons() {
  for (const button of document.querySelectorAll('[data-add]')) {
    button.addEventListener('click', () => add(button));
  }
}

async function add(button) {
  button.disabled = true;
  try {
    const { count } = await call('POST', '/api/cart', { product: Number(button.dataset.add), quantity: 1 });
    document.querySelector('[data-cart-count]').textContent = count;
    toast(`${button.dataset.name} is in your cart`);
  } catch (error) {
    toast(error.message);
  } finally {
    button.disabled = false;
  }
}
