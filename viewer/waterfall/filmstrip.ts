/**
 * Pictures of the page on the time axis. As many as fit; the one at the pointer, or with the focus, is shown large
 * below. Pressing one zooms to the time in which it came about.
 */

import type { Frame } from '../../src/model/report.ts';
import { formatDuration, type Nanos } from '../../src/model/time.ts';
import { el } from '../element.ts';
import { pack } from '../packed.ts';
import type { RunState } from '../run/run-state.ts';
import type { Geometry } from './geometry.ts';
import { rovingButtons, stripScale } from './strip.ts';
import { frameAt, thinFrames } from './thin-frames.ts';
import { windowAround } from './time-window.ts';

/** Small enough for twenty of them, large enough to tell a blank page from a filled one. */
const FRAME_WIDTH_PX = 80;
const GAP_PX = 3;
const PREVIEW_WIDTH_PX = 400;

export interface Filmstrip {
  readonly element: HTMLElement;
  draw(geometry: Geometry): void;
}

export function createFilmstrip(state: RunState): Filmstrip {
  const frames = state.frames.filter((frame) => frameUrl(state.report.traceId, frame) !== undefined);
  const strip = el('div', { class: 'film', role: 'group', 'aria-label': 'Pictures of the page, by time' });
  const preview = createPreview(state);
  const caption = el('span', { class: 'caption' }, 'Page');
  const element = el(
    'div',
    { class: 'filmstrip', hidden: frames.length === 0 },
    caption,
    strip,
    preview.element,
  );
  if (frames.length === 0) return { element, draw: () => {} };
  const settle = rovingButtons(strip);
  const shown = new Map<string, HTMLButtonElement>();
  let geometry: Geometry | undefined;

  function draw(next: Geometry): void {
    geometry = next;
    const { x, width } = stripScale(next, state.window);
    const placed = thinFrames(frames, x, width, FRAME_WIDTH_PX + GAP_PX);
    const keep = new Set(placed.map(({ frame }) => frame.file));
    for (const [file, button] of shown) {
      if (keep.has(file)) continue;
      button.remove();
      shown.delete(file);
    }
    for (const { frame, left } of placed) {
      const button = shown.get(frame.file) ?? frameButton(frame, state);
      shown.set(frame.file, button);
      button.style.transform = `translateX(${Math.round(left)}px)`;
      if (button.parentElement !== strip) strip.append(button);
    }
    settle();
  }

  const frameOfButton = (target: EventTarget | null): Frame | undefined =>
    frames.find((frame) => shown.get(frame.file)?.contains(target as Node));
  const show = (frame: Frame | undefined, atNs: Nanos): void => {
    if (geometry && frame) preview.show(frame, stripScale(geometry, state.window).x(atNs), geometry);
    else preview.hide();
  };
  strip.addEventListener('pointermove', (event) => {
    if (!geometry) return;
    const { width } = stripScale(geometry, state.window);
    const share = (event.clientX - strip.getBoundingClientRect().left) / width;
    const ns = state.window.startNs + share * (state.window.endNs - state.window.startNs);
    show(frameAt(frames, ns), ns);
  });
  strip.addEventListener('pointerleave', () => preview.hide());
  strip.addEventListener('focusin', (event) => {
    const frame = frameOfButton(event.target);
    show(frame, frame?.timeNs ?? 0);
  });
  strip.addEventListener('focusout', () => preview.hide());
  strip.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') preview.hide();
  });
  return { element, draw };
}

function frameButton(frame: Frame, state: RunState): HTMLButtonElement {
  const time = formatDuration(frame.timeNs);
  const image = el('img', {
    src: frameUrl(state.report.traceId, frame),
    alt: `The page at ${time}`,
    decoding: 'async',
    draggable: 'false',
  });
  const button = el(
    'button',
    { type: 'button', class: 'frame', tabindex: -1, on: { click: () => zoomTo(frame, state) } },
    image,
  );
  image.addEventListener('error', () => button.classList.add('gone'));
  return button;
}

/**
 * ```
 * // frames   |before        |this
 * // window  |----------------|       what led from the one to the other
 * ```
 */
function zoomTo(frame: Frame, state: RunState): void {
  const before = state.frames.findLast((other) => other.timeNs < frame.timeNs);
  state.setWindow(windowAround(before?.timeNs ?? state.extent.startNs, frame.timeNs, state.extent));
}

function createPreview(state: RunState) {
  const image = el('img', { alt: '' });
  const time = el('span', { class: 'figure' });
  const element = el('div', { class: 'film-preview', hidden: true, 'aria-hidden': true }, image, time);
  return {
    element,
    hide: (): void => {
      element.hidden = true;
    },
    show: (frame: Frame, x: number, { chartLeft, width }: Geometry): void => {
      const url = frameUrl(state.report.traceId, frame) ?? '';
      if (image.getAttribute('src') !== url) image.src = url;
      time.textContent = `The page at ${formatDuration(frame.timeNs)}`;
      const size = Math.min(PREVIEW_WIDTH_PX, width - 16);
      const left = Math.min(Math.max(chartLeft + x - size / 2, 8), width - size - 8);
      element.style.width = `${size}px`;
      element.style.transform = `translateX(${Math.round(left)}px)`;
      element.hidden = false;
    },
  };
}

/** A name is a path of plain words: anything else is not asked for. */
const PLAIN_PATH = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/;

export function frameUrl(traceId: string, { file }: Frame): string | undefined {
  if (!PLAIN_PATH.test(file)) return undefined;
  const path = `/api/runs/${encodeURIComponent(traceId)}/files/${file}`;
  return pack ? pack.picture(path) : path;
}
