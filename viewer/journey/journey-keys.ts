/** A journey's history by keyboard. */
import type { JourneyState } from './journey-state.ts';
import { spanOf } from './span-strip.ts';

/** What `+` leaves of the runs, around the one that is selected. */
const ZOOM = 0.5;

export const JOURNEY_KEYS = [
  ['→ j', 'next run'],
  ['← k', 'run before'],
  ['Home End', 'first run, last run'],
  ['Enter', 'open the run'],
  ['+', 'fewer runs, around the one that is chosen'],
  ['f', 'all runs'],
  ['x', 'over time, or run by run'],
  ['Esc', 'no run chosen'],
] as const;

/** @returns how to stop */
export function connectJourneyKeys(
  state: JourneyState,
  chart: HTMLElement,
  open: (traceId: string) => void,
): () => void {
  const acts: Record<string, () => void> = {
    ArrowRight: () => state.step(1),
    ArrowLeft: () => state.step(-1),
    j: () => state.step(1),
    k: () => state.step(-1),
    Home: () => state.step(Number.NEGATIVE_INFINITY),
    End: () => state.step(Number.POSITIVE_INFINITY),
    x: () => state.change({ byRun: !state.byRun }),
    '+': () => zoom(state),
    f: () => state.change({ span: undefined }),
    Escape: () => state.change({ selected: undefined }),
    Enter: () => state.selectedRun && open(state.selectedRun.traceId),
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target, key } = event;
    const isElsewhere = target instanceof HTMLElement && target !== chart && target !== document.body;
    // On a link or a button these mean something already.
    if (isElsewhere && !['x', '+', 'f'].includes(key)) return;
    const act = acts[key];
    if (!act || (key === 'Enter' && target !== chart)) return;
    event.preventDefault();
    act();
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

function zoom(state: JourneyState): void {
  const count = Math.max(1, Math.round(state.shown.length * ZOOM));
  const at = state.shown.findIndex(({ traceId }) => traceId === state.selected);
  const middle = at < 0 ? state.shown.length - 1 : at;
  const start = Math.min(state.shown.length - count, Math.max(0, middle - (count >> 1)));
  const runs = state.shown.slice(start, start + count);
  if (runs.length > 0) state.change({ span: spanOf(runs) });
}
