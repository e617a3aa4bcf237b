const SHOWN_MS = 4000;

export function toast(text) {
  const box = document.querySelector('[data-toast]');
  box.textContent = text;
  box.classList.add('shown');
  setTimeout(() => box.classList.remove('shown'), SHOWN_MS);
}
