/** Measures and moves things in turn, so that the browser lays the page out again and again. */
const beganMs = performance.now();
const { ms, fault } = document.currentScript.dataset;

function fitCards(forMs) {
  const shelf = document.createElement('div');
  shelf.innerHTML = '<p style="float:left">offer <b>new</b></p>'.repeat(600);
  document.documentElement.append(shelf);
  const startMs = performance.now();
  for (let width = 300; performance.now() - startMs < forMs; width = (width + 7) % 900) {
    shelf.style.width = `${300 + width}px`;
    if (shelf.offsetHeight < 0) break;
  }
  shelf.remove();
}

fitCards(Number(ms));
noteFault(fault, performance.now() - beganMs);
