/** The stops of a walk as a list of links: number, colour, name, time; and the small axis that shows where in the run we are. */
import { formatDuration } from '../../src/model/time.ts';
import type { Walk, WalkStop } from '../../src/model/walk.ts';
import { el } from '../element.ts';
import { addressFor } from '../place.ts';

export interface Rail {
  readonly element: HTMLElement;
  show(stop: number): void;
}

export function createRail(
  walk: Walk,
  addressOf: (stop: number) => string,
  go: (stop: number) => void,
): Rail {
  const links = walk.stops.map((stop, i) => railLink(stop, i, addressOf(i), go));
  const element = el(
    'nav',
    { class: 'walk-rail', 'aria-label': 'Stops' },
    el('ol', {}, ...links.map((link) => el('li', {}, link))),
  );
  const show = (shown: number): void => {
    for (const [i, link] of links.entries()) {
      link.classList.toggle('passed', i < shown);
      if (i === shown) link.setAttribute('aria-current', 'step');
      else link.removeAttribute('aria-current');
    }
    const list = links[0]?.closest('ol');
    const link = links[shown];
    if (list && link) list.scrollLeft = link.offsetLeft - list.clientWidth / 2 + link.clientWidth / 2;
  };
  return { element, show };
}

function railLink(stop: WalkStop, i: number, href: string, go: (stop: number) => void): HTMLAnchorElement {
  const press = (event: MouseEvent): void => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    go(i);
  };
  return el(
    'a',
    {
      href: addressFor(href),
      'data-layer': stop.layer,
      class: stop.guilty ? 'guilty' : undefined,
      on: { click: press },
    },
    el('span', { class: 'number', 'aria-hidden': true }, i + 1),
    el('span', { class: 'stop-name' }, stop.name),
    stop.guilty && el('span', { class: 'blamed', title: 'The verdict names this stop' }, 'verdict'),
    el(
      'span',
      { class: 'figure' },
      stop.layer === undefined ? '' : stop.ns > 0 ? formatDuration(stop.ns) : 'free',
    ),
  );
}

/** Narrower is not seen, % of the run. */
const SEEN_SHARE = 0.4;

export function runAxis(walk: Walk, stop: WalkStop): HTMLElement {
  const wholeNs = walk.wallNs || 1;
  const at = (ns: number): number => Math.min(100, Math.max(0, ((ns - walk.startNs) / wholeNs) * 100));
  const piece = (className: string, startNs: number, endNs: number): HTMLElement => {
    const width = Math.max(SEEN_SHARE, at(endNs) - at(startNs));
    return el('i', {
      class: className,
      style: { left: `${Math.min(at(startNs), 100 - width)}%`, width: `${width}%` },
    });
  };
  const { request } = walk;
  return el(
    'div',
    { class: 'walk-axis', 'data-layer': stop.layer },
    el(
      'div',
      { class: 'track', 'aria-hidden': true },
      piece('followed', request.startNs, request.endNs),
      ...stop.pieces.map(({ startNs, endNs, evidence }) =>
        piece(evidence === 'inferred' ? 'here hatched' : 'here', startNs, endNs),
      ),
    ),
    el('p', {}, whereInRun(walk, stop)),
  );
}

function whereInRun(walk: Walk, { pieces }: WalkStop): string {
  const since = (ns: number): string => formatDuration(Math.max(0, ns - walk.startNs));
  const [first, last] = [pieces[0], pieces.at(-1)];
  const whole = formatDuration(walk.wallNs);
  if (!first || !last)
    return `The request of this walk: from ${since(walk.request.startNs)} to ${since(walk.request.endNs)} of the run’s ${whole}.`;
  return `You are here: from ${since(first.startNs)} to ${since(last.endNs)} of the run’s ${whole}.`;
}
