/** Anyone can time the viewer: when the first bars of a run are on screen, the page says so, once a run. */
const marked = new WeakSet<object>();

export function markFirstBars(run: object): void {
  if (marked.has(run)) return;
  marked.add(run);
  performance.mark('headwater:first-bars');
}
