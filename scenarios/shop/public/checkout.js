import { call } from './api.js';

export function checkoutForm() {
  const form = document.querySelector('[data-checkout]');
  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    placeOrder(form);
  });
}

async function placeOrder(form) {
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    const { order } = await call('POST', '/api/order', Object.fromEntries(new FormData(form)));
    location.assign(`/confirmation/${order}`);
  } catch (error) {
    form.querySelector('[data-problem]').textContent = error.message;
    button.disabled = false;
  }
}
