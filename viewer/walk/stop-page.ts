/** One stop of a walk: where in the run, what happened there in plain sentences, the drawing, what can go wrong, where to look. */
import { LAYER_NAME } from '../../src/model/layer.ts';
import { formatDuration } from '../../src/model/time.ts';
import type { Walk, WalkRequest, WalkStop } from '../../src/model/walk.ts';
import { type Child, el } from '../element.ts';
import { withCode } from '../notice.ts';
import { pack } from '../packed.ts';
import { addressFor } from '../place.ts';
import { createFigure, type Figure } from './figure.ts';
import { runAxis } from './rail.ts';
import { formatWalkAddress } from './walk-address.ts';

export interface StopPage {
  readonly element: HTMLElement;
  readonly title: HTMLElement;
  stop(): void;
}

export function createStopPage(walk: Walk, number: number): StopPage {
  const stop = walk.stops[number]!;
  const title = el('h1', { tabindex: -1 }, el('bdi', {}, stop.title));
  const figure = stop.drawing && createFigure(stop.drawing, stop.layer);
  const element = el(
    'article',
    { class: 'walk-stop', 'data-layer': stop.layer },
    el('p', { class: 'walk-place' }, `Stop ${number + 1} of ${walk.stops.length}`, ...amountOf(stop)),
    title,
    stop.guilty &&
      el(
        'p',
        { class: 'walk-guilty' },
        `The verdict names this stop: here the run ${walk.status === 'failed' ? 'failed' : 'lost its time'}.`,
      ),
    runAxis(walk, stop),
    el(
      'div',
      { class: 'walk-story' },
      ...stop.sentences.map((sentence) => el('p', {}, el('bdi', {}, sentence))),
    ),
    figure?.element,
    asides(stop),
    number === 0 || number === walk.stops.length - 1 ? otherWays(walk, number === 0) : undefined,
  );
  return { element, title, stop: () => (figure as Figure | undefined)?.stop() };
}

const amountOf = (stop: WalkStop): Child[] =>
  stop.layer === undefined
    ? []
    : [
        el(
          'span',
          { class: 'chip' },
          el('i', { class: 'swatch', 'aria-hidden': true }),
          `${LAYER_NAME[stop.layer]} ${stop.ns > 0 ? formatDuration(stop.ns) : 'nothing to pay'}`,
        ),
      ];

function asides({ risks, look }: WalkStop): HTMLElement | undefined {
  if (risks.length + look.length === 0) return undefined;
  return el(
    'div',
    { class: 'walk-asides' },
    risks.length > 0 &&
      el(
        'section',
        {},
        el('h2', {}, 'What can go wrong here'),
        el(
          'ul',
          {},
          ...risks.map(({ words, cause, happened }) =>
            el(
              'li',
              {},
              words,
              ' ',
              el('code', {}, cause),
              happened && el('span', { class: 'happened' }, ' so it was in this run'),
            ),
          ),
        ),
      ),
    look.length > 0 &&
      el(
        'section',
        {},
        el('h2', {}, 'Where to look'),
        el('ul', {}, ...look.map((line) => el('li', {}, el('bdi', {}, ...withCode(line))))),
      ),
  );
}

/** Other requests to walk along; first the one that the verdict is about. A file that carries its run holds one walk. */
function otherWays(walk: Walk, isFirst: boolean): HTMLElement | undefined {
  const { verdictRequest, others, traceId } = walk;
  const rest = others.filter(({ spanId }) => spanId !== verdictRequest?.spanId);
  if (pack || (!verdictRequest && (rest.length === 0 || !isFirst))) return undefined;
  const link = ({ spanId, name, waitedNs }: WalkRequest, note: string): HTMLElement =>
    el(
      'li',
      {},
      el(
        'a',
        { href: addressFor(formatWalkAddress({ traceId, stop: 0, request: spanId })), 'data-link': true },
        el('bdi', {}, name),
      ),
      el(
        'span',
        { class: 'figure' },
        ` ${note}${waitedNs > 0 ? `the run waited ${formatDuration(waitedNs)}` : 'the run did not wait for it'}`,
      ),
    );
  return el(
    'section',
    { class: 'walk-others' },
    el('h2', {}, 'Walk along another request'),
    el(
      'ul',
      {},
      verdictRequest && link(verdictRequest, 'the one of the verdict; '),
      ...(isFirst ? rest.map((other) => link(other, '')) : []),
    ),
  );
}
