/** The keys of the plumbing. One table: what is listed on screen is what works. */
import type { Direction, Drawing } from './drawing.ts';
import type { PipesState } from './pipes-state.ts';
import { speedsFor } from './player.ts';

export interface PipesKeys {
  readonly state: PipesState;
  readonly drawing: Drawing;
  focusPanel(): void;
}

interface Binding {
  readonly keys: readonly string[];
  readonly shown: string;
  readonly does: string;
  run(target: PipesKeys): void;
}

export const PIPES_KEYS: readonly Binding[] = [
  { keys: [' '], shown: 'Space', does: 'play, pause', run: ({ state }) => state.play(!state.isPlaying) },
  { keys: ['.', '>'], shown: ', .', does: 'piece before, next piece', run: ({ state }) => state.step(1) },
  { keys: [',', '<'], shown: '', does: '', run: ({ state }) => state.step(-1) },
  { keys: ['+', '='], shown: '+ −', does: 'faster, slower', run: ({ state }) => changeSpeed(state, 1) },
  { keys: ['-', '_'], shown: '', does: '', run: ({ state }) => changeSpeed(state, -1) },
  { keys: ['ArrowLeft'], shown: '← ↑ ↓ →', does: 'go from place to place', run: go('left') },
  { keys: ['ArrowRight'], shown: '', does: '', run: go('right') },
  { keys: ['ArrowUp'], shown: '', does: '', run: go('up') },
  { keys: ['ArrowDown'], shown: '', does: '', run: go('down') },
  { keys: ['Enter'], shown: 'Enter', does: 'its story', run: open },
  {
    keys: ['v'],
    shown: 'v',
    does: 'what the verdict blames',
    run: ({ state, drawing }) => {
      const id = state.pipes.guilty;
      if (id === undefined) return;
      state.select(id);
      drawing.focus(id);
    },
  },
  {
    keys: ['Home'],
    shown: 'Home',
    does: 'the whole run',
    run: ({ state }) => {
      state.play(false);
      state.moveTo(undefined);
    },
  },
  { keys: ['Escape'], shown: 'Esc', does: 'close the story', run: close },
];

/** Listens on the document; returns how to stop. */
export function connectPipesKeys(target: PipesKeys): () => void {
  const bindingOf = (event: KeyboardEvent): Binding | undefined => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return undefined;
    if (isTaken(event, target.drawing)) return undefined;
    return PIPES_KEYS.find(({ keys }) => keys.includes(event.key));
  };
  const onKey = (event: KeyboardEvent): void => {
    const binding = bindingOf(event);
    if (!binding) return;
    event.preventDefault();
    binding.run(target);
  };
  // A button is pressed when Space is let go: in the drawing Space plays, and Enter presses.
  const onKeyUp = (event: KeyboardEvent): void => {
    if (event.key === ' ' && bindingOf(event)) event.preventDefault();
  };
  document.addEventListener('keydown', onKey);
  document.addEventListener('keyup', onKeyUp);
  return () => {
    document.removeEventListener('keydown', onKey);
    document.removeEventListener('keyup', onKeyUp);
  };
}

/** Fields, the slider, links and buttons outside the drawing keep the keys that mean something to them. */
function isTaken(event: KeyboardEvent, { element }: Drawing): boolean {
  const on = event.target instanceof Element ? event.target : undefined;
  if (!on || element.contains(on)) return false;
  if (on.closest('input, textarea, select, dialog')) return true;
  if (on.closest('button, a, summary') && (event.key === 'Enter' || event.key === ' ')) return true;
  return on.closest('.panel, .tables') !== null && /^(Arrow|Home| )/.test(event.key);
}

function go(direction: Direction) {
  return ({ drawing, state }: PipesKeys): void => {
    const isIn = drawing.element.contains(document.activeElement);
    const id = isIn
      ? drawing.neighbour(direction)
      : (state.selected ?? state.pipes.guilty ?? state.pipes.source);
    if (id !== undefined) drawing.focus(id);
  };
}

function open({ drawing, state, focusPanel }: PipesKeys): void {
  const on = document.activeElement;
  const id = on instanceof HTMLElement && drawing.element.contains(on) ? on.dataset.place : undefined;
  if (id === undefined) return;
  state.select(id);
  focusPanel();
}

function close({ drawing, state }: PipesKeys): void {
  const id = state.selected;
  state.select(undefined);
  if (id !== undefined) drawing.focus(id);
}

function changeSpeed(state: PipesState, by: 1 | -1): void {
  const speeds = speedsFor(state.pipes.report.wallNs, state.speed);
  const speed = speeds[speeds.indexOf(state.speed) + by];
  if (speed !== undefined) state.setSpeed(speed);
}
