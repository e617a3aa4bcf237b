/** The walkthrough of a run: one stop a page, by keyboard, by link, by the list of stops. The address says which. */
import type { Walk } from '../../src/model/walk.ts';
import { ask } from '../api.ts';
import { el, replace, shorten } from '../element.ts';
import { keyHelp } from '../key-help.ts';
import { pack } from '../packed.ts';
import { addressFor, goTo } from '../place.ts';
import { runHeader } from '../run/run-header.ts';
import { readAndShow, type Screen, type TakeDown } from '../screen.ts';
import { packedWalk } from './packed-walk.ts';
import { createRail } from './rail.ts';
import { createStopPage, type StopPage } from './stop-page.ts';
import { formatWalkAddress, parseWalkAddress, type WalkAddress } from './walk-address.ts';
import { connectWalkKeys } from './walk-keys.ts';

export const walkScreen: Screen = ({ page, path, query, navigate }) => {
  const address = parseWalkAddress(path, query);
  if (!address) return undefined;
  const asked = address.request === undefined ? '' : `?req=${encodeURIComponent(address.request)}`;
  return readAndShow(page, {
    waiting: 'Preparing the walk…',
    failed: 'This run cannot be walked through',
    ask: () =>
      pack
        ? packedWalk(address.traceId, address.request?.toLowerCase())
        : ask<Walk>(`/api/runs/${encodeURIComponent(address.traceId)}/walk${asked}`),
    show: (walk) => showWalk(page, walk, { ...address, traceId: walk.traceId }, navigate),
  });
};

function showWalk(
  page: HTMLElement,
  walk: Walk,
  address: WalkAddress,
  navigate: (to: string) => void,
): TakeDown {
  const last = walk.stops.length - 1;
  let at = Math.min(address.stop, last);
  let shown: StopPage | undefined;
  const addressOf = (stop: number): string => formatWalkAddress({ ...address, stop });
  const move = (to: number): void => {
    const next = Math.min(Math.max(to, 0), last);
    if (next === at) return;
    at = next;
    goTo(addressOf(at));
    draw();
    shown?.title.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  };
  const rail = createRail(walk, addressOf, move);
  const content = el('div', { class: 'walk-content' });
  const back = el('button', { type: 'button', on: { click: () => move(at - 1) } }, '← Back');
  const next = el('button', { type: 'button', class: 'onward', on: { click: () => move(at + 1) } }, 'Next →');
  const link = el('a', { class: 'button', 'data-link': true }, 'Show it in the waterfall');
  const draw = (): void => {
    shown?.stop();
    shown = createStopPage(walk, at);
    replace(content, shown.element);
    rail.show(at);
    back.disabled = at === 0;
    next.disabled = at === last;
    const following = walk.stops[at + 1];
    next.textContent = following ? `Next: ${following.name} →` : 'Next →';
    link.setAttribute('href', addressFor(waterfallOf(walk, at)));
    document.title = `${walk.stops[at]?.name ?? 'Walk'} · ${shorten(walk.journey, 60)} · Headwater`;
  };
  const keys = el(
    'p',
    { class: 'walk-keys mute' },
    ...KEYS_SHOWN.flatMap(([key, does]) => [el('kbd', {}, key), ` ${does} `]),
  );
  const foot = el('div', { class: 'walk-foot' }, back, next, el('span', { class: 'space' }), link);
  replace(
    page,
    runHeader(walk, 'walk', [keyHelp(KEYS_SHOWN)]),
    el('main', { class: 'walk' }, rail.element, el('div', { class: 'walk-body' }, content, foot, keys)),
  );
  draw();
  rail.show(at);
  const disconnect = connectWalkKeys({
    move: (by) => move(at + by),
    go: move,
    last,
    leave: () => navigate(waterfallOf(walk, at)),
  });
  return () => {
    disconnect();
    shown?.stop();
  };
}

const KEYS_SHOWN = [
  ['→', 'next'],
  ['←', 'back'],
  ['Home', 'first'],
  ['End', 'last'],
  ['1–9', 'that stop'],
  ['Esc', 'waterfall'],
] as const;

const waterfallOf = ({ traceId, stops }: Walk, at: number): string => {
  const spanId = stops[at]?.spanId;
  return `/run/${traceId}${spanId === undefined ? '' : `?sel=${encodeURIComponent(spanId)}`}`;
};
