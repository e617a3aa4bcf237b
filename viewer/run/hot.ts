/** Functions that were sampled under pieces of the ledger, where a run was profiled. Closed until somebody asks. */
import type { HotFunction, HotPiece } from '../../src/model/cpu-profile.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';
import { causeInWords } from '../panel/cause.ts';
import type { RunState } from './run-state.ts';

const PLACE_LENGTH = 80;

export function createHot(state: RunState): HTMLElement | undefined {
  const hot = state.hotPieces;
  if (hot.length === 0) return undefined;
  const [first] = hot[0]!.functions;
  const most = first ? `: most in ${first.name}, ${formatDuration(first.selfNs)}` : '';
  return el(
    'details',
    { class: 'hot' },
    el('summary', {}, el('b', {}, 'Hot functions'), el('bdi', {}, shorten(most, PLACE_LENGTH))),
    ...hot.map(pieceOf),
  );
}

const pieceOf = ({ layer, component, cause, thread, ns, sampledNs, functions }: HotPiece): HTMLElement =>
  el(
    'table',
    { 'data-layer': layer },
    el(
      'caption',
      {},
      el('i', { class: 'swatch', 'aria-hidden': true }),
      el('bdi', {}, `${causeInWords(cause)} in ${shorten(component, PLACE_LENGTH)}`),
      `: ${thread} at work for ${formatDuration(sampledNs)} of ${formatDuration(ns)}`,
    ),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        ...['own time', 'with what it called', 'function', 'where'].map((text) =>
          el('th', { scope: 'col' }, text),
        ),
      ),
    ),
    el('tbody', {}, ...functions.map(rowOf)),
  );

const rowOf = ({ name, url, line, selfNs, totalNs }: HotFunction): HTMLElement =>
  el(
    'tr',
    {},
    el('td', { class: 'amount' }, formatDuration(selfNs)),
    el('td', { class: 'amount' }, formatDuration(totalNs)),
    el('td', {}, el('bdi', {}, shorten(name, PLACE_LENGTH))),
    el(
      'td',
      {},
      el('bdi', {}, url ? `${shorten(url, PLACE_LENGTH)}${line > 0 ? `:${line}` : ''}` : 'the engine itself'),
    ),
  );
