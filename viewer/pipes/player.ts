/** The clock of the play: moves the moment on while it plays. Where motion is not wanted, it goes from piece to piece. */
import type { Nanos } from '../../src/model/time.ts';
import type { PipesState } from './pipes-state.ts';

/** Long enough to follow, short enough to look at to the end. */
const WHOLE_PLAY_MS = 12_000;
const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10];
/** A tab that was hidden comes back with one long frame: the play goes on where it was. */
const LONGEST_FRAME_MS = 250;

/** Plays the whole run in about twelve seconds; two digits, for a person reads it. */
export function fittingSpeed(wallNs: Nanos): number {
  const exact = wallNs / 1e6 / WHOLE_PLAY_MS;
  return Math.max(0.001, Number(exact.toPrecision(2)));
}

export const speedsFor = (wallNs: Nanos, chosen: number): number[] =>
  [...new Set([...SPEEDS, fittingSpeed(wallNs), chosen])].sort((a, b) => a - b);

/** @returns how to stop it for good */
export function connectPlayer(state: PipesState): () => void {
  const isStill = matchMedia('(prefers-reduced-motion: reduce)');
  let frame = 0;
  let beforeMs = 0;
  /** Where the clock is, and where it last put the moment: elsewhere, somebody else (the scrubber) has put it. */
  let [clockNs, shownNs] = [0, 0];
  const show = (): void => {
    const piece = state.pipes.play[state.pieceAt(clockNs)];
    shownNs = isStill.matches && piece ? piece.startNs : clockNs;
    state.moveTo(shownNs);
  };
  const tick = (nowMs: number): void => {
    clockNs += Math.min(nowMs - beforeMs, LONGEST_FRAME_MS) * 1e6 * state.speed;
    beforeMs = nowMs;
    if (clockNs >= state.endNs) {
      state.moveTo(state.endNs);
      state.play(false);
      return;
    }
    show();
    frame = requestAnimationFrame(tick);
  };
  state.onChange((aspect) => {
    if (aspect === 'moment' && state.atNs !== undefined && state.atNs !== shownNs) clockNs = state.atNs;
    if (aspect !== 'playing') return;
    cancelAnimationFrame(frame);
    if (!state.isPlaying) return;
    clockNs = state.atNs ?? state.startNs;
    beforeMs = performance.now();
    frame = requestAnimationFrame(tick);
  });
  return () => cancelAnimationFrame(frame);
}
