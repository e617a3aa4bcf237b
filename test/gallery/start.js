// Runs inside an example, before the viewer: waits for the font, starts the viewer, presses the example's keys, and
// says when everything is there (`data-gallery="ready"` on the root element).
const { viewer, example } = document.querySelector('[data-viewer]').dataset;
const { shows, keys } = JSON.parse(example);
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

async function until(holds) {
  while (!holds()) await nextFrame();
}

// Words are measured and drawn once: the font must be there before.
await Promise.all([...document.fonts].map((font) => font.load()));
await import(viewer);
await until(() => document.querySelector(shows));
for (const key of keys) {
  document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  await nextFrame();
  await nextFrame();
}
await until(() => [...document.images].every((image) => image.complete));
await nextFrame();
await nextFrame();
document.documentElement.dataset.gallery = 'ready';
