/** A bar to the right of zero for what took longer, to the left for what took less; and the words for a change. */
import { signedDuration } from '../../src/analyse/compare/sentence.ts';
import type { Layer } from '../../src/model/layer.ts';
import { el } from '../element.ts';

export interface BarPiece {
  readonly layer: Layer | undefined;
  readonly deltaNs: number;
}

/** @param mostNs what reaches the edge on either side */
export function changeBar(pieces: readonly BarPiece[], mostNs: number): HTMLElement {
  const grown = pieces.filter(({ deltaNs }) => deltaNs > 0);
  const shrunk = pieces.filter(({ deltaNs }) => deltaNs < 0);
  const side = (name: string, its: readonly BarPiece[]): HTMLElement =>
    el('span', { class: `half ${name}` }, ...its.map((piece) => pieceOf(piece, mostNs)));
  return el(
    'span',
    { class: 'change-bar', 'aria-hidden': true },
    side('shorter', shrunk),
    side('longer', grown),
  );
}

const pieceOf = ({ layer, deltaNs }: BarPiece, mostNs: number): HTMLElement =>
  el('i', {
    'data-layer': layer,
    style: { width: `${(Math.abs(deltaNs) / Math.max(1, mostNs)) * 100}%` },
  });

/** `+314 ms`; what took longer is set apart by weight, not by colour alone. */
export const changeText = (deltaNs: number): HTMLElement =>
  el('span', { class: deltaNs > 0 ? 'change longer' : 'change' }, signedDuration(deltaNs));
